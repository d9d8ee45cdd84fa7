"""Nothing grows faster than the patients do: counted in rows, steps and passes, and in ratios of time, never in seconds."""

from __future__ import annotations

import importlib
import json
import math
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks import builds, growth, synthetic
from benchmarks.growth import Grown
from report.arms import Look
from report.counting import count
from report.curves import FINEST
from report.steps import Step, stairs, thinned
from stats import derive, intake, ordering, run
from stats.analyses import _steps
from stats.intake import convert, words
from stats.methods import fills, network, pairwise, tables
from stats.study.read import read

ROOT = Path(__file__).resolve().parent.parent
PEAK = """
import resource, sys
from pathlib import Path
from report.counting import count
from stats.study.read import read
count(read(Path(sys.argv[1])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return synthetic.write(tmp_path_factory.mktemp("scale") / "study", 400, "csv", samples=6)


@pytest.fixture(scope="module")
def results(study):
    return count(read(study)).results


def test_a_synthetic_study_is_the_same_in_every_format(study, results, tmp_path):
    other = count(read(synthetic.write(tmp_path / "study", 400, "parquet", samples=6))).results
    assert other.csv() == results.csv()


def test_of_many_patients_no_row_speaks_of_one(results):
    """Above three hundred patients courses are quantiles; the quantiles are numpy's."""
    assert results.select("kinetics", "patient") == []
    cells = results.select("kinetics", "course", "all")
    assert cells
    assert all(c["q05"] <= c["q1"] <= c["median"] <= c["q3"] <= c["q95"] for c in cells if c["n"])


def test_of_few_patients_every_one_is_a_row(tmp_path):
    folder = synthetic.write(tmp_path / "study", 60, samples=6)
    made = count(read(folder)).results
    assert len({c.level for c in made.select("kinetics", "patient") if c.at is not None}) > 50
    assert not any("q05" in c for c in made.select("kinetics", "course"))


def test_outer_quantiles_are_those_of_the_data(study, results):
    import pandas as pd

    series = pd.read_csv(study / "series.csv", parse_dates=["date"])
    start = pd.read_csv(study / "subjects.csv", parse_dates=["start_date"]).set_index("subject")["start_date"]
    days = (series["date"] - series["subject"].map(start)).dt.days
    found = results["kinetics/course~7@all"]
    here = series.loc[days == 7, "value"]
    here = here[here >= 50]  # below quantification other rules hold
    assert found["n"] == (days == 7).sum()
    if found["n"] == len(here):
        assert [found["q05"], found["q95"]] == pytest.approx(list(np.quantile(here, [0.05, 0.95])))


def test_every_step_that_is_timed_is_there():
    """The names that the benchmark puts its clock around; renaming one without the other is noticed here."""
    from benchmarks.steps import STEPS

    for module, path, _ in STEPS:
        owner = importlib.import_module(module)
        for part in path.split("."):
            owner = getattr(owner, part)
        assert callable(owner)


def test_timed_steps_add_up_to_the_build(study, tmp_path):
    command = [sys.executable, "-m", "benchmarks.steps", str(study), str(tmp_path / "out"), "html"]
    told = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert told["exit"] == 0
    assert sum(told["steps"].values()) == pytest.approx(told["cpu"], rel=0.25)
    assert 0 < told["counted"] <= told["cpu"]
    assert {"intake: read series", "analysis: kinetics (kinetics)", "results: csv"} <= set(told["steps"])


def test_exponents_are_slopes_of_the_last_tenfold():
    def one(n, seconds):
        return Grown(n, 0, {"a": seconds, "b": 0.001}, seconds, seconds, seconds, 1)

    found = [one(100, 0.005), one(1000, 0.5), one(10000, 50.0)]
    assert growth.exponents([one(100, 9.0), *found[1:]]) == {"a": pytest.approx(2.0)}
    assert growth.exponents(found, 2) == {"a": pytest.approx(2.0)}
    assert growth.exponents(found, 3) == {}


def test_a_swap_changes_the_file_each_time(tmp_path):
    file = tmp_path / "study.toml"
    file.write_text((ROOT / "data" / "cart" / "study.toml").read_text("utf-8"), "utf-8")
    texts = [file.read_text("utf-8")]
    for _ in range(2):
        builds.swap(file, *builds.LABEL)
        texts.append(file.read_text("utf-8"))
    assert texts[0] == texts[2] != texts[1]


def test_each_changed_value_is_new(tmp_path):
    shutil.copy(ROOT / "data" / "cart" / "subjects.csv", tmp_path)
    texts = [(tmp_path / "subjects.csv").read_text("utf-8")]
    for _ in range(4):
        builds.another(tmp_path)
        texts.append((tmp_path / "subjects.csv").read_text("utf-8"))
    assert len(set(texts)) == 5
    changed = [line for line, other in zip(texts[0].splitlines(), texts[-1].splitlines(), strict=True) if line != other]
    assert [line[:6] for line in changed] == ["CA-01,"]


