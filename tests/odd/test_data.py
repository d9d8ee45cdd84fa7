"""Odd data are refused in words, or read as they are meant."""

from __future__ import annotations

import math
import re

import pytest

from report.counting import count
from stats import derive, intake
from stats.findings import Refused
from stats.study.read import read
from tests.odd.made import SERIES, TWICE, laid, pages, patients, refused, samples, voiced

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


def listed(rows, *names):
    return [dict(zip(("subject", *names), (f"P{i:02d}", *cells), strict=True)) for i, *cells in rows]


@pytest.mark.parametrize(("pick", "levels"), [("max", ["CR", "CR", "NR"]), ("min", ["NR", "CR", "NR"])])
def test_the_best_of_words_is_by_the_levels_they_are_read_into(tmp_path, pick, levels):
    """The frame says only its file: its words have an order in the column that is made of them."""
    columns = f'best = {{ type = "ordinal", levels = ["NR", "PR", "CR"], from = {{ frame = "responses", pick = "{pick}" }} }}'
    rest = '[frames.responses]\nfile = "series.csv"\n' + TWICE.format("resp", "")
    rows = listed([(0, 30, "PR"), (0, 60, "CR"), (0, 90, "NR"), (1, 30, "CR"), (2, 30, "NR")], "day", "response")
    frames, _ = intake.load(study := read(laid(tmp_path / "s", rest, columns=columns, series=rows)))
    assert list(derive.derive_all(study, frames)[0]["subjects"]["best"])[:3] == levels


def test_what_was_there_before_day_zero_is_no_toxicity(tmp_path):
    """A term without a window is looked for in all follow-up, which begins on day 0."""
    rest = """[terms]
rash = { label = "Rash" }
[frames.events]
file = "series.csv"
[analyses.ae]
kind = "adverse-events"
terms = ["rash"]
"""
    rows = listed([(0, "rash", -20, 3), (1, "rash", -3, 2), (1, "rash", 0, 1), (2, "rash", 5, 2)], "term", "day", "grade")
    results = voiced(laid(tmp_path / "s", rest, series=rows)).results
    assert [results[f"ae/rash=any@{arm}"]["n"] for arm in "RD"] == [1, 1]
    assert results["ae/rash.onset@D"]["median"] == 0


def test_a_condition_names_the_outcome_of_an_endpoint_before_it(tmp_path):
    rest = """[endpoints.late]
label = "CR of the elder"
where = "rate.outcome and age > 35"
[analyses.late]
kind = "proportion"
outcomes = ["late"]
"""
    assert voiced(laid(tmp_path / "s", rest)).results["late/late@all"]["n"] == 2  # of 30, 33, 36, 39 years


GROUPED = """[analyses.base]
kind = "characteristics"
variables = ["age"]
by = "grp"
"""


@pytest.mark.parametrize("study", ["", 'privacy = "public"'])
def test_who_is_in_no_group_is_said(tmp_path, study):
    rows = patients(24, grp=lambda i: "" if i in (3, 7) else "xy"[i % 2])
    page = pages(laid(tmp_path / "s", GROUPED, rows, study=study))
    words = re.sub(r"<[^>]+>", "", page)
    who = "patients" if study else "2 patients"  # fewer than five in public
    assert f"The groups leave out {who} whose group is unknown." in words
    assert f"Includes {who} whose group is unknown." in words  # under the total
    assert ('value="base/population@all">2</data> patients' in page) == (not study)


def test_of_whom_every_group_is_known_nothing_is_said(tmp_path):
    page = pages(laid(tmp_path / "s", GROUPED))
    assert "leave out" not in page
    assert "is unknown" not in page


def test_in_public_a_group_does_not_tell_how_many_are_in_none(tmp_path):
    """12 + 10 of 24 would say that 2 are in none, so a group is kept back with them."""
    rows = patients(24, grp=lambda i: "" if i in (3, 7) else "xy"[i % 2])
    results = count(read(laid(tmp_path / "s", GROUPED, rows, study='privacy = "public"'))).results
    assert math.isnan(results["base/population@all"]["missing"])
    assert any(math.isnan(results[f"base/population@{group}"]["n"]) for group in "xy")


def test_who_all_have_the_event_at_once_are_not_called_without_events(tmp_path):
    rest = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nat = [6]\n'
    rows = patients(24, os_t=lambda i: 2 if i % 2 else 20 + i, os_s=lambda i: i % 2)
    results = voiced(laid(tmp_path / "s", rest, rows)).results
    assert "at the same time" in results["os/rmst~6@D"].notes["lower"]
    assert results["os/rmst~6@R"].notes["lower"].startswith("no events before this time")
    assert "or all at the same time" in results["os/rmst_difference~6@D:R"].notes["lower"]


def test_rows_that_break_a_rule_are_told_from_the_top_of_the_file(tmp_path):
    """P10 stands before P2 in the order of identifiers, and behind it in the file."""
    rows = [row | {"subject": f"P{i}"} for i, row in enumerate(patients(14))]
    rule = '[checks]\nold = { rule = "age < 32", reason = "too old" }\n'
    with pytest.raises(Refused) as caught:
        count(read(laid(tmp_path / "s", rule, rows)))
    found = [problem.row for problem in caught.value.problems if problem.code == "E_CHECK"]
    assert found == list(range(4, 16))
