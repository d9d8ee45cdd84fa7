"""Identifiers, joins, days from dates, order, and what whole columns say against the study."""

from __future__ import annotations

import pytest

from .conftest import EVENTS, SERIES, SUBJECTS, Case


def test_ids_are_never_numbers(case: Case) -> None:
    for name, text in (("subjects.csv", SUBJECTS), ("events.csv", EVENTS), ("series.csv", SERIES)):
        odd = text.replace("S1", "001").replace("S2", "1E5").replace("S3", "../../x")
        case.write(name, odd.replace("S4", "12345678901234567890"))
    assert case.load() == []
    assert list(case.frames["subjects"]["subject"]) == ["../../x", "001", "12345678901234567890", "1E5"]


@pytest.mark.parametrize(("known", "used"), [("001", "1"), ("1", "1.0"), ("s1", "S1")])
def test_orphans_are_named_with_the_nearest_id(case: Case, known: str, used: str) -> None:
    case.write("subjects.csv", SUBJECTS.replace("S1", known))
    case.write("events.csv", EVENTS.replace("S1", used))
    case.write("series.csv", SERIES.replace("S1", known))
    assert case.load() == ["E_ORPHAN_ID"]
    assert [problem.row for problem in case.problems] == [2, 3]
    assert f"'{used}'" in case.problems[0].reason
    assert f"did you mean '{known}'" in case.problems[0].reason


def test_missing_id(case: Case) -> None:
    case.change("subjects.csv", "S3", "")
    assert "E_ID_MISSING" in case.load()
    assert case.only("E_ID_MISSING").row == 4


@pytest.mark.parametrize(("again", "says"), [("S2,R,51.5,M,1,1,PR,2020-02-11,2021-03-01,12.6,1", "identical"),
                                             ("S2,R,52,M,1,1,PR,2020-02-11,2021-03-01,12.6,1", "different")])
def test_a_patient_twice(case: Case, again: str, says: str) -> None:
    case.write("subjects.csv", SUBJECTS + again + "\n")
    assert case.load() == ["E_DUP_ID"]
    problem = case.only("E_DUP_ID")
    assert problem.row == 6
    assert "row 3" in problem.reason
    assert says in problem.reason


@pytest.mark.parametrize("name", ["Total", "TOTAL:", "Mean", "Median", "Grand total"])
def test_a_summary_row_is_no_patient(case: Case, name: str) -> None:
    case.write("subjects.csv", SUBJECTS + f"{name},,40.9,,,,,,,,\n")
    assert case.load() == ["E_SUMMARY_ROW"]
    assert case.only("E_SUMMARY_ROW").row == 6


def test_expected_number_of_patients(case: Case) -> None:
    case.change("study.toml", 'short = "SMALL"', 'short = "SMALL"\nexpected_n = 5')
    assert case.load() == ["E_EXPECTED_N"]
    assert "4 patients" in case.only("E_EXPECTED_N").reason


def test_days_are_counted_from_day_zero(case: Case) -> None:
    case.write("events.csv", "subject,term,grade,date,end_date\nS1,crs,2,2020-01-13,2020-01-16\nS2,crs,1,2020-02-10,\n")
    assert case.load() == []
    events = case.frames["events"]
    assert events["day"].tolist() == [3, -1]
    assert events["end_day"].tolist()[0] == 6
    assert events["end_day"].isna().tolist() == [False, True]


def test_day_and_date_must_agree(case: Case) -> None:
    case.write("events.csv", "subject,term,grade,date,day\nS1,crs,2,2020-01-13,3\nS2,crs,1,2020-02-12,5\n")
    assert case.load() == ["E_TIME_DATE_CONFLICT"]
    assert case.only("E_TIME_DATE_CONFLICT").row == 3


def test_a_day_after_the_cut_off(case: Case) -> None:
    case.change("events.csv", "S1,crs,2,3,6", "S1,crs,2,3,1500")
    assert case.load() == ["E_DATE_AFTER_CUTOFF"]
    assert case.only("E_DATE_AFTER_CUTOFF").column == "end_day"


def test_dates_need_a_day_zero(case: Case) -> None:
    case.change("study.toml", 'day_zero = "infused"\n', "")
    case.write("events.csv", "subject,term,grade,date\nS1,crs,2,2020-01-13\n")
    assert case.load() == ["E_KEY_MISSING"]


def test_roles_under_other_headers(case: Case) -> None:
    case.change("study.toml", 'file = "events.csv"',
                'file = "events.csv"\ncolumns = { subject = { source = "USUBJID" }, '
                'day = { source = "AESTDY" }, term = { source = "AETERM" }, serious = { type = "flag" } }')
    case.write("events.csv", "USUBJID,AETERM,AESTDY,grade,serious,other\nS1,crs,3,2,perhaps,z\n")
    assert case.load() == ["E_LEVEL"]
    case.write("events.csv", "USUBJID,AETERM,AESTDY,grade,serious,other\nS1,crs,3,2,yes,z\n")
    assert case.load() == []
    assert list(case.frames["events"].columns) == ["subject", "day", "term", "serious", "grade"]
    assert case.frames["events"].attrs["unused"] == ("other",)


