"""replicate.R in studies whose numbers hang by a thread: R's own functions stop there, and so must not the script."""

import pytest

from tests.odd import made
from tests.test_replicate import agreed, certificate, rscript

__all__ = ["rscript"]

HEAD = """[analyses.rate]
kind = "proportion"
outcomes = ["rate"]
[analyses.os]
kind = "survival"
endpoint = "os"
by = "grp"
strata = "site"
trend = true
[methods]
fewest = 3
"""


def test_everybody_of_both_groups_with_the_outcome(rscript, tmp_path):
    """The score of a risk ratio has no variance there, and its root is looked for from that point on."""
    lines, results = certificate(made.laid(tmp_path / "s", HEAD.partition("[analyses.os]")[0], made.patients(12, cr=lambda i: 1)))
    agreed(lines)
    row = next(line for line in results.splitlines() if line.startswith("rate,rate.risk_ratio,,,D:R,upper,"))
    assert float(row.split(",")[6]) > 1


def test_groups_that_are_never_at_risk_together(rscript, tmp_path):
    """x and y share a stratum, z has one of its own: the trend of x and y can be tested, all three curves can't."""
    column = 'site = { type = "category", levels = ["a", "b"] }'
    rows = made.patients(12, grp=lambda i: "xyz"[i % 3], site=lambda i: "ab"[i % 3 == 2])
    folder = made.laid(tmp_path / "s", HEAD, rows, levels='["y", "x", "z"]', columns=column)  # not in the file's order
    lines, results = certificate(folder)
    agreed(lines)
    found = {tuple(line.split(",")[1:6]): line for line in results.splitlines() if line.startswith("os,")}
    reason = "some groups were not at risk together with the others in the same stratum"
    assert reason in found["logrank", "", "", "arms", "p_value"]
    pair = float(found["logrank", "", "", "x:y", "statistic"].split(",")[6])
    # z takes no part in the sums, so the trend's one degree of freedom is that of y against x
    assert float(found["trend", "", "", "arms", "statistic"].split(",")[6]) == pytest.approx(pair)


def test_a_trend_over_groups_that_the_file_names_in_another_order(rscript, tmp_path):
    rows = made.patients(30, grp=lambda i: "zxy"[i % 3], os_s=lambda i: int(i % 4 > 0), os_t=lambda i: 1 + i % 7 + i % 3)
    rest = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nby = "grp"\ntrend = true\n'
    agreed(certificate(made.laid(tmp_path / "s", rest, rows, levels='["x", "y", "z"]'))[0])
