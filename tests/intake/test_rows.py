"""One file for several frames: conditions, REDCap's instruments and events, days without a day 0, tables of one's own."""

from __future__ import annotations

import numpy as np
import pytest

from stats.derive import derive_all
from stats.intake import load
from stats.study.read import examine, read
from stats.study.types import Column

MIXED = """record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,age,ae_term,ae_grade,ae_day,\
lab,lab_day,lab_value
1,base_arm_1,,,1,40,,,,,,
1,base_arm_1,toxicity,1,,,crs,2,3,,,
1,base_arm_1,toxicity,2,,,crs,1,9,,,
1,base_arm_1,labs,1,,,,,,il6,2,80
1,late_arm_1,,,1,41,,,,,,
2,base_arm_1,,,0,55,,,,,,
2,base_arm_1,labs,1,,,,,,il6,1,12
3,base_arm_1,,,1,150,,,,,,
3,base_arm_1,toxicity,1,,,crs,4,1,,,
"""
LABELS = """Record ID,Event Name,Repeat Instrument,Repeat Instance,Sex,Age (years),Race (choice=White),Race (choice=Other)
1,Base,,,Male,40,Checked,Unchecked
2,Base,,,Female,55,Unchecked,Checked
"""
DICTIONARY = """Variable / Field Name,Form Name,Section Header,Field Type,Field Label,\
"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number
record_id,base,,text,Record ID,,,
sex,base,,radio,<b>Sex</b>,"0, Female | 1, Male",,
age,base,,text,Age (years),,,integer
race,base,,checkbox,Race,"1, White | 2, Other, or mixed",,
born,base,,text,Born,,,date_ymd
smoker,base,,yesno,Smoker,,,
"""
STUDY = """
[study]
title = "Mixed rows"
short = "MIXED"
data_cutoff = 2024-12-31
[arms]
all_patients = "All"
[terms]
crs = {}
[frames.subjects]
file = "data.csv"
where = "age < 100"
instrument = ""
event = "base_arm_1"
[frames.subjects.columns]
subject = { type = "id", source = "record_id" }
sex = { type = "category", levels = { "0" = "Female", "1" = "Male" } }
age = { type = "number", range = [0, 110], required = true }
peak = { type = "number", from = { frame = "labs", column = "value", pick = "max" } }
[frames.events]
file = "data.csv"
instrument = "toxicity"
[frames.events.columns]
subject = { type = "id", source = "record_id" }
term = { type = "text", source = "ae_term", required = true }
grade = { type = "number", source = "ae_grade", required = true }
day = { type = "number", source = "ae_day", day_one = true }
[frames.labs]
file = "data.csv"
where = "known(value)"
instrument = ["labs"]
[frames.labs.columns]
subject = { type = "id", source = "record_id" }
value = { type = "number", source = "lab_value" }
"""


@pytest.fixture
def mixed(tmp_path):
    def read(study=STUDY, data=MIXED, dictionary=""):
        (tmp_path / "study.toml").write_text(study, "utf-8")
        (tmp_path / "data.csv").write_text(data, "utf-8")
        if dictionary:
            (tmp_path / "dictionary.csv").write_text(dictionary, "utf-8")
        made, problems = examine(tmp_path)
        assert made is not None
        assert [p.line() for p in problems if p.fatal] == []
        return made, *load(made)
    return read


def test_each_frame_gets_its_own_rows_of_a_shared_file(mixed):
    study, frames, problems = mixed()
    assert problems == []
    assert frames["subjects"]["subject"].tolist() == ["1", "2"]  # patient 3 fails the condition …
    assert frames["events"][["subject", "grade"]].values.tolist() == [["1", 2.0], ["1", 1.0]]  # … and nobody misses 3
    assert "redcap_repeat_instrument" not in frames["events"]
    derived, met, _ = derive_all(study, frames)
    assert derived["subjects"]["peak"].tolist() == [80.0, 12.0]
    assert met == []


def test_days_that_count_from_one_become_days_from_zero(mixed):
    _, frames, _ = mixed()
    assert frames["events"]["day"].tolist() == [2.0, 8.0]
    _, _, problems = mixed(data=MIXED.replace("crs,2,3,", "crs,2,0,"))
    assert [(p.code, p.row, p.column) for p in problems] == [("E_RANGE", 3, "ae_day")]
    assert "no day 0" in problems[0].reason
    _, frames, _ = mixed(data=MIXED.replace("crs,2,3,", "crs,2,-4,"))
    assert frames["events"]["day"].tolist() == [-4.0, 8.0]


def test_an_export_with_repeating_instruments_must_say_whose_rows_it_means(mixed):
    _, _, problems = mixed(STUDY.replace('instrument = "toxicity"\n', ""))
    assert [p.code for p in problems] == ["E_KEY_MISSING"]
    assert problems[0].column == "redcap_repeat_instrument"
    assert "instrument = " in problems[0].remedy


def test_rows_of_several_events_point_to_the_event(mixed):
    _, _, problems = mixed(STUDY.replace('event = "base_arm_1"\n', ""))
    assert [p.code for p in problems if p.fatal] == ["E_DUP_ID"]
    assert "event = " in problems[0].remedy


