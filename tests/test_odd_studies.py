"""Studies that are odd in how they are declared, or in what became of their patients: each is refused in words, or builds
and says what is true.
"""

from __future__ import annotations

import csv
import io
import math
import re

import pytest
from markupsafe import Markup

from report import claims, prose, words
from report.build import build
from report.counting import count
from report.names import names
from report.style import load
from report.voice import Voice
from stats.findings import Refused
from stats.study.read import read

HEAD = """[study]
title = "Odd"
short = "ODD"
design = "retrospective cohort"
data_cutoff = 2025-06-30
day_zero = "start"
reference = "R"
{study}
[arms]
R = "Arm R"
D = "Arm D"
[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = {{ type = "id" }}
arm = {{ type = "arm" }}
start = {{ type = "date" }}
age = {{ type = "number", label = "Age" }}
cr = {{ type = "flag", label = "Complete response" }}
grp = {{ type = "category", label = "Group", levels = {levels} }}
os_t = {{ type = "number", label = "Time", unit = "months" }}
os_s = {{ type = "number", label = "Status" }}
{columns}
[endpoints.os]
label = "Overall survival"
time = "os_t"
status = "os_s"
[endpoints.rate]
label = "CR"
where = "cr"
"""
SERIES = """[frames.series]
file = "series.csv"
[analytes]
car = { label = "CAR transgene", scale = "log", window = [1, 28] }
[analyses.car]
kind = "kinetics"
analyte = "car"
"""


def patients(n=12, **columns):
    """n patients, half of them in each arm; columns: a function of the patient's number."""
    given = {
        "arm": lambda i: "RD"[i % 2], "start": lambda i: "2018-01-01", "age": lambda i: 30 + i, "cr": lambda i: int(i % 3 == 0),
        "grp": lambda i: "xy"[i % 2], "os_t": lambda i: 1 + i, "os_s": lambda i: i % 2,
    } | columns
    return [{"subject": f"P{i:02d}", **{name: make(i) for name, make in given.items()}} for i in range(n)]