def test_a_long_frame_needs_its_roles(case: Case) -> None:
    case.write("events.csv", "subject,term,day\nS1,crs,3\n")
    case.write("series.csv", "subject,analyte,value\nS1,il6,3\n")
    assert case.load() == ["E_COLUMN_MISSING"]
    assert {problem.column for problem in case.problems} == {"grade", "day"}


def test_one_arm_needs_no_arm_column(case: Case) -> None:
    case.change("study.toml", 'D = "Donor"\n', "")
    case.change("study.toml", 'arm = { type = "arm" }\n', "")
    case.write("subjects.csv", SUBJECTS)
    assert case.load() == []
    arm = case.frames["subjects"]["arm"]
    assert list(arm) == ["R"] * 4
    assert list(arm.cat.categories) == ["R"]


def test_an_empty_arm(case: Case) -> None:
    case.change("study.toml", 'D = "Donor"', 'D = "Donor"\nU = "Unrelated"')
    assert case.load() == ["W_EMPTY_ARM"]
    assert list(case.frames["subjects"]["arm"].cat.categories) == ["R", "D", "U"]


def test_no_adverse_events(case: Case) -> None:
    case.write("events.csv", EVENTS.splitlines()[0] + "\n")
    assert case.load() == ["W_NO_AE"]
    assert case.frames["events"].shape == (0, 5)


def test_patients_without_events_stay(case: Case) -> None:
    case.write("events.csv", EVENTS.replace("S4,neutropenia,3,8,15\n", ""))
    assert case.load() == []
    assert len(case.frames["subjects"]) == 4


def test_terms_that_differ_in_case(case: Case) -> None:
    case.change("events.csv", "S4,neutropenia", "S4,Neutropenia ")
    assert case.load() == ["R_TRIM", "W_NEAR_DUPLICATE_TERM"]
    assert sorted(set(case.frames["events"]["term"])) == ["Neutropenia", "crs", "neutropenia"]
    case.write("events.csv", EVENTS.replace("neutropenia", "Neutropenia"))
    assert case.load() == ["E_LEVEL"]  # the declared term would have nobody
    assert "values = {" in case.only("E_LEVEL").remedy


def test_responses_that_never_occur_and_missing_ones(case: Case) -> None:
    case.write("subjects.csv", SUBJECTS.replace(",PR,", ",,").replace(",CR,2020-04", ",NA,2020-04"))
    assert case.load() == ["W_UNUSED_CODE", "W_MISSING_RESPONSE"]
    assert "PR" in case.only("W_UNUSED_CODE").reason
    assert "2 of 4" in case.only("W_MISSING_RESPONSE").reason
    assert case.frames["subjects"]["best"].isna().sum() == 2


def test_units(case: Case) -> None:
    case.change("series.csv", "10.5,g/dL", "105,g/L")
    assert case.load() == ["E_UNIT"]
    assert case.only("E_UNIT").row == 6


def test_both_signs_for_micro_are_one(case: Case) -> None:
    extra = "S3,ferritin,1,300,\u00b5g/L\nS3,ferritin,2,300,\u03bcg/L\n"
    case.write("series.csv", SERIES + extra)
    assert case.load() == []
    case.write("series.csv", SERIES + extra + "S3,ferritin,3,300,ng/mL\n")
    assert case.load() == ["E_UNIT"]
    assert case.only("E_UNIT").row == 9


def test_an_analyte_that_never_occurs(case: Case) -> None:
    case.write("series.csv", SERIES.replace("il6", "IL6"))
    assert case.load() == ["W_UNUSED_CODE"]
    assert "did you mean 'IL6'" in case.only("W_UNUSED_CODE").reason


def test_repeated_rows_are_told_and_kept(case: Case) -> None:
    case.write("series.csv", SERIES + SERIES.splitlines()[1] + "\n")
    assert case.load() == ["W_DUP_ROW"]
    assert len(case.frames["series"]) == 6


def test_terms_graded_elsewhere_don_t_ask_for_events(case: Case) -> None:
    case.change("study.toml", "neutropenia = { window", 'neutropenia = { from = "anc", window')
    case.write("events.csv", EVENTS.replace("neutropenia", "Neutropenia"))
    assert case.load() == ["W_UNUSED_CODE"]  # no anc in series


def test_one_status_column_for_two_endpoints(case: Case) -> None:
    case.change("study.toml", "[endpoints.response]", '[endpoints.again]\ntime = "os_months"\nstatus = "os_event"\n'
                "status_values = { event = [1], censored = [] }\n[endpoints.response]")
    assert case.load() == ["E_EVENT_CODE"]
    assert [problem.row for problem in case.problems] == [2, 4]