def test_a_cell_that_decides_where_a_row_belongs_must_be_readable(mixed):
    _, _, problems = mixed(data=MIXED.replace(",1,40,", ",1,forty,"))
    assert [(p.code, p.row, p.column) for p in problems if p.fatal] == [("E_NOT_NUMBER", 2, "age")]


def test_no_row_left_is_said(mixed):
    _, _, problems = mixed(STUDY.replace("age < 100", "age < 10"))
    assert problems[0].code == "E_NO_ROWS"


def test_the_dictionary_gives_types_labels_and_levels(mixed):
    study = """
[study]
title = "By the dictionary"
short = "DICT"
data_cutoff = 2024-12-31
[arms]
all_patients = "All"
[frames.subjects]
file = "data.csv"
dictionary = "dictionary.csv"
instrument = ""
[frames.subjects.columns]
subject = { type = "id", source = "record_id" }
sex = {}
years = { source = "age", digits = 0 }
race___1 = {}
"""
    made, frames, problems = mixed(study, LABELS, DICTIONARY)
    assert problems == []
    columns = made.subjects.columns
    assert columns["sex"].label == "Sex"
    assert dict(columns["sex"].levels) == {"0": "Female", "1": "Male"}
    assert columns["race___1"].label == "Race: White"
    assert (columns["years"].type, columns["years"].label) == ("number", "Age (years)")
    assert frames["subjects"]["sex"].tolist() == ["1", "0"]  # cells hold labels, levels are codes
    assert frames["subjects"]["race___1"].tolist() == [True, False]
    assert frames["subjects"]["years"].tolist() == [40.0, 55.0]


def test_a_file_that_is_no_dictionary_is_refused(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY.replace('instrument = ""\n', 'dictionary = "data.csv"\n'), "utf-8")
    (tmp_path / "data.csv").write_text(MIXED, "utf-8")
    _, problems = examine(tmp_path)
    assert [(p.code, p.column) for p in problems] == [("E_FILE_BROKEN", "frames.subjects.dictionary")]


@pytest.mark.parametrize(("old", "new", "code"), [
    ("[frames.labs]", "[frames.lab_series]", "E_UNKNOWN_NAME"),          # still read from labs
    ("[frames.labs]", "[frames.event]", "E_UNKNOWN_NAME"),               # too near to events
    ("[frames.labs]", "[frames.course]", "E_CONFIG_VALUE"),              # the program's own
    ('where = "known(value)"', 'where = "known(peak)"', "E_CONDITION"),
    ('source = "ae_term", required = true', 'source = "ae_term", day_one = true', "E_CONFIG_VALUE"),
    ('file = "data.csv"\nwhere = "age', 'file = "package:os/../../etc/passwd.csv"\nwhere = "age', "E_PATH_OUTSIDE"),
    ('file = "data.csv"\nwhere = "age', 'file = "package:lifelines/../numpy/x.csv"\nwhere = "age', "E_PATH_OUTSIDE"),
])
def test_what_can_not_be_is_refused(tmp_path, old, new, code):
    assert old in STUDY
    (tmp_path / "study.toml").write_text(STUDY.replace(old, new, 1), "utf-8")
    (tmp_path / "data.csv").write_text(MIXED, "utf-8")
    _, problems = examine(tmp_path)
    assert code in [p.code for p in problems]


def test_a_library_s_own_data_set_can_be_read(tmp_path):
    (tmp_path / "study.toml").write_text("""
[study]
title = "From a library"
short = "LIB"
data_cutoff = 2024-12-31
[arms]
all_patients = "All"
[frames.subjects]
file = "package:lifelines/datasets/larynx.csv"
[frames.subjects.columns]
age = { type = "number" }
""", "utf-8")
    study = read(tmp_path)
    frames, problems = load(study)
    assert problems == []
    assert len(frames["subjects"]) == 90
    assert isinstance(study.subjects.columns["age"], Column)


def test_an_endpoint_may_stand_on_those_above_it(tmp_path):
    """Recovery on day 20 of a patient who died on day 30; death before recovery; censored; both on one day."""
    (tmp_path / "study.toml").write_text("""
[study]
title = "Recovery"
short = "REC"
data_cutoff = 2024-12-31
[arms]
all_patients = "All"
[frames.subjects]
file = "data.csv"
[frames.subjects.columns]
day = { type = "number" }
months = { type = "number" }
died = { type = "flag" }
[endpoints.os]
time = "months"
status = "died"
[endpoints.recovery]
start = 0
event = ["day"]
competing = ["os"]
censor = ["os"]
unit = "days"
""", "utf-8")
    months = 30 / 30.4375
    (tmp_path / "data.csv").write_text(f"day,months,died\n20,{months!r},1\n,{months!r},1\n,{months!r},0\n30,{months!r},1\n")
    study = read(tmp_path)
    frames, problems = load(study)
    made, problems, _ = derive_all(study, frames)
    assert problems == []
    np.testing.assert_allclose(made["subjects"]["recovery.time"], [20, 30, 30, 30])
    assert made["subjects"]["recovery.status"].tolist() == [1, 2, 0, 1]
