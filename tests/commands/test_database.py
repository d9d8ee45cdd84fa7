"""Whole builds of studies that DuckDB reads: the same bytes as from CSV, and every command behaves."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

duckdb = pytest.importorskip("duckdb")

from pyarrow import parquet  # noqa: E402

from report import counting, manifest  # noqa: E402
from report.commands.check import check  # noqa: E402
from report.counting import sources  # noqa: E402
from report.replicate import script  # noqa: E402
from stats import intake  # noqa: E402
from stats.findings import Refused  # noqa: E402
from stats.study import paths  # noqa: E402
from stats.study.read import read  # noqa: E402
from tests import built, duck_studies  # noqa: E402
from tests.bad_inputs import made_studies  # noqa: E402
from tests.bad_inputs.made_files import Made  # noqa: E402

KINDS = ("typed", "view", "parquet", "text")
DATA = built.ROOT / "data"


def results(folder: Path) -> str:
    """The bytes of the results; findings where there are none."""
    try:
        return counting.count(read(folder)).results.csv()
    except Refused as refused:
        return "\n".join(sorted({problem.code for problem in refused.problems}))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["cart", "single-arm"])
def test_results_of_shipped_studies_are_the_same_bytes(name: str, kind: str, tmp_path: Path) -> None:
    plain = results(DATA / name)
    assert plain.count("\n") > 300
    assert results(duck_studies.study(DATA / name, tmp_path / name, kind)) == plain


def given_otherwise(study: Made, kind: str, folder: Path) -> Path:
    """A study made at random with its frames in a database, or in Parquet files."""
    other = copy.deepcopy(study)
    for frame in other.file["frames"].values():
        stem = frame.pop("file").removesuffix(".csv")
        frame["source"] = f"duckdb:{stem}/*.parquet" if kind == "parquet" else f"duckdb:{duck_studies.DATABASE}"
        if kind != "parquet":
            frame["table"] = stem
    other.write(folder)
    for path in folder.glob("*.csv"):
        duck_studies.give(folder, path.stem, duck_studies.table(path, typed=kind != "text"), kind)
    return folder


@settings(deadline=None, derandomize=True, max_examples=25, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(made_studies.studies())
def test_results_of_random_studies_are_the_same_bytes(study: Made) -> None:
    with tempfile.TemporaryDirectory() as place:
        plain = results(study.write(Path(place) / "plain"))
        for kind in ("typed", "parquet"):
            assert results(given_otherwise(study, kind, Path(place) / kind)) == plain


@pytest.fixture
def trial(study: Path) -> Path:
    """The study of sixteen patients in a database."""
    return duck_studies.through(study, "typed")


def test_a_report_is_built_checked_and_verified(run: Callable, trial: Path, tmp_path: Path) -> None:
    assert run("check", trial).code == 0
    out = tmp_path / "out"
    assert run("build", trial, "--out", out, "--formats", "html", "--quiet").code == 0
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))["about"]
    assert set(manifest["inputs"]) == {"study.toml", "abstract.txt", "duckdb:trial.duckdb"}
    assert manifest["versions"]["duckdb"] == duckdb.__version__
    assert "Nothing changed" in run("build", trial, "--out", out, "--formats", "html").out
    said = run("verify", trial, "--out", out)
    assert said.code == 0, said.all
    with duckdb.connect(str(trial / "trial.duckdb")) as connection:
        connection.execute("UPDATE subjects SET age = age + 1")
    assert "Built" in run("build", trial, "--out", out, "--formats", "html").out


def test_every_command_knows_patients_in_portions(run: Callable, trial: Path, tmp_path: Path) -> None:
    """The same report but for the study file's own hash; what needs everybody at once is refused or left out in words."""
    plain, out = tmp_path / "plain", tmp_path / "out"
    assert run("build", trial, "--out", plain, "--formats", "html", "--quiet").code == 0
    text = (trial / "study.toml").read_text("utf-8")
    (trial / "study.toml").write_text(text.replace("seed = 1", "seed = 1\npatients_at_once = 10_000"), "utf-8")
    said = run("check", trial)
    assert (said.code, "16 patients" in said.out) == (0, True), said.all
    assert run("build", trial, "--out", out, "--formats", "html", "--quiet").code == 0
    for name in ("results.csv", "findings.json", "claims.md"):
        assert (out / name).read_bytes() == (plain / name).read_bytes()
    said = run("verify", trial, "--out", out)
    assert (said.code, "No second engine was asked about baseline" in said.out) == (0, True), said.all
    said = run("package", trial, "--out", tmp_path / "package", "--listings", "--quiet")
    assert (said.code, "E_LISTINGS" in said.err) == (2, True), said.all
    assert run("shell", trial, "--out", tmp_path / "shell", "--formats", "html").code == 0
    with duckdb.connect(str(trial / "trial.duckdb")) as connection:
        connection.execute("UPDATE subjects SET died = infused - 3, seen = infused - 3 WHERE subject = 'R1'")
    said = run("check", trial)
    assert (said.code, "E_DATE_ORDER" in said.err) == (2, True), said.all


