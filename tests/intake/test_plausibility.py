"""Each implausible thing planted into a sound cohort gives its code at its row, and the sound cohort gives nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stats.derive import derive_all
from stats.intake.plausibility import plausible
from stats.intake.raw import Rows
from stats.study.types import Analyte, Check, Column, Endpoint, Term
from tests.derive.studies import long, study

N = 12
MONTH = 30.4375
COLUMNS = (
    *(Column(name, "date") for name in ("hsct_date", "relapse_before_date", "infusion_date", "progression_date",
                                        "death_date", "last_contact_date")),
    Column("pfs_months", "number", unit="months"), Column("pfs_event", "number"),
    Column("os_months", "number", unit="months"), Column("os_event", "number"),
    Column("ferritin", "number", unit="µg/L"), Column("crs_grade", "number"),
    Column("response_d28", "category", levels={"CR": "", "NR": "", "NE": ""}),
)
ENDPOINTS = {"pfs": Endpoint("pfs", "Progression-free survival", time="pfs_months", status="pfs_event"),
             "os": Endpoint("os", "Overall survival", time="os_months", status="os_event")}


def cohort():
    """Twelve patients: the first four progress, the first three of them and the fifth die; the others live."""
    start = pd.to_datetime(pd.Series(["2022-01-01"] * N)) + pd.to_timedelta(np.arange(N) * 20, unit="D")
    day = pd.to_timedelta
    progressed = start + day([100, 130, 160, 190] + [0] * (N - 4), unit="D")
    died = start + day([300, 320, 340, 0, 250] + [0] * (N - 5), unit="D")
    contact = (start + day(700 + 10 * np.arange(N), unit="D")).where(~np.isin(np.arange(N), [0, 1, 2, 4]), died)
    frame = pd.DataFrame({
        "subject": [f"P{i + 1:02}" for i in range(N)],
        "arm": pd.Categorical(["R", "D"] * 6, ["R", "D"], ordered=True),
        "hsct_date": start - day(400, unit="D"), "relapse_before_date": start - day(60, unit="D"),
        "infusion_date": start,
        "progression_date": progressed.where(np.arange(N) < 4),
        "death_date": died.where(np.isin(np.arange(N), [0, 1, 2, 4])),
        "last_contact_date": contact, "ferritin": np.linspace(300, 900, N), "crs_grade": [2.0, 1.0] + [0.0] * (N - 2),
        "response_d28": pd.Categorical(["CR"] * 8 + ["NR"] * 4, ["CR", "NR", "NE"], ordered=True)})
    first = frame[["progression_date", "death_date"]].min(axis=1)
    frame["pfs_event"] = first.notna().astype(float)
    frame["pfs_months"] = ((first.fillna(frame["last_contact_date"]) - start).dt.days / MONTH).round(1)
    frame["os_event"] = frame["death_date"].notna().astype(float)
    frame["os_months"] = ((frame["last_contact_date"] - start).dt.days / MONTH).round(1)
    events = long(("P01", "crs", 3, 8, 2), ("P02", "crs", 4, 6, 1), columns="subject term day end_day grade")
    series = long(*[(s, "hb", d, 70.0 + i, "g/L") for i, s in enumerate(frame["subject"]) for d in (0, 7, 14)],
                  *[(s, "il6", 5, 100.0 * (i + 1), "pg/mL") for i, s in enumerate(frame["subject"])],
                  columns="subject analyte day value unit")
    responses = long(*[(s, 28, r) for s, r in zip(frame["subject"], frame["response_d28"])], columns="subject day "
                                                                                                     "response")
    frames = {"subjects": frame, "events": events, "series": series, "responses": responses}
    for each in frames.values():
        each.attrs["rows"] = Rows(np.arange(len(each)) + 2)
    return frames


def found(change=None, columns=COLUMNS, **settings):
    frames = {name: frame.copy() for name, frame in cohort().items()}
    if change:
        change(frames)
    given = {"endpoints": ENDPOINTS, "terms": {"crs": Term("crs", "CRS", "ASTCT 2019", (0, 30))},
             "analytes": {"hb": Analyte("hb", "Hemoglobin", "g/L"), "il6": Analyte("il6", "IL-6", "pg/mL")}, **settings}
    s = study(columns, ("events", "series", "responses"), day_zero="infusion_date", **given)
    made, problems, _ = derive_all(s, frames)
    return [*problems, *plausible(s, made)]


def codes(change=None, **settings):
    return sorted({p.code for p in found(change, **settings)})


def put(column, row, value, frame="subjects"):
    def change(frames):
        frames[frame].loc[row, column] = value
    return change


def test_a_sound_cohort_has_nothing_to_say():
    assert found() == []
    assert codes(endpoints={"os": ENDPOINTS["os"]}) == []


DATED = {"pfs": Endpoint("pfs", "Progression-free survival", start="infusion_date",
                         event=("progression_date", "death_date"), censor=("last_contact_date",)),
         "os": Endpoint("os", "Overall survival", start="infusion_date", event=("death_date",),
                        censor=("last_contact_date",))}


def test_a_sound_cohort_by_dates_has_nothing_to_say():
    assert found(endpoints=DATED) == []


@pytest.mark.parametrize(("change", "code", "row", "column"), [
    (put("death_date", 1, pd.Timestamp("2021-06-01")), "E_DATE_ORDER", 3, "death_date and infusion_date"),
    (put("progression_date", 2, pd.Timestamp("2021-06-01")), "E_DATE_ORDER", 4, "progression_date and infusion_date"),
    (put("last_contact_date", 5, pd.Timestamp("2021-06-01")), "E_DATE_ORDER", 7, "last_contact_date and infusion_date"),
    (put("progression_date", 0, pd.Timestamp("2023-12-01")), "E_DATE_ORDER", 2, "progression_date and death_date"),
    (put("last_contact_date", 3, pd.Timestamp("2022-03-15")), "E_DATE_ORDER", 5, "progression_date and "
                                                                                 "last_contact_date"),
    (put("pfs_months", 7, 40.0), "E_PFS_GT_OS", 9, "pfs_months and os_months"),
    (put("pfs_months", 0, 9.3), "E_TIME_DATE_CONFLICT", 2, "pfs_months"),
    (put("pfs_months", 8, 19.7), "E_TIME_DATE_CONFLICT", 10, "pfs_months"),
    (put("pfs_event", 3, 0.0), "E_EVENT_DATE_CONFLICT", 5, "pfs_event and progression_date"),
    (put("os_event", 6, 1.0), "E_EVENT_DATE_CONFLICT", 8, "os_event and death_date"),
    (put("pfs_event", 4, 0.0), "E_PFS_DEATH", 6, "pfs_event"),
    (put("crs_grade", 1, 3.0), "E_SOURCE_CONFLICT", 3, "crs_grade"),
    (put("os_months", 9, 60.0), "E_TIME_DATE_CONFLICT", 11, "os_months"),
])
def test_one_row_of_the_subjects(change, code, row, column):
    hits = [(p.row, p.column) for p in found(change) if p.code == code]
    assert (row, column) in hits
    assert {r for r, _ in hits} == {row}


def test_event_dates_decide_for_endpoints_by_dates_too():
    change = put("death_date", 1, pd.Timestamp("2021-06-01"))
    hits = [p for p in found(change, endpoints=DATED) if p.code == "E_DATE_ORDER"]
    assert [(p.row, p.column) for p in hits][:1] == [(3, "death_date and infusion_date")]
    assert len({(p.file, p.row, p.column) for p in hits}) == len(hits)


def test_progression_free_survival_whose_events_leave_death_out():
    wrong = {**DATED, "pfs": replace(DATED["pfs"], event=("progression_date",))}
    assert codes(endpoints=wrong) == ["E_PFS_DEATH"]


@pytest.mark.parametrize(("column", "factor", "word"), [
    ("pfs_months", MONTH, "days"), ("os_months", MONTH, "days"), ("pfs_months", MONTH / 7, "weeks"),
    ("os_months", 1 / 12, "years")])
def test_a_whole_column_in_another_unit_is_said_once(column, factor, word):
    def change(frames):
        frames["subjects"][column] *= factor
    hits = found(change)
    assert [p.code for p in hits if p.column == column] == ["E_TIME_UNIT"]
    assert word in next(p.reason for p in hits if p.code == "E_TIME_UNIT")
    assert "E_TIME_DATE_CONFLICT" not in {p.code for p in hits}


@pytest.mark.parametrize("endpoint", ["pfs", "os"])
def test_without_dates_the_unit_shows_against_overall_survival(endpoint):
    plain = tuple(c for c in COLUMNS if c.type != "date")

    def change(frames):
        frames["subjects"] = frames["subjects"].drop(columns=[c.name for c in COLUMNS if c.type == "date"])
        frames["subjects"][f"{endpoint}_months"] *= MONTH
    s = study(plain, ("events", "series", "responses"), endpoints=ENDPOINTS)
    frames = cohort()
    change(frames)
    made, _, _ = derive_all(s, frames)
    hits = [p for p in plausible(s, made) if p.code.startswith("E_TIME")]
    assert {p.code for p in hits} == {"E_TIME_UNIT"}


@pytest.mark.parametrize("column", ["pfs_event", "os_event"])
def test_reversed_codes(column):
    def change(frames):
        frames["subjects"][column] = 1 - frames["subjects"][column]
    hits = [p for p in found(change) if p.code == "E_EVENT_CODE"]
    assert [p.column for p in hits] == [column]


def test_reversed_codes_without_dates():
    plain = tuple(c for c in COLUMNS if c.type != "date")
    frames = cohort()
    frames["subjects"] = frames["subjects"].drop(columns=[c.name for c in COLUMNS if c.type == "date"])
    frames["subjects"]["pfs_event"] = 1 - frames["subjects"]["pfs_event"]
    s = study(plain, ("events", "series", "responses"), endpoints=ENDPOINTS)
    made, _, _ = derive_all(s, frames)
    assert {p.code for p in plausible(s, made)} == {"E_EVENT_CODE"}


def test_grade_five_in_the_living_and_in_the_dead():
    alive = put("subject", 0, "P08", "events")

    def change(frames):
        alive(frames)
        frames["events"].loc[0, "grade"] = 5.0
    hits = [p for p in found(change, terms={}) if p.code == "E_GRADE5_ALIVE"]
    assert [(p.file, p.column) for p in hits] == [("events.csv", "grade")]
    assert codes(put("grade", 0, 5.0, "events"), terms={}) == []  # this patient died


def test_an_end_before_its_start_and_a_row_after_death():
    assert [(p.code, p.column) for p in found(put("end_day", 0, 1.0, "events"))] == [("E_DATE_ORDER", "end_day and "
                                                                                                      "day")]

    def late(frames):
        frames["events"].loc[0, ["day", "end_day"]] = [310.0, 312.0]
        frames["subjects"].loc[0, "crs_grade"] = 2.0
    assert codes(late) == ["E_DATE_ORDER"]


def test_a_living_patient_not_seen_for_years():
    def change(frames):
        frames["subjects"].loc[11, "last_contact_date"] = pd.Timestamp("2022-12-01")
        frames["subjects"].loc[11, ["os_months", "pfs_months"]] = 3.8
    hits = found(change)
    assert {p.code for p in hits} == {"W_STALE_FOLLOWUP"}
    assert "1 living" in hits[0].reason


def test_hemoglobin_in_grams_per_litre_under_a_unit_of_grams_per_decilitre():
    def change(frames):
        series = frames["series"]
        blood = series["analyte"] == "hb"
        series.loc[blood, "unit"] = "g/dL"
        series.loc[blood & (series.index >= 6), "value"] /= 10
    hits = found(change, analytes={})
    assert {p.code for p in hits} == {"E_PLAUSIBLE"}
    assert len(hits) == 6
    assert "10" in hits[0].reason


def test_twenty_rows_are_named_and_the_rest_counted():
    def change(frames):
        frames["series"].loc[frames["series"]["analyte"] == "hb", "value"] *= 10
    hits = found(change)
    assert len(hits) == 21
    assert "16 more" in hits[-1].reason


def test_arms_a_hundredfold_apart_in_an_analyte_or_a_column():
    def analyte(frames):
        series = frames["series"]
        r = series["subject"].isin(frames["subjects"].loc[frames["subjects"]["arm"] == "R", "subject"])
        series.loc[r & (series["analyte"] == "il6"), "value"] *= 1000
    assert [(p.code, p.file) for p in found(analyte)] == [("E_PLAUSIBLE", "series.csv")]

    def column(frames):
        frames["subjects"].loc[frames["subjects"]["arm"] == "D", "ferritin"] *= 100
    assert [(p.code, p.column) for p in found(column)] == [("E_PLAUSIBLE", "ferritin")]


def test_a_tenfold_difference_of_arms_is_a_finding_not_a_fault():
    def change(frames):
        frames["subjects"].loc[frames["subjects"]["arm"] == "D", "ferritin"] *= 10
    assert codes(change) == []


def test_a_remission_without_any_assessment_and_one_that_is_contradicted():
    def gone(frames):
        frames["responses"] = frames["responses"].iloc[1:].reset_index(drop=True)
    assert [(p.code, p.row) for p in found(gone)] == [("E_RESPONSE_NO_ASSESSMENT", 2)]
    assert [(p.code, p.row) for p in found(put("response", 3, "NR", "responses"))] == [("E_SOURCE_CONFLICT", 5)]


def test_own_checks_name_rule_rows_and_reason():
    checks = {"young": Check("young", "subjects", "ferritin < 850", "a ferritin that needs a look"),
              "grades": Check("grades", "events", "grade >= 1 or missing(day)", "a grade without an event")}
    hits = found(checks=checks)
    assert [(p.code, p.row, p.column) for p in hits] == [("E_CHECK", 13, "ferritin")]
    assert "a ferritin that needs a look" in hits[0].reason
    assert hits[0].file == "subjects.csv"
