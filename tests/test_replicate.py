"""replicate.R: R reads the same files, counts on its own, and finds what was changed in results.csv."""

import csv
import io
import itertools
import json
import math
import re
import subprocess
from shutil import which

import pytest

from report import r_code, replicate
from report.commands import build as command
from report.counting import count
from stats.study.read import read
from tests import trial
from tests.built import CART, copy_of, make
from tests.open_studies import laid_out

EVERYTHING = """
[analyses.baseline]
kind = "characteristics"
variables = ["age", "dose", "sex", "site", "stage", "marker", "wait", "virus_28", "treated"]

[analyses.response]
kind = "proportion"
outcomes = ["early", "south"]

[analyses.os]
kind = "survival"
endpoint = "os"
at = [6, 12]
ticks = [0, 6, 12]

[analyses.rfs]
kind = "survival"
population = "known"
endpoint = "rfs"
at = [12]

[analyses.definitions]
kind = "sensitivity"
endpoints = ["rfs", "rfs_transplant"]
at = [12]

[analyses.followup]
kind = "followup"
endpoint = "os"

[analyses.relapse]
kind = "incidence"
endpoint = "relapse"
at = [6, 12]
ticks = [0, 12]

[analyses.rescue]
kind = "incidence"
endpoint = "rescue"
at = [100]

[analyses.cox]
kind = "hazards"
endpoint = "rfs"
variables = ["arm", "age", "site", "stage", "marker"]
multivariable = true

[analyses.virus]
kind = "kinetics"
analyte = "virus"
at = [7, 14]

[analyses.fever]
kind = "adverse-events"
terms = ["fever"]
"""
METHODS = """
[methods]
survival_interval = "{survival}"
proportion_interval = "wilson"
quantile_type = 6
shift_interval = "normal"
exact_limit = 10
fisher_limit = 10
fewest = 3
"""
THREE = trial.HEAD.replace('C = "Control"', 'C = "Control"\nX = "Third"').replace(
    '"2" = "C" }', '"2" = "C", "3" = "X" }'
)
ONE = trial.HEAD.replace('C = "Control"', "").replace('"2" = "C"', '"2" = "E"').replace('reference = "C"', "")
EMPTY = THREE.replace("seed = 7", "seed = 7\nconfidence = 0.9\nalpha = 0.1")
FOLLOWUP = '[analyses.f]\nkind = "followup"\nendpoint = "os"\n'
PUBLIC = ("leipzig", "casebase_bmtcrr", "uci_bone_marrow_children", "survival_veteran_celltype", "cdisc_pilot")
NEVER = {"Firth's penalized Cox regression, which is in none of these packages", "the count of the tests made"}


