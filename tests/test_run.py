"""What the run adds to the analyses: settings reach them, families are adjusted, small groups are not tested."""

import math

import pytest

from stats.methods import multiplicity
from tests import built

STUDY = """
[study]
title = "Two arms"
short = "TWO"
design = "randomised trial"
data_cutoff = 2024-01-01
[arms]
A = "First"
B = "Second"
[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = {{ type = "id" }}
arm = {{ type = "arm" }}
x = {{ type = "number", label = "X" }}
y = {{ type = "number", label = "Y" }}
[methods]
{methods}
[analyses.one]
kind = "characteristics"
variables = ["x"]
family = "both"
[analyses.two]
kind = "characteristics"
variables = ["y"]
family = "both"
"""


def results(tmp_path, methods, n=8):
    lines = ["subject,arm,x,y"]
    lines += [f"S{i},{'AB'[i % 2]},{i + 6 * (i % 2)},{(i * 7) % 5}" for i in range(2 * n)]
    (tmp_path / "subjects.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "study.toml").write_text(STUDY.format(methods=methods), "utf-8")
    return built.rows(built.make(tmp_path))


@pytest.mark.parametrize(("name", "adjust"), [("holm", multiplicity.holm), ("bh", multiplicity.benjamini_hochberg)])
def test_p_values_of_a_family_are_adjusted_beside_the_raw_ones(tmp_path, name, adjust):
    rows = results(tmp_path, f'multiplicity = "{name}"')
    raw = [rows["one/x.test@B:A", "p_value"], rows["two/y.test@B:A", "p_value"]]
    found = [rows["one/x.test.family@B:A", "p_value"], rows["two/y.test.family@B:A", "p_value"]]
    assert found == pytest.approx(list(adjust(raw)), rel=1e-9)
    assert found != raw
    assert rows["study/tests@all", "n"] == 2


def test_without_a_declared_method_nothing_is_adjusted(tmp_path):
    assert not [key for key in results(tmp_path, "") if ".family" in key[0]]


def test_a_study_may_ask_for_larger_groups_before_it_tests(tmp_path):
    assert not math.isnan(results(tmp_path, "")["one/x.test@B:A", "p_value"])
    assert math.isnan(results(tmp_path, "fewest = 9")["one/x.test@B:A", "p_value"])


def test_limits_of_a_shift_are_exact_unless_normal_ones_are_asked_for(tmp_path):
    exact, normal = results(tmp_path, ""), results(tmp_path, 'shift_interval = "normal"')
    assert exact["one/x.shift@B:A", "estimate"] == normal["one/x.shift@B:A", "estimate"]
    assert exact["two/y.test@B:A", "p_value"] == normal["two/y.test@B:A", "p_value"]
    keys = [("one/x.shift@B:A", stat) for stat in ("lower", "upper")] + [("two/y.shift@B:A", s) for s in ("lower", "upper")]
    assert [exact[k] for k in keys] != [normal[k] for k in keys]
