"""Where samples were planned R finds by itself who went too long without one, death apart, and gives the same peaks."""

from __future__ import annotations

import pytest

from report.counting import count
from stats.study.read import read
from tests.odd import made as odd
from tests.test_replicate import agreed, certificate, rscript  # noqa: F401  # a fixture

STUDY = """[frames.series]
file = "series.csv"
[analytes]
car = { label = "CAR", lloq = 5, window = [1, 28], sampling = { every = 3, day = [1, 14] } }
[analyses.base]
kind = "characteristics"
variables = ["age", "top", "first"]
[analyses.course]
kind = "kinetics"
analyte = "car"
"""
COLUMNS = "".join(f'{name} = {{ type = "number", from = {{ frame = "series", analyte = "car", pick = "{pick}"{more} }} }}\n'
                  for name, pick, more in (("top", "peak", ""), ("first", "tmax", ", day = [1, 21]")))
GAPS = {0: (2, 14), 1: (1, 4, 7, 10, 13), 2: (3, 6, 9, 12), 3: (4, 7, 10, 13), 4: (1, 3, 5), 5: (1, 2, 3, 8, 11, 14, 20),
        6: (), 7: (3, 6, 9, 11)}
DEATHS = {4: 7, 0: 9, 12: 5, 20: 6, 7: 3, 28: 0}  # patient to day of death: some before the days end, one on day zero


def series(low: bool = False):
    return [{"subject": f"P{i:02d}", "analyte": "car", "day": day, "value": 1 if low and i % 5 == 0 else 10 + (7 * i + day) % 11}
            for i in range(32) for day in GAPS[i % 8]]


def dated(i: int) -> str:
    return f"2018-01-{1 + DEATHS[i]:02d}" if i in DEATHS else ""


@pytest.mark.parametrize(("patients", "columns"), [
    ({}, ""),  # the time of overall survival tells, but not yet where columns are read out
    ({"death_date": dated}, 'death_date = { type = "date" }\n'),
    ({"death_day": lambda i: DEATHS.get(i, "")}, 'death_day = { type = "number", unit = "days" }\n'),
])
def test_r_finds_who_was_sampled_too_rarely(patients, columns, tmp_path, rscript):  # noqa: F811
    given = {"os_t": lambda i: round(DEATHS.get(i, 400) / 30.4375, 6), "os_s": lambda i: int(i in DEATHS)} | patients
    folder = odd.laid(tmp_path / "s", STUDY, odd.patients(32, **given), columns=columns + COLUMNS,
                      series=series(low=True))
    lines, results = certificate(folder)
    agreed(lines)
    assert "course,peak,,,R,n," in results
    assert not any("sampling" in line or "top" in line for line in lines)
    said = count(read(folder)).results
    assert 0 < said["course/peak@R"]["n"] < said["course/samples@R"]["n"]


def test_without_a_day_of_death_the_plan_runs_to_its_end(tmp_path, rscript):  # noqa: F811
    folder = odd.laid(tmp_path / "s", STUDY, odd.patients(32), columns=COLUMNS, series=series())
    text = (folder / "study.toml").read_text("utf-8").replace("[endpoints.os]", "[endpoints.lost]").replace("Overall", "Other")
    (folder / "study.toml").write_text(text, "utf-8")
    lines, _ = certificate(folder)
    agreed(lines)
