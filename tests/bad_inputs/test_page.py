"""docs/reliability.md tells of the cases that there are."""

from __future__ import annotations

import re

from tests.bad_inputs import report
from tests.bad_inputs.cases import LISTED


def test_the_table_counts_the_cases_that_there_are():
    page = report.PAGE.read_text("utf-8")
    table = page.partition(report.BEGIN)[2].partition(report.END)[0]
    told = {what: int(tried) for what, tried in re.findall(r"^\| (.+?) \| (\d+) \|", table, re.M)}
    for status, what in report.KINDS.items():
        assert told[what] == sum(case.status == status for case in LISTED), (
            "run: python -m tests.bad_inputs.report --write"
        )
    assert "FAILED" not in table