@pytest.mark.parametrize("kind", ["typed", "parquet"])
def test_what_duckdb_reads_has_no_largest_size(study: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """It is never in memory as a whole; and what isn't hashed could change unnoticed."""
    duck_studies.through(study, kind)
    given = read(study)
    databases = [name for name in sources(given) if name.startswith("duckdb:")]
    before = manifest.inputs(study, databases)
    assert len(before) == len(set(databases))
    monkeypatch.setattr(paths, "LARGEST", 10)
    assert manifest.inputs(study, databases) == before
    assert [p for p in intake.load(given)[1] if p.fatal] == []


def test_a_file_more_is_another_input(run: Callable, study: Path, tmp_path: Path) -> None:
    duck_studies.through(study, "parquet")
    out = tmp_path / "out"
    assert run("build", study, "--out", out, "--formats", "html", "--quiet").code == 0
    whole = parquet.read_table(study / "subjects" / "part 0.parquet")
    parquet.write_table(whole.slice(0, 0), study / "subjects" / "part 3.parquet")
    assert "Built" in run("build", study, "--out", out, "--formats", "html").out
    (study / "subjects" / "part 3.parquet").unlink()
    assert "Built" in run("build", study, "--out", out, "--formats", "html").out
    assert "Nothing changed" in run("build", study, "--out", out, "--formats", "html").out


@pytest.mark.parametrize("kind", ["typed", "parquet"])
def test_a_cut_of_it_is_a_study(run: Callable, study: Path, tmp_path: Path, kind: str) -> None:
    duck_studies.through(study, kind)
    said = run("freeze", study, "--to", tmp_path / "cuts")
    assert said.code == 0, said.all
    cut = tmp_path / "cuts" / "sixteen-2024-12-31"
    assert run("check", cut).code == 0
    assert run("diff", cut, study).code == 0
    assert "Kept already" in run("freeze", study, "--to", tmp_path / "cuts").out


def test_check_tells_what_is_wrong_in_the_database(run: Callable, trial: Path) -> None:
    with duckdb.connect(str(trial / "trial.duckdb")) as connection:
        connection.execute("UPDATE subjects SET died = infused - 3, seen = infused - 3 WHERE subject = 'R1'")
    said = run("check", trial)
    assert said.code == 2
    assert "E_DATE_ORDER duckdb:trial.duckdb:subjects:" in said.err
    assert check(trial).errors


def test_r_says_that_it_reads_no_database(trial: Path) -> None:
    study = read(trial)
    assert "rows that DuckDB reads" in script(study)
    assert sources(study) == ["study.toml", "duckdb:trial.duckdb", "abstract.txt"]


def test_init_says_what_to_do_with_a_database(run: Callable, trial: Path, tmp_path: Path) -> None:
    said = run("init", trial / "trial.duckdb", "--to", tmp_path / "new")
    assert said.code == 2
    assert "Parquet" in said.err


def test_a_study_without_it_never_loads_it(study: Path, tmp_path: Path) -> None:
    code = (f"import sys; sys.path.insert(0, {str(built.ROOT)!r}); import build_report; "
            "build_report.main(sys.argv[1:]); assert 'duckdb' not in sys.modules")
    command = [sys.executable, "-c", code, "build", str(study), "--out", str(tmp_path / "out"), "--formats", "html", "--quiet",
               "--no-setup"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
