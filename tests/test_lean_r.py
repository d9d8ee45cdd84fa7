"""The lean script in R that builds are timed against: it shows what the ordinary script shows, and left out it is told."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import time

import pytest

from benchmarks import __main__ as main
from benchmarks import builds, lean, measure
from benchmarks.measure import Measured
from report.counting import count
from stats.study.read import read

ORDINARY = measure.ROOT / "benchmarks" / "ordinary.py"
NAMING = ("survival", "incidence", "kinetics", "toxicity")  # functions that are given a title
GONE = """
import subprocess, sys
work = "sum(i for i in range(6_000_000))"
subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
"""
STUCK = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
time.sleep(60)
"""


@pytest.fixture(scope="module")
def script():
    return lean.SCRIPT.read_text("utf-8")


def sections(tree):
    """Titles in the list of sections of the ordinary script."""
    lists = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "sections"
    ]
    return [part.elts[0].value for part in lists[0].elts]


def test_both_scripts_have_the_same_sections(script):
    listed = script.partition("sections <- list(")[2].partition("\nstyle <-")[0]
    assert re.findall(r'^  "([^"]+)" = ', listed, re.M) == sections(ast.parse(ORDINARY.read_text("utf-8")))


def test_what_the_ordinary_script_names_the_lean_one_names(script):
    """Titles of figures, variables of tables, and the frames and columns that they are taken from."""
    tree = ast.parse(ORDINARY.read_text("utf-8"))
    work = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    named = [*NAMING, "last", "endpoint"]
    calls = [node for node in ast.walk(work) if isinstance(node, ast.Call) and getattr(node.func, "id", "") in named]
    lists = [node for node in ast.walk(work) if isinstance(node, ast.List)]
    given = [one for node in calls for one in node.args] + [one for node in lists for one in node.elts]
    words = {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    assert {"Progression-free survival", "prior_blinatumomab", "lower_gi", "Cytopenias", "death_date"} <= words
    held = {one for pair in re.findall(r'"([^"\n]+)"|`([^`\n]+)`', script) for one in pair}
    other = {"Neutrophil recovery"}  # a figure that the ordinary script draws and doesn't show
    pasted = {
        f"{name}_{what}" for name in held for what in ("days", "months", "event")
    }  # from the endpoint and the unit
    assert words - held - pasted == other


def test_the_study_of_their_sections_alone_has_all_that_they_show(tmp_path):
    whole = read(builds.CART)
    shutil.copytree(builds.CART, tmp_path / "cart", ignore=shutil.ignore_patterns("generate"))
    builds.alone(tmp_path / "cart")
    study = read(tmp_path / "cart")
    assert len(study.sections) == len(sections(ast.parse(ORDINARY.read_text("utf-8"))))
    assert [one for one in whole.sections if one in study.sections] == list(study.sections)
    left = {whole.exhibits[name].kind for one in whole.sections if one not in study.sections for name in one.exhibits}
    assert left == builds.WITHOUT
    assert study.analyses == whole.analyses


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The script's page on the study, where R and the packages are."""
    lacked = [what for what in lean.missing() if what != "Chromium"]
    if lacked:
        pytest.skip(f"{', '.join(lacked)} not on this machine")
    out = tmp_path_factory.mktemp("lean")
    done = subprocess.run(["Rscript", lean.SCRIPT, builds.CART, out], capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""
    return (out / "report.html").read_text("utf-8")


def test_every_exhibit_is_there(page):
    parts = {part.partition("</h2>")[0]: part for part in page.split("<h2>")[1:]}
    shown = {title: (part.count("<figure>"), part.count("<table>")) for title, part in parts.items()}
    assert shown == {
        "Patients": (0, 2),
        "Product": (0, 1),
        "Response": (0, 1),
        "Survival": (3, 4),
        "CAR-T cell kinetics": (2, 1),
        "Interleukin-6": (2, 1),
        "Toxicity": (1, 2),
        "Cytopenias": (1, 5),
        "Acute GVHD": (2, 2),
    }


def test_its_numbers_are_ours(page):
    found = count(read(builds.CART)).results
    texts = re.sub(r"<[^>]*>", " ", page).replace("&ndash;", "–")
    flat = " ".join(texts.split())
    for name in ("pfs", "os"):
        hazard, rank = found[f"{name}/hazard@R:D"], found[f"{name}/logrank@R:D"]
        at, median = found[f"{name}/survival~12@D"], found[f"{name}/median@D"]
        assert f"{hazard['estimate']:.2f} ({hazard['lower']:.2f}–{hazard['upper']:.2f})" in flat
        assert f"Log-rank P {rank['p_value']:.3f}" in flat
        assert f"{100 * at['p']:.0f}% ({100 * at['lower']:.0f}–{100 * at['upper']:.0f})" in flat
        assert f"{median['estimate']:.1f} ({median['lower']:.1f}–NR)" in flat
    assert f"P, Gray's test {found['relapse_cif/gray@R:D']['p_value']:.3f}" in flat
    p, smd = found["baseline/donor_type.test@R:D"]["p_value"], found["baseline/donor_type.smd@R:D"]["estimate"]
    assert f"{p:.3f} {smd:.2f}" in flat
    assert f"{found['response/mrd_negative.test@R:D']['p_value']:.3f}" in flat
    peak = found["il6_kinetics/peak@D"]
    assert f"{peak['median']:.1f} ({peak['q1']:.1f}–{peak['q3']:.1f})" in flat
    assert f"Median follow-up {found['followup/median@all']['estimate']:.1f} months" in flat


# ---- jobs and the table


@pytest.fixture
def bare(monkeypatch):
    """A machine that has none of it."""
    monkeypatch.setattr(lean.shutil, "which", lambda name: None)
    lean.versions.cache_clear()
    yield
    lean.versions.cache_clear()


def test_without_the_tools_no_job_and_one_line(bare, tmp_path):
    assert lean.missing() == ["Rscript", "Chromium"]
    assert lean.commands(tmp_path) == {}
    assert lean.told() == []
    line, empty = main.left_out(lean.missing())
    assert line == "Left out, as this machine lacks Rscript, Chromium: the lean R script."
    assert empty == ""
    assert main.left_out([]) == []


def test_a_package_that_is_missing_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(lean, "versions", lambda: {"R": "4", "survival": "3", "knitr": "1", "Chromium": "1"})
    assert lean.missing() == ["the R package cmprsk"]
    assert lean.commands(tmp_path) == {}


def test_with_the_tools_there_are_both_jobs(monkeypatch, tmp_path):
    monkeypatch.setattr(lean, "missing", list)
    monkeypatch.setattr(lean.shutil, "which", lambda name: f"/bin/{name}")
    made = lean.commands(tmp_path)
    assert list(made) == [lean.BOTH, lean.HTML]
    assert made[lean.BOTH][-1] == "/bin/chromium"
    assert set(lean.packages()) == {"survival", "cmprsk", "knitr"}


def job(name, wall):
    made = builds.Job(name, [], {})
    made.runs = [Measured(wall, 2 * wall, 0, 0, "")]
    return made


def test_the_table_has_a_ratio_to_each_script_that_ran():
    both = main.build_table([job("cold", 3), job(builds.PEER, 6), job(lean.BOTH, 4)], 1)
    assert both[2].endswith("| cpu × ordinary | wall × ordinary | cpu × lean R | wall × lean R |")
    assert both[4].endswith("| 0.500 | 0.500 | 0.750 | 0.750 |")
    alone = main.build_table([job("cold", 3), job(builds.PEER, 6)], 1)
    assert alone[2].endswith("| cpu × ordinary | wall × ordinary |")
    assert {line.count("|") for line in both[2:5]} == {11}
    assert {line.count("|") for line in alone[2:5]} == {9}


# ---- measuring what leaves processes behind


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux hands them on")
def test_processes_left_behind_are_counted():
    one = measure.run([sys.executable, "-c", GONE])
    least = measure.run([sys.executable, "-c", "pass"])
    assert one.code == 0
    assert one.cpu > least.cpu + 0.05


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux hands them on")
def test_what_never_ends_is_ended():
    before = set(measure.children(os.getpid()))
    started = time.perf_counter()
    one = measure.run([sys.executable, "-c", STUCK], memory=True, patience=1.0)
    assert time.perf_counter() - started < 20
    assert one.code < 0
    assert one.peak > 0
    assert set(measure.children(os.getpid())) <= before


def test_of_a_process_that_has_ended_there_are_no_children():
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert measure.children(child.pid) == []
    assert measure.family(child.pid) == [child.pid]
