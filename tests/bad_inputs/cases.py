"""Every case by its id."""

from __future__ import annotations

from tests.bad_inputs import cases_cells, cases_files, cases_more, cases_sense, cases_study
from tests.bad_inputs.case import Case

LISTED: tuple[Case, ...] = (*cases_files.ALL, *cases_cells.ALL, *cases_sense.ALL, *cases_study.ALL, *cases_more.ALL)
CASES = {case.id: case for case in LISTED}
