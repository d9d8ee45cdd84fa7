"""The bugs to plant fit the code as it stands; planting them takes minutes and is done by hand (see run.py)."""

import pytest

from tests.planted.run import PAGE, ROOT, bugs, page

BUGS = bugs()


@pytest.mark.parametrize("bug", BUGS, ids=[bug["does"] for bug in BUGS])
def test_each_bug_has_its_place(bug):
    assert (ROOT / bug["file"]).read_text("utf-8").count(bug["old"]) == 1
    assert bug["old"] != bug["new"]
    assert all((ROOT / name).exists() for name in bug["tests"])


def test_there_are_thirty_and_the_page_says_that_all_were_killed():
    assert len(BUGS) >= 30
    assert PAGE.read_text("utf-8") == page(BUGS, ["killed"] * len(BUGS)), "run python -m tests.planted.run"
