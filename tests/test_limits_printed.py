"""A median that falls below the limit of quantification is printed as below it, and never as half of it."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from report import bindings, claims
from report.counting import count
from report.manuscript import Manuscript, plain
from stats.results import limit_of
from stats.study.read import read
from tests import built, conforms
from tests.odd.made import SERIES, laid, patients, said, voiced
from tests.test_below_quantification import LIMITED, courses
from tests.test_replicate import agreed, certificate, rscript  # noqa: F401 (a fixture)

PICKED = """[frames.subjects.columns.late]
type = "number"
label = "Late transgene"
unit = "copies/µg"
from = { frame = "series", analyte = "car", day = [10, 20], pick = "last" }
[analyses.table]
kind = "characteristics"
variables = ["late"]
"""
CLAIM = """[claims.c]
quote = "q"
type = "value"
result = "car/peak@D"
printed = {{ D = "{}" }}
"""
# arm R: five of six below the limit; arm D: all quantified, 512 the middle
R, D = [None, None, 9, None, None, None], [9, 9, 10, 9, 8, 7]


def study(folder, r=R, d=D, rest=LIMITED, series=None):
    return laid(folder, rest, patients(2 * len(r)), series=series or courses(r, d))


def own_limits(limits, days=(7, 14)):
    """Samples of patients of arm R, each below its own limit; arm D has 1000 and 500."""
    rows = [{"subject": f"P{2 * i:02d}", "analyte": "car", "day": day, "value": f"<{limit}"}
            for i, limit in enumerate(limits) for day in days]
    return rows + [{"subject": f"P{2 * i + 1:02d}", "analyte": "car", "day": day, "value": 7000 / day}
                   for i in range(len(limits)) for day in days]


def test_the_limit_is_printed_and_the_number_is_kept(tmp_path):
    made = built.make(study(tmp_path / "s"))
    page = html.unescape(re.sub(r"<(style|svg)\b.*?</\1>|<[^>]+>", "", made.files["report.html"], flags=re.S))
    assert "<50 (IQR <50 to <50) in arm R" in page.replace("\u00a0", " ")
    assert "A median or quartile below the limit of quantification is given as below it." in page
    assert not re.search(r"(?<![.\d])25(?![.\d])", page[: page.rindex("Reproducibility")])
    assert built.rows(made)["car/peak@R", "median"] == 25
    assert conforms.astray(made.files["report.html"]) == []
    results = count(read(tmp_path / "s")).results
    assert results["car/peak@R"].notes["median"] == "below the limit of 50"
    assert results["car/peak@D"].notes["median"] == ""
    assert results["car/course~7@R"].note == ""  # nothing that is estimated is said not to be


def test_the_text_beside_a_figure_says_it_too(tmp_path):
    page = html.unescape(built.make(study(tmp_path / "s")).files["report.html"])
    assert "Arm R, 6 patients: peak <50 (IQR <50 to <50)" in page
    assert "Arm R, 6 patients: median <50 (IQR <50 to <50)" in page


def test_a_course_before_the_first_quantified_sample_is_below_the_limit(tmp_path):
    results = count(read(study(tmp_path / "s", [None] * 6, D))).results
    cell = results["car/course~7@R"]
    assert cell["median"] == 0
    assert limit_of(cell.notes["median"]) == ("<", 50)
    voice = voiced(tmp_path / "s")
    assert "was <50 (IQR <50 to <50)" in said(voice, "car/course~7@R")


def test_of_several_limits_none_is_printed_that_may_be_exceeded(tmp_path):
    """Six patients, known to be below 200 (four of them) and below 20: counted as half of 50, all of them."""
    results = count(read(study(tmp_path / "s", series=own_limits([200, 200, 200, 200, 20, 20])))).results
    cell = results["car/peak@R"]
    assert {cell[stat] for stat in ("median", "q1", "q3", "max")} == {25}
    assert limit_of(cell.notes["median"]) == ("<", 200)
    # of two samples below 20 and one limit declared as 50 nothing lower is said than what was declared
    assert limit_of(cell.notes["min"]) == ("<", 50)


@pytest.mark.parametrize(("limits", "told"), [
    ([200, 200, 200, 200, 20, 20], "open symbols lie below it, or below a higher limit of their samples."),
    ([50, 50, 50, 50, 20, 20], "open symbols lie below it.")])
def test_a_legend_does_not_say_lower_than_is_known(tmp_path, limits, told):
    page = re.sub(r"<[^>]+>", "", built.make(study(tmp_path / "s", series=own_limits(limits))).files["report.html"])
    assert page.count(f"LLOQ, lower limit of quantification; {told}") == 2  # of the course and of the dots


def test_above_the_upper_limit(tmp_path):
    rest = SERIES.replace('scale = "log"', 'scale = "log", lloq = 50, uloq = 600')
    voice = voiced(study(tmp_path / "s", D, D, rest))
    assert voice.cell("car/peak@D")["max"] == 600
    assert limit_of(voice.cell("car/peak@D").notes["max"]) == (">", 600)
    assert voice.show("car/peak@D", "{max}").striptags() == ">600"
    assert voice.show("car/peak@D", "{median}").striptags() == "512"


@pytest.mark.parametrize("privacy", ["public", "internal"])
def test_the_limit_is_the_assays_and_no_patients(tmp_path, privacy):
    """A public median is as coarse as any; that it lies below the limit is said all the same."""
    results = count(replace(read(study(tmp_path / "s", [None] * 12, [9] * 12)), privacy=privacy)).results
    assert results["car/peak@R"]["median"] == 25
    assert limit_of(results["car/peak@R"].notes["median"]) == ("<", 50)


def test_what_is_read_out_of_a_series_is_printed_alike(tmp_path):
    voice = voiced(study(tmp_path / "s", rest=LIMITED + PICKED))
    assert voice.cell("table/late@R")["median"] == 25
    assert voice.show("table/late@R", "{median}").striptags() == "<50"
    assert voice.cell("table/late@D")["median"] == 256


@pytest.mark.parametrize(("printed", "verdict"), [
    ("<50", "supported"), ("below 50", "supported"), ("< 50 (IQR <50 to <50)", "supported"),
    ("50", "value mismatch"), (">50", "value mismatch"), ("<60", "value mismatch")])
def test_a_claim_prints_the_limit_with_its_sign(tmp_path, printed, verdict):
    voice = voiced(study(tmp_path / "s", D, R, LIMITED + CLAIM.format(printed)))
    (found,) = claims.audit(voice)
    assert found.verdict == verdict


@pytest.mark.parametrize(("text", "address"), [
    ("The peak CAR transgene was <50 copies in arm R.", "car/peak@R"),
    ("The peak CAR transgene was below 50 copies in arm R.", "car/peak@R"),
    ("The peak CAR transgene was 50 copies in arm R.", "car/lloq@all")])
def test_a_number_of_an_abstract_is_the_limit_only_with_its_sign(tmp_path, text, address):
    voice = voiced(study(tmp_path / "s"))
    (found,) = bindings.numbers(voice, Manuscript("a.txt", plain(text)), ())
    assert (found.text, found.how, found.address) == ("50", "found", address)


def test_r_counts_what_is_read_out_as_we_do(rscript, tmp_path):  # noqa: F811
    for name, series in (("alike", None), ("own limits", own_limits([200, 20, 50, 20, 200, 50]))):
        for pick in ("last", "min", "max", "mean", "peak"):
            rest = LIMITED + PICKED.replace('"last"', f'"{pick}"')
            agreed(certificate(study(tmp_path / f"{name} {pick}", rest=rest, series=series))[0])


def test_r_counts_an_analyte_without_a_declared_limit_as_we_do(rscript, tmp_path):  # noqa: F811
    """Half of a value's own limit, from a file with the sign in a column of its own."""
    series = []
    for row in own_limits([200, 20, 50, 20, 200, 50]):
        _, below, limit = str(row["value"]).rpartition("<")
        series.append({**row, "analyte": "crp", "value": limit, "qualifier": below})
    for pick in ("last", "max", "mean"):
        rest = PICKED.replace('"car"', '"crp"').replace('"last"', f'"{pick}"')
        folder = laid(tmp_path / pick, f'[frames.series]\nfile = "series.csv"\n{rest}', patients(12), series=series)
        cell = count(read(folder)).results["table/late@R"]
        assert (cell["min"], cell["max"]) == (10, 100)
        agreed(certificate(folder)[0])