# ---- drawings and rows of long curves


def walk(n: int, seed: int = 1) -> Step:
    """A survival curve of n continuous times, with an interval and censoring."""
    draw = np.random.default_rng(seed)
    times = np.sort(draw.exponential(20, n))
    p = np.cumprod(1 - (draw.random(n) < 0.7) * 0.9 / np.arange(n, 0, -1))
    gap = 0.01 + 0.03 * times / times[-1]
    at_risk = np.arange(n, 0, -1.0)
    look = Look("#000000", (), "o")
    return Step(
        "a", look, times, p, np.maximum(p - gap, 0), np.minimum(p + gap, 1), at_risk, (draw.random(n) < 0.3) * 1.0, 1.0
    )


def off(step: Step, kept: Step, part: str, wide: float, high: float) -> float:
    """How far the drawn line lies from the true one, in places: the nearest point of one to each vertex of the other."""
    end = float(step.times[-1])
    xs, ys = stairs(1.0, kept.times, getattr(kept, part), end)
    at, values = step.times, getattr(step, part)
    # along the drawn line: the stretch of x within one place of each true vertex, and the y it covers there
    first = np.searchsorted(xs, at - 1 / wide, side="left")
    last = np.searchsorted(xs, at + 1 / wide, side="right")
    worst = 0.0
    for i in range(len(at)):
        lo = ys[max(first[i] - 1, 0) : last[i] + 1]
        worst = max(worst, max(lo.min() - values[i], values[i] - lo.max(), 0.0) * high)
    return worst


@pytest.mark.parametrize("n", [2_000, 50_000])
def test_a_thinned_curve_moves_by_less_than_half_a_pixel(n):
    """85 by 60 mm in places of 0.02 mm, half a pixel at 600 to the inch: no vertex leaves its place."""
    assert FINEST <= 25.4 / 600 / 2
    step = walk(n)
    wide, high = 85 / FINEST / float(step.times[-1]), 60 / FINEST
    kept = thinned(step, wide, high, keep=3)
    for part in ("p", "lower", "upper"):
        assert off(step, kept, part, wide, high) <= 1.0
    assert set(kept.times) <= set(step.times)
    assert (kept.times[0], kept.times[-1]) == (step.times[0], step.times[-1])
    assert (kept.at_risk < 3).any()


def test_a_drawing_has_no_more_steps_than_places():
    """A million steps are drawn with what fits, so that a figure stops growing."""
    step = walk(1_000_000)
    kept = thinned(step, 4250 / float(step.times[-1]), 3000)
    assert len(kept.times) < 3 * (4250 + 3 * 3000)
    assert len(kept.times) < len(step.times) / 30


def test_short_curves_are_drawn_as_they_are():
    step = walk(40)
    assert thinned(step, 1e6, 1e6) is not step
    assert np.array_equal(thinned(step, 1e6, 1e6).times, step.times)


def test_stairs_are_those_built_step_by_step():
    xs, ys = stairs(1.0, [1.0, 2.0, 5.0], [0.8, 0.5, 0.1], 3.0)
    assert xs.tolist() == [0, 1, 1, 2, 2, 3]
    assert ys.tolist() == [1, 1, 0.8, 0.8, 0.5, 0.5]
    assert [part.tolist() for part in stairs(0.0, [], [], 2.0)] == [[0, 2], [0, 0]]


def test_every_step_is_a_row_up_to_ten_thousand():
    step = walk(10_000)
    assert np.array_equal(_steps.rows(step.times, step.p, step.censored), np.arange(10_000))
    step = walk(300_000)
    kept = _steps.rows(step.times, step.p, step.censored)
    assert kept[0] == 0
    assert kept[-1] == len(step.times) - 1
    assert len(kept) <= 2 * _steps.PLACES + _steps.CENSORED + 2
    held = kept[
        np.searchsorted(kept, np.arange(len(step.times)), side="right") - 1
    ]  # the row that stands for each step
    assert np.abs(step.p - step.p[held]).max() <= 1 / _steps.PLACES
    assert (step.times - step.times[held]).max() <= step.times[-1] / _steps.PLACES


# ---- reading: looks at distinct cells, numbers for rows


def test_no_row_of_a_frame_is_an_object(study):
    """Texts, identifiers too, are numbers into their distinct ones."""
    frames, problems = intake.load(read(study))
    assert not [problem for problem in problems if problem.fatal]
    for name, frame in derive.derive_all(read(study), frames)[0].items():
        assert [column for column in frame if frame[column].dtype == object] == [], name
    who = frames["subjects"]["subject"].cat.categories
    assert all(frame["subject"].cat.categories is who for frame in frames.values())


