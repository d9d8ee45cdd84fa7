"""Every case by its id."""

from __future__ import annotations

from tests.bad_inputs import (
    cases_cells,
    cases_clinic,
    cases_dates,
    cases_files,
    cases_more,
    cases_places,
    cases_sense,
    cases_settings,
    cases_study,
    cases_texts,
    cases_workbooks,
)
from tests.bad_inputs.case import Case

TABLES = (
    cases_files,
    cases_cells,
    cases_sense,
    cases_study,
    cases_more,
    cases_texts,
    cases_dates,
    cases_workbooks,
    cases_clinic,
    cases_settings,
    cases_places,
)
LISTED: tuple[Case, ...] = tuple(case for table in TABLES for case in table.ALL)
CASES = {case.id: case for case in LISTED}
