"""docs/large-data.md: its queries give the counts that a study gives, its Python runs, its lists are the code's."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import synthetic
from report import counting
from stats import run
from stats.methods import descriptive, ranks
from stats.methods import survival as km
from stats.methods.samples import Sample
from stats.results import Results
from stats.study.read import examine, read
from tests.docs.pages import read as page
from tests.docs.pages import rows, section

PAGE = page("large-data.md")
QUERIES = [query for query in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL) if "GROUP BY" in query]
ARMS = ("A", "B")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.write(tmp_path_factory.mktemp("large") / "study", 3000)


@pytest.fixture(scope="module")
def results(study: Path) -> Results:
    return counting.count(read(study)).results


@pytest.fixture(scope="module")
def answers(study: Path) -> list[pd.DataFrame]:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        for name in ("subjects", "events"):
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{study / name}.parquet'")
        return [connection.execute(query).df() for query in QUERIES]


def test_a_curve_from_counts(answers: list[pd.DataFrame], results: Results) -> None:
    tables = {}
    for place, arm in enumerate(ARMS):
        rows = answers[0][answers[0]["arm"] == arm]
        tables[place] = km.tabulated(rows["days"] / 30.4375, rows["events"], rows["censored"])
        point, ours = km.at(km.kaplan_meier(tables[place]), 12), results[f"os/survival~12@{arm}"]
        assert [point.p, point.lower, point.upper] == pytest.approx([ours["p"], ours["lower"], ours["upper"]], rel=1e-11)
    assert km.logrank(km.common_times(tables)).p_value == pytest.approx(results["os/logrank@A:B"]["p_value"], rel=1e-9)


def test_a_number_from_counts(answers: list[pd.DataFrame], results: Results) -> None:
    samples = {arm: Sample.of(rows["age"], rows["patients"]) for arm, rows in answers[1].groupby("arm")}
    for arm in ARMS:
        ours = results[f"baseline/age@{arm}"]
        assert {stat: ours[stat] for stat in ("n", "median", "q1", "q3", "mean")} == pytest.approx(
            {stat: descriptive.summary(samples[arm])[stat] for stat in ("n", "median", "q1", "q3", "mean")}, rel=1e-11)
    assert ranks.rank_sum(samples["A"], samples["B"]).p_value == pytest.approx(results["baseline/age.test@A:B"]["p_value"])


def test_grades_from_counts(answers: list[pd.DataFrame], results: Results) -> None:
    for arm, found in answers[2].groupby("arm"):
        counted = {f"{grade:g}": n for grade, n in zip(found["grade"], found["patients"], strict=True)}
        for grade in range(5):
            assert results[f"safety/crs={grade}@{arm}"]["n"] == counted.get(str(grade), 0)


def test_python_of_the_page_names_what_there_is() -> None:
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        assert compile(block, "page", "exec")
        for module, names in re.findall(r"^from ([\w.]+) import ([\w, ]+?)(?: as \w+)?$", block, re.MULTILINE):
            assert all(hasattr(importlib.import_module(module), name) for name in names.split(", "))
        for called in re.findall(r"km\.(\w+)\(", block):
            assert hasattr(km, called), called


def test_every_kind_is_listed() -> None:
    listed = {kind for row in rows(section(PAGE, "### Which analyses")) for kind in re.findall(r"`([\w-]+)`", row[0])}
    assert listed == set(run.kinds())


def test_the_study_file_of_the_page(study: Path, tmp_path: Path) -> None:
    """What the page writes is what the reader takes."""
    block = next(b for b in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if "patients_at_once" in b)
    line = next(line for line in block.splitlines() if line.startswith("patients_at_once"))
    folder = synthetic.write(tmp_path / "s", 10, parts=1)
    text = (folder / "study.toml").read_text("utf-8")
    assert all(source in text for source in re.findall(r"source = .*", block))
    (folder / "study.toml").write_text(text.replace("seed        = 1\n", f"{line}\n"), "utf-8")
    found, problems = examine(folder)
    assert not [p for p in problems if p.fatal]
    assert found is not None
    assert replace(found).patients_at_once == 250_000
