"""Exhibits show analyses that they can show; lists of names have some, and none twice."""

from __future__ import annotations

import pytest

from stats.study.read import examine
from tests import contract_studies

EXHIBIT = '[exhibits.e]\nkind = "{kind}"\nof = [{of}]\n[[sections]]\nid = "a"\nexhibits = ["e"]\n'


def problems(folder, analyses):
    return [(p.code, p.column, p.reason) for p in examine(contract_studies.write(folder, ["R", "D"], n=2, analyses=analyses))[1]]


@pytest.mark.parametrize(("kind", "of", "said"), [
    ("survival-curve", ["base"], "base is an analysis of kind characteristics; kind survival-curve shows survival"),
    ("survival", ["relapse"], "relapse is an analysis of kind incidence; kind survival shows survival"),
    ("grades", ["il6"], "il6 is an analysis of kind kinetics; kind grades shows adverse-events"),
    ("characteristics", ["response"], "response is an analysis of kind proportion; kind characteristics shows characteristics"),
    ("proportion", ["response", "response_site"], "response, response_site compare different groups, and one table has one "
     "column for each group"),
])
def test_what_an_exhibit_cannot_show(kind, of, said, tmp_path):
    listed = ", ".join(f'"{name}"' for name in of)
    found = problems(tmp_path / "study", contract_studies.ANALYSES + EXHIBIT.format(kind=kind, of=listed))
    assert found == [("E_CONFIG_VALUE", "exhibits.e.of", said)]


@pytest.mark.parametrize(("kind", "of"), [
    ("forest", ["os", "relapse", "response"]), ("survival-curve", ["os", "os_older"]), ("survival", ["os", "os_older"]),
    ("course", ["il6", "anc"]), ("shift", ["tox"])])
def test_what_it_can(kind, of, tmp_path):
    listed = ", ".join(f'"{name}"' for name in of)
    assert problems(tmp_path / "study", contract_studies.ANALYSES + EXHIBIT.format(kind=kind, of=listed)) == []


@pytest.mark.parametrize(("block", "column", "said"), [
    ('kind = "characteristics"\nvariables = ["age", "age"]', "analyses.x.variables", "'age' stands twice in variables"),
    ('kind = "characteristics"\nvariables = []', "analyses.x.variables", "the list of variables is empty"),
    ('kind = "proportion"\noutcomes = ["cr", "cr"]', "analyses.x.outcomes", "'cr' stands twice in outcomes"),
    ('kind = "adverse-events"\nterms = ["crs", "crs"]', "analyses.x.terms", "'crs' stands twice in terms"),
])
def test_lists_of_names(block, column, said, tmp_path):
    assert problems(tmp_path / "study", f"[analyses.x]\n{block}\n") == [("E_CONFIG_VALUE", column, said)]
