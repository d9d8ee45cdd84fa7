"""Cells against their declared type: numbers, dates, levels, flags, event codes, values beyond the limits."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.intake import convert, dates, numbers, raw
from stats.intake.numbers import Fault
from stats.study.types import Column, Frame

from .conftest import SERIES, SUBJECTS, Case


@pytest.mark.parametrize(("text", "value"), [
    ("0", 0), ("-1.5", -1.5), ("+2", 2), ("1.2E+04", 12000), (".5", 0.5), ("5.", 5), ("1e-3", 0.001), ("007", 7)])
def test_numbers(text: str, value: float) -> None:
    assert numbers.number(text) == value


@pytest.mark.parametrize(("text", "code"), [
    ("forty", "E_NOT_NUMBER"), ("12.3 mo", "E_NOT_NUMBER"), ("TRUE", "E_NOT_NUMBER"), ("III", "E_NOT_NUMBER"),
    ("3-4", "E_NOT_NUMBER"), ("0x10", "E_NOT_NUMBER"), ("1_000", "E_NOT_NUMBER"), ("--5", "E_NOT_NUMBER"),
    ("inf", "E_NOT_FINITE"), ("-Infinity", "E_NOT_FINITE"), ("NaN", "E_NOT_FINITE"), ("1e400", "E_NOT_FINITE"),
    ("\u22125", "E_NOT_ASCII_NUMBER"), ("\uff11\uff12", "E_NOT_ASCII_NUMBER"), ("\u0663", "E_NOT_ASCII_NUMBER"),
    ("1,200", "E_NUMBER_FORMAT"), ("10,5", "E_NUMBER_FORMAT"), ("1 200", "E_NUMBER_FORMAT"),
    ("1.200.000", "E_NUMBER_FORMAT"), ("1'200", "E_NUMBER_FORMAT"),
    ("<10", "E_CENSORED_VALUE"), ("> 5000", "E_CENSORED_VALUE"), ("\u226450", "E_CENSORED_VALUE"),
    ("BLQ", "E_CENSORED_VALUE"), ("BLOQ", "E_CENSORED_VALUE"), ("<LLOQ", "E_CENSORED_VALUE"),
    ("ND", "E_AMBIGUOUS_MISSING"), ("n/a", "E_AMBIGUOUS_MISSING"), (".", "E_AMBIGUOUS_MISSING"),
    ("-", "E_AMBIGUOUS_MISSING"), ("unknown", "E_AMBIGUOUS_MISSING")])
def test_no_numbers(text: str, code: str) -> None:
    found = numbers.number(text)
    assert isinstance(found, Fault)
    assert found.code == code


def test_decimal_comma() -> None:
    assert numbers.number("1,5", ",") == 1.5
    assert numbers.number("12", ",") == 12
    for text in ("1.5", "1.234,5", "1,234,5"):
        found = numbers.number(text, ",")
        assert isinstance(found, Fault)
        assert found.code == "E_NUMBER_FORMAT"
    assert numbers.limit("<1,5", ",") == ("<", 1.5)
    assert numbers.comma_everywhere(["1,5", "2", "", "ND"])
    assert not numbers.comma_everywhere(["1,5", "2.5"])
    assert not numbers.comma_everywhere(["1", "2"])


@pytest.mark.parametrize(("text", "declared", "iso"), [
    ("2021-03-04", "", "2021-03-04"), ("2021-03-04T00:00:00", "", "2021-03-04"), ("2024-02-29", "", "2024-02-29"),
    ("04/03/2021", "%d/%m/%Y", "2021-03-04"), ("3/4/2021", "%m/%d/%Y", "2021-03-04"), ("4.3.21", "%d.%m.%y",
                                                                                       "2021-03-04"),
    ("04MAR2021", "%d%b%Y", "2021-03-04"), ("04-March-2021", "%d-%b-%Y", "2021-03-04"), ("20210304", "%Y%m%d",
                                                                                         "2021-03-04"),
    ("4.3.75", "%d.%m.%y", "1975-03-04")])
def test_dates(text: str, declared: str, iso: str) -> None:
    found = dates.day(text, declared)
    assert not isinstance(found, Fault)
    assert found.isoformat() == iso


@pytest.mark.parametrize(("text", "declared", "seen", "code"), [
    ("03/04/2021", "", "either", "E_DATE_AMBIGUOUS"), ("03/04/2021", "", "dm", "E_DATE_FORMAT"),
    ("23/04/2021", "", "dm", "E_DATE_FORMAT"), ("03/04/2021", "%Y-%m-%d", "either", "E_DATE_FORMAT"),
    ("2021-03-04", "%d/%m/%Y", "", "E_DATE_FORMAT"), ("44287", "", "", "E_DATE_SERIAL"),
    ("2021-03", "", "", "E_DATE_PARTIAL"), ("2021", "", "", "E_DATE_PARTIAL"), ("2021-03-UN", "", "", "E_DATE_PARTIAL"),
    ("UN/03/2021", "", "", "E_DATE_PARTIAL"), ("2021-02-30", "", "", "E_DATE_INVALID"),
    ("2021-13-01", "", "", "E_DATE_INVALID"), ("1021-01-01", "", "", "E_DATE_INVALID"),
    ("2021-03-04T23:30:00+02:00", "", "", "E_DATE_FORMAT"), ("2021-03-04T00:00:00Z", "", "", "E_DATE_FORMAT"),
    ("2021-3-4", "", "", "E_DATE_FORMAT"), ("soon", "", "", "E_DATE_FORMAT"), ("04XYZ2021", "%d%b%Y", "",
                                                                               "E_DATE_INVALID")])
def test_no_dates(text: str, declared: str, seen: str, code: str) -> None:
    found = dates.day(text, declared, seen)
    assert isinstance(found, Fault)
    assert found.code == code


@pytest.mark.parametrize(("cells", "order"), [
    (["2021-01-01"], ""), (["01/02/2021", "03/04/2021"], "either"), (["01/02/2021", "13/04/2021"], "dm"),
    (["1/25/2021"], "md"), (["25/1/2021", "1/25/2021"], "mixed")])
def test_order_of_day_and_month(cells: list[str], order: str) -> None:
    assert dates.order(cells) == order


@pytest.mark.parametrize(("old", "new", "code", "row", "says"), [
    ("S1,R", "S1,r", "E_LEVEL", 2, "did you mean 'R'"),
    ("S1,R", "S1,X", "E_LEVEL", 2, "R, D"),
    ("S1,R", "S1,R\u200b", "E_LEVEL", 2, "invisible"),
    ("S1,R", "S1,", "E_VALUE_MISSING", 2, "required"),
    ("18,F", "18,Female", "E_LEVEL", 4, "F, M"),
    ("18,F,2", "18,F,4", "E_LEVEL", 4, "0, 1, 2"),
    (",2,no,", ",2,maybe,", "E_LEVEL", 4, "flag"),
    ("S2,R,51.5", "S2,R,615", "E_RANGE", 3, "0 to 120 years"),
    ("S2,R,51.5", "S2,R,-3", "E_RANGE", 3, "0 to 120"),
    ("24.5,0", "-24.5,0", "E_RANGE", 2, "at least 0"),
    ("2020-01-10", "", "E_VALUE_MISSING", 2, "required"),
    ("2020-01-10", "2201-01-10", "E_DATE_AFTER_CUTOFF", 2, "2022-12-31"),
    ("24.5,0", "24.5,No", "E_EVENT_CODE", 2, "0 (censored)"),
    ("24.5,0", "24.5,-1", "E_EVENT_CODE", 2, "0 (censored)"),
    ("24.5,0", "24.5,0.5", "E_EVENT_CODE", 2, "0 (censored)"),
    ("24.5,0", "24.5,", "E_VALUE_MISSING", 2, "a time and no status"),
    ("24.5,0", ",0", "E_VALUE_MISSING", 2, "a status and no time"),
])
def test_a_cell_that_does_not_fit(case: Case, old: str, new: str, code: str, row: int, says: str) -> None:
    case.change("subjects.csv", old, new)
    assert code in case.load()
    assert case.only(code).row == row
    assert says in case.only(code).reason


def test_status_one_and_two_without_zero(case: Case) -> None:
    case.write("subjects.csv", SUBJECTS.replace(",1\n", ",2\n").replace(",0\n", ",1\n"))
    assert case.load() == ["E_EVENT_CODE"]
    case.change("study.toml", 'status = "os_event"',
                'status = "os_event"\nstatus_values = { event = [2], censored = [1] }')
    assert case.load() == []
    case.change("study.toml", "censored = [1]", "censored = [0]")
    assert case.load() == ["E_EVENT_CODE"]


def test_status_in_words(case: Case) -> None:
    case.change("study.toml", 'os_event = { type = "number" }',
                'os_event = { type = "category", levels = ["dead", "alive"] }')
    case.change("study.toml", 'status = "os_event"',
                'status = "os_event"\nstatus_values = { event = ["dead"], censored = ["alive"] }')
    case.write("subjects.csv", SUBJECTS.replace(",1\n", ",dead\n").replace(",0\n", ",alive\n"))
    assert case.load() == []
    assert list(case.frames["subjects"]["os_event"]) == ["alive", "dead", "alive", "dead"]


def test_yes_and_no_are_no_event_codes_even_in_a_flag(case: Case) -> None:
    case.change("study.toml", 'os_event = { type = "number" }', 'os_event = { type = "flag" }')
    assert case.load() == []
    case.write("subjects.csv", SUBJECTS.replace(",1\n", ",Yes\n").replace(",0\n", ",No\n"))
    assert case.load() == ["E_EVENT_CODE"]
    assert len(case.problems) == 4
    assert "values = {" in case.problems[0].remedy
    case.change("study.toml", 'os_event = { type = "flag" }',
                'os_event = { type = "flag", values = { Yes = "1", No = "0" } }')
    assert case.load() == []


def test_raw_codes_are_mapped_before_anything_else(case: Case) -> None:
    case.change("study.toml", 'arm = { type = "arm" }',
                'arm = { type = "arm", source = "grp", values = { 1 = "R", 2 = "D" } }')
    case.write("subjects.csv", SUBJECTS.replace(",arm", ",grp").replace(",R,", ",1,").replace(",D,", ",2,"))
    assert case.load() == []
    assert list(case.frames["subjects"]["arm"]) == ["R", "R", "D", "D"]


def test_missing_codes_of_a_file(case: Case) -> None:
    case.change("study.toml", 'file = "subjects.csv"', 'file = "subjects.csv"\nmissing = ["-99", "ND"]')
    case.write("subjects.csv", SUBJECTS.replace("51.5", "-99").replace("18,F", "ND,F"))
    assert case.load() == []
    assert case.frames["subjects"]["age"].isna().tolist() == [False, True, True, False]


def test_all_dates_in_another_format_are_told_once(case: Case) -> None:
    case.write("subjects.csv", SUBJECTS.replace("2020-01-10", "10/01/2020").replace("2020-02-11", "11/02/2020")
               .replace("2020-03-12", "12/03/2020").replace("2020-04-13", "13/04/2020"))
    assert case.load() == ["E_DATE_FORMAT"]  # 13/04 tells for all
    assert "4 of 4 cells" in case.only("E_DATE_FORMAT").reason
    assert "%d/%m/%Y" in case.only("E_DATE_FORMAT").remedy


def test_dates_that_nothing_tells_apart(case: Case) -> None:
    case.write("subjects.csv", SUBJECTS.replace("2020-01-10", "10/01/2020").replace("2020-02-11", "11/02/2020")
               .replace("2020-03-12", "12/03/2020").replace("2020-04-13", "04/04/2020"))
    assert case.load() == ["E_DATE_AMBIGUOUS"]
    case.change("study.toml", 'file = "subjects.csv"', 'file = "subjects.csv"\ndate_format = "dd/mm/yyyy"')
    case.change("subjects.csv", "2021-03-01", "01/03/2021")
    case.change("subjects.csv", "2020-09-13", "13/09/2020")
    assert case.load() == []
    assert case.frames["subjects"]["infused"].dt.month.tolist() == [1, 2, 3, 4]


def test_values_beyond_the_limits_need_a_declared_limit(case: Case) -> None:
    case.write("series.csv", SERIES.replace("900.5", "<10").replace("1,50,", "1,>5000,") + "S2,il6,2,BLQ,pg/mL\n")
    assert case.load() == []
    il6 = case.frames["series"].query("analyte == 'il6'")
    assert il6["value"].tolist() == [120, 10, 5000, 10]
    assert il6["qualifier"].astype(object).fillna("").tolist() == ["", "<", ">", "<"]
    case.write("series.csv", SERIES.replace("9.5,g/dL", "<10,g/dL"))
    assert case.load() == ["E_CENSORED_VALUE"]
    assert case.only("E_CENSORED_VALUE").row == 5


@pytest.mark.parametrize(("values", "rows"), [
    (("<200", "60", "<50"), [7]),        # it counts as 100, more than the 60 that were measured
    (("<200", "300", "<50"), [7]),       # as more than `<50`, which may be less
    (("<50", "60", "<50"), []),          # what isn't quantified ties, and is less than what is
    (("<50", "40", ">900"), [7]),
])
def test_limits_of_their_own_without_a_declared_one(case: Case, values: tuple[str, ...], rows: list[int]) -> None:
    """An analyte that is read out and declares no limit: values below their own count as half of it, and that is said."""
    head, *lines = SERIES.splitlines()
    more = [f"S{i + 1},ferritin,1,{value.lstrip('<>')},,{value[0] if value[0] in '<>' else ''}" for i, value in enumerate(values)]
    case.write("series.csv", "\n".join([f"{head},qualifier", *(f"{line}," for line in lines), *more]) + "\n")
    case.change("study.toml", "[frames.subjects.columns]\n", "[frames.subjects.columns]\nferritin = { type = \"number\", "
                "from = { frame = \"series\", analyte = \"ferritin\", pick = \"max\" } }\n")
    assert set(case.load()) <= {"W_CENSORED_VALUE"}
    assert [problem.row for problem in case.problems if problem.code == "W_CENSORED_VALUE"] == rows


def test_values_beyond_the_limits_in_other_columns(case: Case) -> None:
    case.change("subjects.csv", "51.5", "<18")
    assert case.load() == ["E_CENSORED_VALUE"]


def test_qualifier_column(case: Case) -> None:
    rows = [row + "," for row in SERIES.splitlines()]
    rows[0] += "qualifier"
    rows[1] += "<"
    case.write("series.csv", "\n".join(rows) + "\n")
    assert case.load() == ["W_CENSORED_VALUE"]  # <120 where the limit is 10
    assert case.frames["series"]["qualifier"][0] == "<"
    rows[1] = rows[1].replace("120", "10")
    case.write("series.csv", "\n".join(rows) + "\n")
    assert case.load() == []
    rows[1] = rows[1].replace("10,", ">5000,", 1)
    case.write("series.csv", "\n".join(rows) + "\n")
    assert case.load() == ["E_QUALIFIER"]
    rows[1] = rows[1].replace(">5000", "5000").replace(",<", ",~")
    case.write("series.csv", "\n".join(rows) + "\n")
    assert case.load() == ["E_LEVEL"]


def test_unclear_missing(case: Case) -> None:
    case.change("series.csv", "900.5", "ND")
    assert case.load() == ["E_AMBIGUOUS_MISSING"]
    case.change("study.toml", 'file = "series.csv"', 'file = "series.csv"\nmissing = ["ND"]')
    assert case.load() == []
    assert math.isnan(case.frames["series"]["value"].tolist()[1])


def test_words_that_readers_like_to_swallow_stay_text(case: Case) -> None:
    case.write("events.csv", "subject,term,grade,day\nS1,None,1,2\nS1,NA,1,2\nS1,null,1,2\nS2,nan,2,\n")
    assert case.load() == []
    assert case.frames["events"]["term"].tolist() == ["NA", "None", "null", "nan"]
    assert np.isnan(case.frames["events"]["day"][3])


def test_grades(case: Case) -> None:
    case.write("events.csv", "subject,term,grade,day\nS1,crs,6,2\nS1,crs,III,2\nS1,crs,3-4,2\nS2,crs,2,1\n")
    assert case.load() == ["E_RANGE", "E_NOT_NUMBER"]
    assert [(p.code, p.row) for p in case.problems] == [("E_RANGE", 2), ("E_NOT_NUMBER", 3), ("E_NOT_NUMBER", 4)]


def test_invisible_characters_are_made_visible_and_told(case: Case) -> None:
    case.change("events.csv", "neutropenia", "\u202eainep")
    assert "W_BIDI" in case.load()
    assert "U+202E" in case.only("W_BIDI").reason
    assert "\u202e" not in case.only("W_BIDI").line()
    assert "\\u202eainep" in case.frames["events"]["term"].tolist()


def test_very_many_faults_are_counted(case: Case) -> None:
    case.write("series.csv", "subject,analyte,day,value\n" + "".join(f"S1,il6,1,x{i}\n" for i in range(3000)))
    assert case.load() == ["E_NOT_NUMBER", "W_UNUSED_CODE"]
    assert len(case.problems) == 1002
    assert "2000 further rows" in case.problems[1000].reason


PIECES = st.sampled_from(["7", "7.5", "-0", "1e5", "1e300", "1e-300", ".5", "5.", "007", "1_0", "1,5", "<10", "BLQ", "NA", "x",
                          "", " 8", "9 ", "S1", "é", "e\u0301", "#REF!", "a\u200bb", "a\x01b", "inf", "--", "12e"])  # fmt: skip
COLUMNS = st.sampled_from(
    [
        Column("age", "number", range=(0, 100)),
        Column("age", "number", values={"x": "8"}),
        Column("note", "text"),
        Column("note", "text", values={"S1": "seven"}),
        Column("who", "id"),
    ]
)


@given(st.lists(PIECES, unique=True), COLUMNS, st.integers(1, 6), st.booleans(), st.sampled_from([".", ","]))
def test_cells_read_many_at_a_time_are_those_read_one_by_one(cells, column, together, whole, decimal):
    frame = Frame("subjects", "subjects.csv", {}, missing=("NA",))
    rules = convert.Rules(frame, date(2022, 12, 31), decimal, whole=whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "TOGETHER", together)
        found = convert.convert(column, cells, rules)
        patch.setattr(convert, "_many_reader", lambda column, rules: lambda part: None)
        alone = convert.convert(column, cells, rules)
    assert found.values == alone.values
    assert found.missing.tolist() == alone.missing.tolist()
    assert (found.faults, found.changed, found.as_given) == (alone.faults, alone.changed, alone.as_given)
    assert repr(found.limits) == repr(alone.limits)  # nan is not equal to itself
    if found.as_given:
        assert len(set(found.values)) == len(found.values)