def laid(folder, rest, rows=None, *, study="", levels='["x", "y"]', columns="", series=()):
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(HEAD.format(study=study, levels=levels, columns=columns) + rest, "utf-8")
    for name, table in (("subjects.csv", rows or patients()), ("series.csv", series)):
        if table:
            out = io.StringIO()
            writer = csv.DictWriter(out, list(table[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
            (folder / name).write_text(out.getvalue(), "utf-8")
    return folder


def voiced(folder):
    study = read(folder)
    results = count(study).results
    return Voice(study, results, load("plain", names(study), results).in_sentence)


def said(voice, address):
    return prose.finding(voice, address).striptags().replace("\u00a0", " ")


def pages(folder):
    return build(read(folder), style="plain", formats=("html",), code="0" * 64).files["report.html"]


def refused(folder):
    with pytest.raises(Refused) as caught:
        read(folder)
    return [problem.line() for problem in caught.value.problems]


def samples(values, day=7):
    return [{"subject": f"P{i:02d}", "analyte": "car", "day": day, "value": value} for i, value in enumerate(values)]


# ---- kinetics with nothing to draw


@pytest.mark.parametrize("figure", ["course", "dots"])
@pytest.mark.parametrize("day", [7, 90])
def test_a_figure_of_courses_that_nobody_has_says_so(tmp_path, figure, day):
    """Nobody was measured within the window, or one sample each, or all of them zero on a logarithmic axis."""
    shown = f'[exhibits.fig]\nkind = "{figure}"\nof = "car"\n'
    html = pages(laid(tmp_path / "s", SERIES + shown, series=samples([0] * 12, day)))
    assert ("No patient has a value that it could show" in html) == (day == 90 or figure == "dots")
    twice = [*samples([0] * 12), *samples([0] * 12, 8)]
    assert "<svg" in pages(laid(tmp_path / "s", SERIES + shown, series=twice))


def test_single_samples_are_not_called_no_measurements(tmp_path):
    html = pages(laid(tmp_path / "s", SERIES, series=samples([5] * 12)))
    assert "measured in 0 patients" not in Markup(html).striptags()
    assert "No patient was measured often enough for a peak of CAR transgene" in Markup(html).striptags()


@pytest.mark.parametrize("key", ["window = [1, 14]", "lloq = 5", "uloq = 50"])
def test_limits_of_an_analyte_are_not_those_of_one_analysis(tmp_path, key):
    (line,) = refused(laid(tmp_path / "s", SERIES + key + "\n", series=samples([5] * 12)))
    assert "[analytes.car]" in line


# ---- names that addresses can't hold


@pytest.mark.parametrize("level", ["all", "arms", "1:1"])
def test_a_level_that_no_address_can_name_is_no_group(tmp_path, level):
    rest = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nby = "grp"\n'
    rows = patients(grp=lambda i: ("x", level)[i % 2])
    (line,) = refused(laid(tmp_path / "s", rest, rows, levels=f'["x", "{level}"]'))
    assert "analyses.os.by" in line
    assert repr(level) in line
    read(laid(tmp_path / "s", rest.replace('by = "grp"', ""), rows, levels=f'["x", "{level}"]'))


def test_an_analysis_is_not_called_study(tmp_path):
    (line,) = refused(laid(tmp_path / "s", '[analyses.study]\nkind = "characteristics"\nvariables = ["age"]\n'))
    assert "'study' can't name an analysis" in line


@pytest.mark.parametrize("name", ["os.time", "os.status", "rate.outcome"])
def test_what_is_derived_for_an_endpoint_is_no_characteristic(tmp_path, name):
    (line,) = refused(laid(tmp_path / "s", f'[analyses.base]\nkind = "characteristics"\nvariables = ["{name}"]\n'))
    assert f"no column called {name}" in line


def test_times_between_columns_may_stand_in_any_order(tmp_path):
    columns = {
        "one": 'one = { type = "date" }', "gap": 'gap = { type = "number", unit = "days", between = ["start", "one"] }',
        "more": 'more = { type = "number", unit = "days", between = ["gap", "one"] }',
    }
    rows = patients(one=lambda i: f"2018-02-{i + 1:02d}")
    rest = '[analyses.base]\nkind = "characteristics"\nvariables = ["more"]\n'
    found = [count(read(laid(tmp_path / "s", rest, rows, columns="\n".join(columns[name] for name in order)))).results.csv()
             for order in (("one", "gap", "more"), ("more", "gap", "one"))]
    assert found[0] == found[1]
    assert "more,,,R,n,6" in found[0]


def test_a_section_of_the_studys_own_may_show_a_drawing_with_bold_text(tmp_path):
    rest = """[analyses.os]
kind = "survival"
endpoint = "os"
ticks = [0, 6, 12]
[exhibits.fig]
kind = "survival-curve"
of = "os"
[[sections]]
id = "mine"
title = "Mine"
exhibits = ["fig"]
"""
    folder = laid(tmp_path / "s", rest, study="synthetic = true")
    (folder / "sections").mkdir()
    (folder / "sections" / "mine.html.j2").write_text('{{ exhibit("fig") }}', "utf-8")
    assert re.search(r"<text[^>]* font-weight=", pages(folder))


# ---- choices of one analysis in its own words

TWICE = """[analyses.{}]
kind = "proportion"
outcomes = ["rate"]
{}
"""


def test_limits_are_called_by_the_confidence_they_have(tmp_path):
    rest = TWICE.format("usual", "") + TWICE.format("narrow", "confidence = 0.8")
    folder = laid(tmp_path / "s", rest, patients(20))
    voice = voiced(folder)
    assert "95% CI" in said(voice, "usual/rate@R")
    assert "80% CI" in said(voice, "narrow/rate@R")
    assert "95%" not in said(voice, "narrow/rate.difference@D:R")
    text = Markup(pages(folder)).striptags()
    assert "Values are n/N (%; 80% CI)" in text
    assert "Values are n/N (%; 95% CI)" in text


def test_a_group_is_small_by_the_analysis_own_word(tmp_path):
    rest = TWICE.format("strict", "fewest = 12") + TWICE.format("mild", "fewest = 2")
    voice = voiced(laid(tmp_path / "s", rest, patients(6, cr=lambda i: i % 2)))
    assert "fewer than twelve patients" in said(voice, "strict/rate.difference@D:R")
    assert "fewer than" not in said(voice, "mild/rate.difference@D:R")


def test_p_values_are_counted_by_the_alpha_that_is_printed(tmp_path):
    rest = '[analyses.base]\nkind = "characteristics"\nvariables = ["age", "cr", "a", "b"]\nalpha = 0.5\n'
    rows = patients(20, a=lambda i: (i * 7) % 5, b=lambda i: i // 3)
    voice = voiced(laid(tmp_path / "s", rest, rows, columns='a = { type = "number" }\nb = { type = "number" }'))
    assert "value below 0.5" in said(voice, "base/balance@D:R")
    assert voice.results["study/tests@all"]["n"] == 4  # the level is no test


# ---- words


def comparison(**parts):
    side = words.Side(Markup("in X"), Markup("1"))
    return words.Comparison(Markup("survival"), "share", side, side, **({"alpha": 0.05} | parts))


def test_an_interval_of_more_confidence_than_alpha_is_no_disagreement():
    wide = {"estimate": 1.04, "lower": 0.9996, "upper": 1.09, "null": 1.0, "p": 0.052, "alpha": 0.1}
    assert words.verdict(comparison(**wide)) == "split"
    assert words.verdict(comparison(**wide, strict=True)) == "more"
    assert words.verdict(comparison(**(wide | {"p": 0.3}), strict=True)) == "open"


def test_an_interval_of_less_confidence_than_alpha_takes_no_side_alone(tmp_path):
    rest = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nat = [6]\nconfidence = 0.5\n'
    rows = patients(20, os_t=lambda i: 3 + 5 * (i % 2) + i / 100, os_s=lambda i: int(i % 4 < 3))
    text = said(voiced(laid(tmp_path / "s", rest, rows)), "os/difference~6@D:R")
    assert "nothing is claimed" in text
    assert "less confidence" in text


def test_no_event_in_one_group_has_a_direction(tmp_path):
    """The ratio can't be estimated, the test can, and the curves say which is the higher."""
    columns = 'gone = { type = "number" }'
    rest = """[endpoints.rel]
label = "Relapse"
time = "os_t"
status = "gone"
[analyses.rel]
kind = "incidence"
endpoint = "rel"
at = [10]
"""
    rows = patients(24, gone=lambda i: 0 if i % 2 else 1 + (i % 12 == 0), os_t=lambda i: 1 + i / 2)
    text = said(voiced(laid(tmp_path / "s", rest, rows, columns=columns)), "rel/gray@D:R")
    assert text.startswith("The cumulative incidence of relapse was lower in arm D than in arm R (at 10 months 0% vs ")


def test_a_trend_is_not_called_a_difference_among_groups(tmp_path):
    rest = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nby = "grp"\ntrend = true\n'
    rest += '[analyses.resp]\nkind = "proportion"\noutcomes = ["rate"]\nby = "grp"\ntrend = true\n'
    rows = patients(30, grp=lambda i: "xyz"[i % 3])
    voice = voiced(laid(tmp_path / "s", rest, rows, levels='["x", "y", "z"]'))
    assert said(voice, "os/trend@arms").startswith("In the order of the groups, overall survival")
    assert said(voice, "resp/rate.trend@arms").startswith("In the order of the groups, the rate of")


def test_nobodys_follow_up_is_not_everybodys_event(tmp_path):
    rest = '[analyses.fu]\nkind = "followup"\nendpoint = "os"\n'
    html = pages(laid(tmp_path / "s", rest, patients(os_t=lambda i: "", os_s=lambda i: "")))
    assert "Every patient had an event" not in html
    assert "Nobody's follow-up is known" in Markup(html).striptags()


@pytest.mark.parametrize(("label", "many"), [
    ("Corticosteroids for CRS", True), ("Diabetes", False), ("Sepsis", False), ("B symptoms", True), ("TP53 mutation", False),
    ("Acute GVHD, grades II to IV", False), ("Herpes virus", False), ("Bone metastases at diagnosis", True)])
def test_was_or_were(label, many):
    assert words.plural(label) is many


# ---- verdicts

CLAIM = """[claims.c]
quote = "A statement."
type = "{}"
result = "{}"
{}
"""


def verdict(folder):
    (found,) = claims.audit(voiced(folder))
    return found.verdict


@pytest.mark.parametrize(("margin", "expected"), [
    (0.9, "inconclusive"), (1 / 0.9, "inconclusive"), (0.01, "equivalent"), (100, "equivalent")])
def test_the_margin_of_a_ratio_is_a_factor(tmp_path, margin, expected):
    """Whichever way it is written: 0.9 and 1/0.9 are one margin."""
    rest = '[analyses.os]\nkind = "survival"\nendpoint = "os"\n'
    rest += CLAIM.format("equivalence", "os/hazard@D:R", f'margin = {margin}\nmargin_source = "protocol"')
    assert verdict(laid(tmp_path / "s", rest, patients(40, os_s=lambda i: int(i % 3 > 0)))) == expected


def test_equivalence_of_a_handful_is_not_estimable(tmp_path):
    rest = TWICE.format("resp", "") + CLAIM.format("equivalence", "resp/rate.difference@D:R",
                                                   'margin = 0.9\nmargin_source = "protocol"')
    assert verdict(laid(tmp_path / "s", rest, patients(6, cr=lambda i: int(i < 4)))) == "not estimable"


@pytest.mark.parametrize("expect", ['expect = "D > R"', 'expect = "R > D"', ""])
def test_an_estimate_on_neither_side_is_not_the_opposite_direction(tmp_path, expect):
    rest = TWICE.format("resp", "") + CLAIM.format("difference", "resp/rate.difference@D:R", expect)
    assert verdict(laid(tmp_path / "s", rest, patients(20, cr=lambda i: int(i < 10)))) == "not shown"


@pytest.mark.parametrize(("printed", "kept"), [
    ("4/10 (40%)", True), ("40%", True), ("4%", False), ("10%", False), ("4 of 10", True),
    ("40% (12-74)", True), ("40% (95% CI, 12–74)", True), ("40% (12%-74%)", True), ("40% (13-74)", False)])
def test_printed_digits_are_read_as_an_author_writes_them(tmp_path, printed, kept):
    """A percent sign is no count's, a hyphen between two numbers no minus, and the confidence no result."""
    rest = TWICE.format("resp", "") + CLAIM.format("value", "resp/rate@R", f'printed = {{ R = "{printed}" }}')
    rows = patients(20, cr=lambda i: int(i < 8))  # four of ten in each arm: 12.2 to 73.8
    assert verdict(laid(tmp_path / "s", rest, rows)) == ("supported" if kept else "value mismatch")


def test_a_claim_in_a_family_rests_on_its_own_adjusted_p(tmp_path):
    """Of two outcomes one is plain and one is not: what becomes of the other decides nothing."""
    rest = """[endpoints.no]
label = "Other"
where = "age > 35"
[methods]
multiplicity = "holm"
[analyses.resp]
kind = "proportion"
outcomes = ["rate", "no"]
family = "a"
""" + CLAIM.format("difference", "resp/rate.difference@D:R", 'expect = "D > R"')
    rows = patients(24, cr=lambda i: i % 2, age=lambda i: 30 + (i // 2) % 12)
    assert verdict(laid(tmp_path / "s", rest, rows)) == "supported"


def test_a_rate_without_a_p_value_of_its_own_is_not_confirmed_by_another_test(tmp_path):
    rest = """[methods]
multiplicity = "holm"
[analyses.os]
kind = "survival"
endpoint = "os"
at = [10]
family = "a"
""" + CLAIM.format("difference", "os/difference~10@D:R", 'expect = "D > R"')
    rows = patients(40, os_t=lambda i: 2 + 20 * (i % 2) + i / 50, os_s=lambda i: 1)
    voice = voiced(laid(tmp_path / "s", rest, rows))
    assert voice.results["os/logrank.family@D:R"]["p_value"] < 0.001
    assert math.isnan(voice.results["os/difference~10@D:R"].get("p_value"))
    (found,) = claims.audit(voice)
    assert found.verdict == "nominal only"


@pytest.mark.parametrize("kind", ["difference", "no-difference", "equivalence"])
def test_a_claim_about_groups_is_not_held_against_one(tmp_path, kind):
    extra = 'margin = 0.1\nmargin_source = "protocol"' if kind == "equivalence" else ""
    (line,) = refused(laid(tmp_path / "s", TWICE.format("resp", "") + CLAIM.format(kind, "resp/rate@R", extra)))
    assert "the result of R alone" in line
    assert "@D:R" in line


def test_a_margin_in_percentage_points_is_refused(tmp_path):
    claim = CLAIM.format("equivalence", "resp/rate.difference@D:R", 'margin = 15\nmargin_source = "protocol"')
    (line,) = refused(laid(tmp_path / "s", TWICE.format("resp", "") + claim))
    assert "fraction: 0.15" in line


# ---- data

TERM = """[terms]
crs = { label = "CRS", from = "worst" }
[analyses.ae]
kind = "adverse-events"
terms = ["crs"]
"""


def test_a_worst_grade_that_is_none_is_refused(tmp_path):
    rows = patients(worst=lambda i: (0, 3, 5, 7, 2.5, -1)[i] if i < 6 else 1)
    folder = laid(tmp_path / "s", TERM, rows, columns='worst = { type = "number" }')
    with pytest.raises(Refused) as caught:
        count(read(folder))
    assert [problem.row for problem in caught.value.problems if problem.code == "E_RANGE"] == [5, 6, 7]


def test_day_columns_in_another_unit_are_turned_into_days(tmp_path):
    """Three and a half months are 106.53 days, whether they stand in the file or between two dates."""
    columns = """rel = { type = "number", unit = "months" }
seen = { type = "date" }
last = { type = "number", unit = "weeks", between = ["start", "seen"] }"""
    rest = """[endpoints.rel]
label = "Relapse"
start = "start"
event = ["rel"]
censor = ["last"]
unit = "days"
[analyses.rel]
kind = "followup"
endpoint = "rel"
"""
    rows = patients(2, rel=lambda i: 3.5 if i else "", seen=lambda i: f"2018-0{5 + 2 * i}-01")
    found = voiced(laid(tmp_path / "s", rest, rows, columns=columns)).results
    assert found["rel/range@D"]["max"] == pytest.approx(3.5 * 30.4375)
    assert found["rel/range@R"]["max"] == pytest.approx(120)


def test_a_first_day_is_in_the_unit_of_its_column(tmp_path):
    columns = 'first = { type = "number", unit = "weeks", from = { frame = "series", analyte = "car", pick = "first-day" } }'
    rest = SERIES + '[analyses.base]\nkind = "characteristics"\nvariables = ["first"]\n'
    voice = voiced(laid(tmp_path / "s", rest, columns=columns, series=samples([5] * 12, day=21)))
    assert voice.results["base/first@R"]["median"] == 3


def test_a_dead_patient_without_a_day_zero_is_not_called_living(tmp_path):
    columns = """death_date = { type = "date" }
last_contact_date = { type = "date" }
death_cause = { type = "category", levels = ["relapse"] }"""
    rest = """[endpoints.life]
label = "Life"
start = "start"
event = ["death_date"]
censor = ["last_contact_date"]
[analyses.life]
kind = "followup"
endpoint = "life"
"""
    last = "2018-03-01", "2024-12-01"
    rows = patients(start=lambda i: "" if i == 3 else "2018-01-01", death_date=lambda i: last[i != 3],
                    last_contact_date=lambda i: last[i != 3], os_t=lambda i: "" if i == 3 else 83,
                    os_s=lambda i: "" if i == 3 else 1, death_cause=lambda i: "relapse")
    folder = laid(tmp_path / "s", rest, rows, columns=columns)
    problems = count(read(folder)).problems
    assert not [problem for problem in problems if problem.code == "W_STALE_FOLLOWUP"]
    assert [problem for problem in problems if problem.code == "N_NO_TIME"]


def test_no_number_is_read_out_of_words(tmp_path):
    columns = 'drug = { type = "number", from = { frame = "treatments", column = "drug", pick = "max" } }'
    rest = '[frames.treatments]\nfile = "series.csv"\n[frames.treatments.columns]\ndrug = { type = "text" }\n'
    (line,) = refused(laid(tmp_path / "s", rest, columns=columns, series=samples([5])))
    assert "drug is a text, and what is read out of it should be a number" in line


def test_grades_are_compared_exactly_in_twice_as_many_patients_as_numbers(tmp_path):
    rest = TERM + '[analyses.base]\nkind = "characteristics"\nvariables = ["age"]\n'
    rows = patients(80, worst=lambda i: (i * 7 % 11) % 4 if i % 2 else (i * 5 % 13) % 3)
    results = voiced(laid(tmp_path / "s", rest, rows, columns='worst = { type = "number" }')).results
    found = results["ae/crs.test@D:R"]
    assert found.methods["p_value"] == "wilcoxon-exact"
    assert results["base/age.test@D:R"].methods["p_value"] == "wilcoxon-normal"
    grades = {arm: [row["worst"] for row in rows if row["arm"] == arm] for arm in "RD"}
    assert found["p_value"] == pytest.approx(dealt(grades["D"], grades["R"]), rel=1e-9)


def dealt(x, y):
    """The share of all ways to deal the grades to groups of these sizes whose rank sum is as far from the middle: counted
    grade by grade, as multivariate hypergeometric chances.
    """
    both = sorted([*x, *y])
    counts = [both.count(grade) for grade in sorted(set(both))]
    ranks, before = [], 0
    for often in counts:
        ranks.append(2 * before + often + 1)  # twice the mid-rank
        before += often
    ways = {(0, 0): 1}
    for often, rank in zip(counts, ranks, strict=True):
        further = {}
        for (taken, total), known in ways.items():
            for more in range(min(often, len(x) - taken) + 1):
                key = taken + more, total + more * rank
                further[key] = further.get(key, 0) + known * math.comb(often, more)
        ways = further
    sums = {total: known for (taken, total), known in ways.items() if taken == len(x)}
    observed = sum(ranks[sorted(set(both)).index(grade)] for grade in x)
    middle = len(x) * (len(both) + 1)
    return sum(known for total, known in sums.items() if abs(total - middle) >= abs(observed - middle)) / sum(sums.values())


def test_marks_of_notes_stand_in_reading_order(tmp_path):
    """Tests are looked up before the cells left of them; the marks begin with the first that a reader meets."""
    rest = """[analyses.base]
kind = "characteristics"
variables = ["age", "cr", "late"]
[exhibits.base]
kind = "characteristics"
of = "base"
"""
    rows = patients(20, late=lambda i: "" if i % 2 else i)
    html = pages(laid(tmp_path / "s", rest, rows, columns='late = { type = "number" }'))
    table = html[html.index("<table"):]
    marks = re.findall(r"<sup>(\w)</sup>", table[: table.index("</table>")])
    assert len(set(marks)) > 1
    assert list(dict.fromkeys(marks)) == sorted(set(marks))
    notes = re.findall(r"<sup>(\w)</sup>", table[table.index("</table>"): table.index("</div>")])
    assert notes == sorted(set(marks))


@pytest.mark.parametrize(("yes", "no"), [("Y", "N"), ("y", "n"), ("是", "否"), ("TRUE", "FALSE"), ("Yes", "no"), ("1", "0")])
def test_a_flag_in_the_usual_words(tmp_path, yes, no):
    rows = patients(12, cr=lambda i: yes if i % 3 == 0 else no)
    assert voiced(laid(tmp_path / "s", TWICE.format("resp", ""), rows)).results["resp/rate@all"]["n"] == 4