def test_identifiers_are_not_looked_up_in_a_table_nor_rows_in_order_sorted(study, monkeypatch):
    looked_up, packed = words.Texts.looked_up, ordering._packed
    asked, ranked = [], []
    monkeypatch.setattr(words.Texts, "looked_up", lambda texts, places: asked.append(len(texts)) or looked_up(texts, places))
    monkeypatch.setattr(ordering, "_packed", lambda keys: ranked.append(len(keys[0])) or packed(keys))
    frames, _ = intake.load(read(study))
    assert max(asked, default=0) < len(frames["subjects"]) / 10
    assert max(ranked, default=0) < len(frames["series"]) / 2


def test_cells_are_not_read_one_by_one(study, monkeypatch):
    """Identifiers and numbers are read many at a time; alone are looked at levels, dates and gaps, which are few."""
    one = convert._one
    alone = set()
    monkeypatch.setattr(convert, "_one", lambda typed, place, cell, *rest: alone.add(cell) or one(typed, place, cell, *rest))
    intake.load(read(study))
    rows = [line.replace('"', "").split(",") for line in (study / "series.csv").read_text("utf-8").splitlines()]
    for cells in (set(column) for name, *column in zip(*rows) if name in ("subject", "value")):
        assert len(cells) > 300
        assert len(cells & alone) < len(cells) / 10


def test_what_no_analysis_looks_at_is_let_go(study, monkeypatch):
    seen = []
    original = run.pieces
    monkeypatch.setattr(run, "pieces", lambda study, frames, *rest: seen.append(set(frames)) or original(study, frames, *rest))
    count(read(study))
    assert seen == [{"subjects", "toxicity", "course", "exposure"}]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is counted in another unit elsewhere")
def test_a_row_of_a_series_takes_few_bytes(tmp_path):
    """What more rows add to the largest memory of counting: numbers of eight bytes, and hardly anything for a while."""

    def peak(n: int) -> float:
        folder = synthetic.write(tmp_path / f"s{n}", n, samples=10)
        command = [sys.executable, "-c", PEAK, str(folder)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return float(done.stdout) * 1024

    few, many = 20_000, 80_000
    assert (peak(many) - peak(few)) / (10 * (many - few)) < 220


# ---- work that is bounded, or grows as the patients do


def test_a_table_too_large_is_known_before_any_work(monkeypatch):
    """A million patients in three rows and four columns: no list of fills is made."""
    monkeypatch.setattr(fills, "_fills", lambda *_: pytest.fail("listed"))
    big = np.array([[100_000, 90_000, 80_000, 70_000]] * 3)
    assert network.fisher_p(big) is None
    assert tables.association(big).method == "pearson-chi-square"


@pytest.mark.parametrize("total", range(0, 25))
def test_ways_to_fill_a_column_are_counted_right(total):
    caps = np.array([3, 7, 0, 5])
    assert fills._fill_count(total, caps) == len(fills._fills(total, caps))


def test_ranks_of_differences_need_few_rounds(monkeypatch):
    """A hundred thousand against as many: ten milliards of differences, narrowed to a million in a handful of passes."""
    passes = []
    original = np.clip
    monkeypatch.setattr(pairwise.np, "clip", lambda *a, **k: passes.append(1) or original(*a, **k))
    draw = np.random.default_rng(2)
    x, y = draw.normal(size=100_000), draw.normal(0.1, 1, 100_000)
    found = pairwise.Differences(x, y).at(len(x) * len(y) // 2)
    assert found == pytest.approx(-0.1, abs=0.02)
    assert len(passes) < 20


def test_twice_the_patients_take_about_twice_the_time(tmp_path):
    """Counting alone, least of three; four times as long would be quadratic, and other work may disturb."""

    def least(n: int) -> float:
        study = read(synthetic.write(tmp_path / f"s{n}", n, samples=5))
        times = []
        for _ in range(3):
            started = time.process_time()
            count(study)
            times.append(time.process_time() - started)
        return min(times)

    small, large = least(10_000), least(40_000)
    assert math.log(large / small) / math.log(4) < 1.4


def test_the_floor_is_what_the_libraries_need_and_nothing_of_ours(tmp_path):
    """It reads all that a build reads, and sets the page that there is; a build does that and more."""
    said = f"""
import sys
from pathlib import Path
import pandas as pd
from benchmarks import floor
read, seen = pd.read_csv, []
pd.read_csv = lambda file: seen.append(Path(file).name) or read(file)
floor.main(["html", {str(builds.CART)!r}])
floor.main(["pdf", {str(tmp_path / "page.html")!r}, {str(tmp_path / "page.pdf")!r}])
print(*seen, "|", *(name for name in sys.modules if name.split(".")[0] in ("report", "stats")))
"""
    (tmp_path / "page.html").write_text("<html lang=en><title>A</title><p>One page", "utf-8")
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    files, ours = done.stdout.split("|")
    assert sorted(files.split()) == sorted(frame.file for frame in read(builds.CART).frames.values())
    assert not ours.strip()
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
