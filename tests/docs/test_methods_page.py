"""docs/methods.md is what the code says: generated parts current, every method placed where it is used."""

import re

from docs import make_methods
from stats import run
from stats.methods import descriptions
from tests.docs.pages import ROOT, read


def test_the_page_is_current():
    assert make_methods.page(read("methods.md")) == read("methods.md"), "run python -m docs.make_methods"


def test_where_a_method_is_used_is_true(counted):
    """Every kind that uses a method in the shipped study is named beside it."""
    study, results = counted
    for row in results.rows:
        if row.analysis in study.analyses:
            kind = study.analyses[row.analysis].kind
            if row.method:
                said = make_methods.USED[row.method]
                assert kind in said or said.startswith("any kind"), row.address
            if row.variable.endswith(".alternative"):
                assert kind in make_methods.BESIDE[row.level], row.address


def test_only_methods_and_kinds_that_exist_are_named():
    named = {**make_methods.USED, **make_methods.BESIDE}
    assert set(named) <= set(descriptions())
    for kind in run.kinds():
        assert kind in " ".join(named.values()) or kind == "flow"


def test_what_no_kind_uses_is_called_by_no_analysis():
    named = {*make_methods.USED, *make_methods.BESIDE}
    for key in set(descriptions()) - named:
        for path in (ROOT / "stats" / "analyses").glob("*.py"):
            assert not re.search(rf"\b{key.replace('-', '_')}\(", path.read_text("utf-8")), f"{path.name} uses {key}"