@pytest.fixture(scope="module")
def rscript():
    """Rscript with the two packages, or the tests that need it are skipped."""
    found = which("Rscript")
    if (
        found is None
        or subprocess.run(
            [found, "-e", "library(survival); library(cmprsk)"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("R with its packages survival and cmprsk is not on this machine")
    return found


def certificate(folder):
    """(lines of the certificate, results.csv) of a study folder."""
    study = read(folder)
    results = count(study).results.csv()
    return replicate.certify(study, replicate.script(study), results).splitlines(), results


def number(lines, what):
    return int(next(line for line in lines if line.startswith(f"{what}: ")).rpartition(" ")[2])


def agreed(lines):
    assert number(lines, "Different") == 0, lines
    assert number(lines, "Made by R alone") == 0, lines
    assert number(lines, "Equal") == number(lines, "Rows compared")


@pytest.mark.parametrize(
    ("options", "change"),
    [
        ({"n": 60, "seed": 11, "head": THREE, "arms": ("1", "2", "3")}, ""),
        ({"n": 30, "head": ONE}, ""),
        ({"n": 14, "seed": 8, "head": EMPTY}, ""),
        ({"n": 6, "seed": 9}, ""),
        ({"n": 45, "seed": 12}, METHODS.format(survival="log")),
        ({"n": 110, "seed": 6}, '[methods]\nsurvival_interval = "plain"\n'),
    ],
    ids=["three arms", "one arm", "an empty arm, 90 %", "six patients", "other methods", "many"],
)
def test_r_gives_the_same_numbers(rscript, tmp_path, options, change):
    lines, results = certificate(trial.write(tmp_path, EVERYTHING + change, **options))
    agreed(lines)
    reasons = {line.split(": ", 1)[1] for line in lines if line.startswith("Not covered, ")}
    assert reasons <= NEVER | {"a permutation P value estimated by drawing"}, reasons
    assert number(lines, "Not covered") < 0.05 * number(lines, "Rows compared")
    assert number(lines, "Rows compared") + number(lines, "Not covered") == len(results.splitlines()) - 1


ALONE = """
[analyses.baseline]
kind = "characteristics"
variables = ["age", "dose", "sex", "stage"]
means = ["age"]
confidence = 0.9
alpha = 0.2
exact_limit = 10
fisher_limit = 10
quantile_type = 6
shift_interval = "normal"

[analyses.response]
kind = "proportion"
outcomes = ["early"]
confidence = 0.8
proportion_interval = "wilson"
fewest = 30

[analyses.os]
kind = "survival"
endpoint = "os"
at = [0, 6, 12]
confidence = 0.99
survival_interval = "plain"
rate_difference = "greenwood"
ties = "breslow"

[analyses.relapse]
kind = "incidence"
endpoint = "relapse"
at = [0, 6]
confidence = 0.8
incidence_interval = "log"

[analyses.fever]
kind = "adverse-events"
terms = ["fever"]
proportion_interval = "wilson"

[analyses.sites]
kind = "characteristics"
variables = ["arm", "age"]
by = "site"

[analyses.markers]
kind = "characteristics"
variables = ["arm"]
by = "marker"

[analyses.both]
kind = "sensitivity"
endpoints = ["rfs", "relapse"]
at = [12]

[analyses.after]
kind = "survival"
endpoint = "os"
at = [12]
"""


def test_what_a_single_analysis_sets_counts_for_it_alone(rscript, tmp_path):
    lines, _ = certificate(trial.write(tmp_path, ALONE, n=45, seed=12))
    agreed(lines)
    assert number(lines, "Rows compared") > 2000
    reasons = {line.split(": ", 1)[1] for line in lines if line.startswith("Not covered, ")}
    assert reasons <= NEVER | {"a permutation P value estimated by drawing"}, reasons


@pytest.mark.parametrize("by", ["marker", "site"])
def test_arms_are_no_ordered_levels(tmp_path, by):
    """Whether the arms are alike in the groups of another column is asked of counts, not of ranks."""
    asked = f'[analyses.who]\nkind = "characteristics"\nvariables = ["arm"]\nby = "{by}"\n'
    results = count(read(trial.write(tmp_path, asked, n=60, seed=11, head=THREE, arms=("1", "2", "3")))).results
    with (tmp_path / "subjects.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row[by]]
    groups = sorted({row[by] for row in rows})
    table = [[sum(row["arm"] == arm and row[by] == group for row in rows) for group in groups] for arm in "123"]
    found = results["who/arm.test@yes:no" if by == "marker" else "who/arm.test@arms"]
    assert found.method == "fisher-exact"
    assert found["p_value"] == pytest.approx(freeman_halton(table), rel=1e-9)


def freeman_halton(table):
    """The probability of all tables with the same margins that are no likelier than this one, by going through them."""
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]

    def tables(left, rest):
        if len(left) == 1:
            yield [rest]
            return
        for first in itertools.product(*(range(min(left[0], most) + 1) for most in rest)):
            if sum(first) == left[0]:
                for more in tables(left[1:], tuple(most - n for most, n in zip(rest, first, strict=True))):
                    yield [first, *more]

    def weight(one):
        return 1 / math.prod(math.factorial(n) for row in one for n in row)

    weights = [weight(one) for one in tables(rows, tuple(columns))]
    return math.fsum(w for w in weights if w <= weight(table) * (1 + 1e-7)) / math.fsum(weights)


def test_the_shipped_study(rscript):
    lines, _ = certificate(CART)
    agreed(lines)
    assert number(lines, "Rows compared") > 4500


def test_groups_that_r_cannot_form_and_an_arm_without_patients(rscript, tmp_path):
    """What R has no groups for isn't covered, with the reason; of nobody it makes no row that the results lack."""
    study = copy_of(CART, tmp_path / "study") / "study.toml"
    text = study.read_text("utf-8").replace('D = "Donor-derived"\n', 'D = "Donor-derived"\nZ = "Nobody yet"\n', 1)
    asked = '[analyses.by_mrd]\nkind = "survival"\nendpoint = "os"\nby = "mrd_d28"\nat = [12]\n'
    study.write_text(text.partition("[exhibits.")[0] + asked, "utf-8")
    lines, results = certificate(study.parent)
    agreed(lines)
    rows = sum(line.startswith("by_mrd,") for line in results.splitlines())
    assert f"Not covered, {rows}: derived column mrd_d28" in lines


@pytest.mark.parametrize("name", PUBLIC)
def test_studies_of_public_data(rscript, oracle, tmp_path, name):
    lines, _ = certificate(laid_out(oracle, name, tmp_path / name))
    agreed(lines)


def test_the_order_of_rows_and_the_file_format_do_not_matter(rscript, tmp_path):
    trial.write(tmp_path, EVERYTHING)
    for name in ("subjects", "series", "treatments"):
        path = tmp_path / f"{name}.csv"
        head, *rows = path.read_text("utf-8").splitlines()
        text = "\r\n".join([head, *reversed(rows), "", ""]).replace(",", ";")
        if name == "subjects":
            text = re.sub(r"(\d+)\.(\d)(?=;)", r"\1,\2", text)
        path.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    agreed(certificate(tmp_path)[0])


@pytest.mark.parametrize(
    ("start", "stat"),
    [
        ("baseline,age,,,E", "mean"),
        ("baseline,sex,F,,C", "n"),
        ("baseline,age.test,,,E:C", "p_value"),
        ("response,early.difference,,,E:C", "upper"),
        ("os,survival,,12,E", "lower"),
        ("os,logrank,,,E:C", "p_value"),
        ("os,hazard,,,E:C", "estimate"),
        ("relapse,gray,,,E:C", "statistic"),
        ("virus,auc,,,C", "median"),
        ("cox,age.adjusted,,,all", "estimate"),
        ("fever,fever,any,,E", "n"),
        ("baseline,dose.smd,,,E:C", "estimate"),
    ],
)
def test_a_wrong_number_is_found(rscript, planted, start, stat):
    assert any(
        line.startswith("Different at ") and f" {stat}: " in line and line.split()[2] == address(start)
        for line in planted["lines"]
    ), planted["lines"]


@pytest.fixture(scope="module")
def planted(rscript, tmp_path_factory):
    """A certificate of results in which the numbers named above are a thousandth off, and no others."""
    study = read(trial.write(tmp_path_factory.mktemp("planted"), EVERYTHING))
    wrong = {
        (mark.args[1][i][0], mark.args[1][i][1])
        for mark in test_a_wrong_number_is_found.pytestmark
        for i in range(len(mark.args[1]))
    }
    out, hits = io.StringIO(), 0
    writer = csv.writer(out, lineterminator="\n")
    for row in csv.reader(io.StringIO(count(study).results.csv())):
        if (",".join(row[:5]), row[5]) in wrong:
            row[6], hits = repr(float(row[6]) * 1.001 + 1e-4), hits + 1
        writer.writerow(row)
    assert hits == len(wrong)
    lines = replicate.certify(study, replicate.script(study), out.getvalue()).splitlines()
    assert number(lines, "Different") == len(wrong)
    return {"lines": lines}


def address(start):
    analysis, variable, level, at, group = start.split(",")
    return f"{analysis}/{variable}{f'={level}' if level else ''}{f'~{at}' if at else ''}@{group}"


def test_a_row_left_out_of_the_results_is_noticed(rscript, tmp_path):
    study = read(trial.write(tmp_path, FOLLOWUP))
    results = [line for line in count(study).results.csv().splitlines() if not line.startswith("f,range,,,E,min")]
    lines = replicate.certify(study, replicate.script(study), "\n".join(results) + "\n").splitlines()
    assert number(lines, "Made by R alone") == 1


def test_what_the_script_does_not_understand_is_not_covered(rscript, tmp_path, monkeypatch):
    monkeypatch.setitem(replicate.UNDERSTOOD, replicate.Frame, replicate.UNDERSTOOD[replicate.Frame] - {"file"})
    lines, results = certificate(trial.write(tmp_path, FOLLOWUP))
    assert number(lines, "Rows compared") == 0
    assert number(lines, "Not covered") == len(results.splitlines()) - 1
    assert any("subjects with file" in line for line in lines)


def test_the_script_stands_alone_and_holds_no_result(tmp_path):
    study = read(trial.write(tmp_path, EVERYTHING))
    script = replicate.script(study)
    assert script == replicate.script(read(tmp_path))
    assert script.isascii()
    assert str(tmp_path) not in script
    results = count(study).results
    spelled = {
        f"{row.value:.6g}" for row in results.rows if abs(row.value) % 1 > 1e-6 and row.analysis in study.analyses
    }
    assert not [text for text in spelled if re.search(rf"(?<![\d.]){re.escape(text)}", script) and len(text) > 6]
    before, _, after = script.partition("compare <- function(file)")
    assert "read.csv(" not in before
    assert "read.csv(file" in after


def test_without_r_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(replicate, "which", lambda name: None)
    study = read(trial.write(tmp_path, FOLLOWUP))
    said = replicate.certify(study, "", "")
    assert said.startswith("R is not installed")
    assert replicate.differing(said) is None


def test_a_script_that_fails_is_no_certificate(rscript, tmp_path):
    study = read(trial.write(tmp_path, FOLLOWUP))
    said = replicate.certify(study, "stop('no such thing')\n", "")
    assert said.startswith("R could not run the script")
    assert "no such thing" in said


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (0.5, "0.5"),
        (3, "3"),
        (float("inf"), "Inf"),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("µg", '"\\U{b5}g"'),
        ((), "character(0)"),
        (("a", "b"), 'c("a", "b")'),
        ((1, 2.5), "c(1, 2.5)"),
        ({}, "list()"),
        ({"a": 1, "if": "x", "2b": ()}, 'list(\n  a = 1,\n  "if" = "x",\n  "2b" = character(0))'),
    ],
)
def test_values_as_r_code(value, code):
    assert r_code.literal(value) == code


def test_the_certificate_says_how_many_differ():
    assert replicate.differing("Certificate\nRows compared: 3\nDifferent: 2\n") == 2


def test_every_build_writes_the_script(tmp_path):
    files = make(trial.write(tmp_path, FOLLOWUP)).files
    assert files["replicate.R"] == replicate.script(read(tmp_path))
    assert "certificate.txt" not in files
    assert "Replication in R" not in files["report.html"]


@pytest.mark.parametrize(
    ("said", "codes", "ends"),
    [
        ("Certificate of replication: SMALL\nRows compared: 3\nDifferent: 0\n", [], 0),
        ("Certificate of replication: SMALL\nRows compared: 3\nDifferent: 2\n", ["W_REPLICATION"], 5),
        (replicate.NO_R + "\n", ["N_NO_REPLICATION"], 0),
        ("R could not run the script: no package called cmprsk\n", ["N_NO_REPLICATION"], 5),
    ],
    ids=["all equal", "two differ", "no R", "a broken R"],
)
def test_the_certificate_becomes_part_of_the_report(tmp_path, monkeypatch, capsys, said, codes, ends):
    monkeypatch.setattr(replicate, "certify", lambda study, script, results: said)
    folder, out = trial.write(tmp_path / "study", FOLLOWUP), tmp_path / "out"
    wish = [str(folder), "--out", str(out), "--formats", "html", "--certify", "--quiet"]
    assert command.run(wish) == ends
    assert capsys.readouterr().out == said
    assert (out / "certificate.txt").read_text("utf-8") == said
    page = (out / "report.html").read_text("utf-8")
    assert all(f"<li><cite>{line}</cite></li>" in page for line in said.splitlines())
    found = [finding["code"] for finding in json.loads((out / "findings.json").read_text("utf-8"))]
    assert [code for code in found if "REPLICATION" in code] == codes
    assert command.run(wish) == ends  # nothing changed since: the certificate is printed from the folder
    assert capsys.readouterr().out == said
