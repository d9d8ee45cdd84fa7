"""init: different words never become one name, and labels are the words as they were typed."""

import tomllib

import pytest

from stats.propose.columns import guess
from stats.propose.naming import distinct, key, labelled, spellings, unit_apart
from stats.propose.wide import groups, names
from stats.study.read import read


@pytest.fixture
def proposed(run, tmp_path):
    """proposed({file: text}, …) → study.toml as proposed; the study can be built."""

    def propose(**files: str) -> dict:
        paths = []
        for name, text in files.items():
            paths.append(tmp_path / f"{name}.csv")
            paths[-1].write_text(text, "utf-8")
        said = run("init", *paths, "--to", tmp_path / "study")
        assert said.code == 0, said.all
        read(tmp_path / "study")
        return tomllib.loads((tmp_path / "study" / "study.toml").read_text("utf-8"))

    return propose


def patients(*arms: str, head: str = "arm") -> str:
    return f"id,{head},age\n" + "".join(f"P{i},{arms[i % len(arms)]},{40 + i}\n" for i in range(12))


@pytest.mark.parametrize(
    ("arms", "keys"),
    [
        (("15 mg", "30 mg"), ("arm_15_mg", "arm_30_mg")),
        (("1.5 mg", "15 mg", "1-5 mg"), ("arm_1_5_mg_2", "arm_15_mg", "arm_1_5_mg")),
        (("CD19+", "CD19-"), ("cd19_plus", "cd19_minus")),
        (("MRD+", "MRD−"), ("mrd_plus", "mrd_minus")),
        (("<60", ">60"), ("below_60", "above_60")),
        (("≤60", ">60"), ("at_most_60", "above_60")),
        (("α", "β"), ("alpha", "beta")),
        (("ก", "ข"), ("arm", "arm_2")),
        (("Drug A", "Drug A+", "Drug A++"), ("drug_a", "drug_a_plus", "drug_a_plus_plus")),
        (("Drug A", "drug-a"), ("drug_a", "drug_a_2")),
        (("18-40", "41-60"), ("arm_18_40", "arm_41_60")),
        (("5-FU", "5-FU + RT"), ("arm_5_fu", "arm_5_fu_plus_rt")),
        (("1: Placebo", "2: Verum"), ("arm_1_placebo", "arm_2_verum")),
        (("all", "arms"), ("arm_all", "arm_arms")),
        (("+", "-"), ("plus", "minus")),
        (("R", "D"), ("R", "D")),
    ],
)
def test_different_arms_stay_different_and_are_called_as_typed(proposed, arms, keys):
    told = proposed(one=patients(*arms))
    assert told["arms"] == dict(sorted(zip(keys, arms), key=lambda pair: pair[1]))
    values = told["frames"]["subjects"]["columns"]["arm"].get("values", {})
    assert {arm: values.get(arm, arm) for arm in arms} == dict(zip(arms, keys))


def test_spellings_of_an_arm_are_one_and_it_is_said(proposed, run, tmp_path):
    told = proposed(one=patients("Drug A", "Drug B", "drug a"))
    assert told["arms"] == {"drug_a": "Drug A", "drug_b": "Drug B"}
    assert "# ? “drug a” taken for “Drug A”" in (tmp_path / "study" / "study.toml").read_text("utf-8")


def test_analytes_terms_and_drugs(proposed):
    rows = [f"P{i},{{}},{j}" for i in range(12) for j in (1, 8)]

    def long(*words: str) -> str:
        return "".join(row.format(words[i % len(words)]) + f",{i % 4}\n" for i, row in enumerate(rows))

    told = proposed(
        one=patients("A", "B"),
        labs="id,analyte,day,value\n" + long("CD4+", "CD4-", "CD4", "TGF-α", "TGF-β"),
        ae="id,term,day,grade\n" + long("Hyperkalaemia +", "Hyperkalaemia -", "HBV (new)", "HBV new", "5-HT syndrome"),
        drugs="id,drug,day\n" + "".join(f"P{i},{'Drug A' if i % 2 else 'Drug-A'},{i}\n" for i in range(12)),
    )
    assert {name: keys["label"] for name, keys in told["analytes"].items()} == {
        "cd4_plus": "CD4+", "cd4_minus": "CD4-", "cd4": "CD4", "tgf_alpha": "TGF-α", "tgf_beta": "TGF-β",
    }
    assert {name: keys["label"] for name, keys in told["terms"].items()} == {
        "hyperkalaemia_plus": "Hyperkalaemia +", "hyperkalaemia_minus": "Hyperkalaemia -", "hbv_new": "HBV (new)",
        "hbv_new_2": "HBV new", "term_5_ht_syndrome": "5-HT syndrome",
    }
    frames = told["frames"]
    assert frames["series"]["columns"]["analyte"]["values"]["CD4-"] == "cd4_minus"
    assert frames["events"]["columns"]["term"]["values"]["HBV new"] == "hbv_new_2"
    assert frames["treatments"]["columns"]["drug"]["levels"] == {"drug_a": "Drug-A", "drug_a_2": "Drug A"}


def test_days_beside_each_other_of_cells_with_and_without_a_marker(proposed):
    heads = ["CD4+ d0", "CD4+ d7", "CD4- d0", "CD4- d7"]
    told = proposed(one=f"id,{','.join(heads)}\n" + "".join(f"P{i},{i}.5,2{i},3{i},4{i}\n" for i in range(10)))
    assert {name: keys["label"] for name, keys in told["analytes"].items()} == {"cd4_plus": "CD4+", "cd4_minus": "CD4-"}
    assert told["frames"]["series"]["wide"]["cd4_minus"] == {"CD4- d0": 0, "CD4- d7": 7}
    columns = [guess(head, ["1.5", "20", "300"]) for head in ("IL-6-d0", "IL-6-d7", "CRP - d0", "CRP - d7")]
    assert names(groups(columns)) == {"IL-6": "il_6", "CRP": "crp"}


def test_codes_that_the_dictionary_calls_by_name(proposed):
    told = proposed(
        export="record_id,redcap_repeat_instrument,redcap_repeat_instance,dose,ae_term,ae_grade,start_day\n"
        + "".join(f"{i},,,{i % 2 + 1},,,\n{i},ae,1,,{i % 3 + 1},2,{i}\n{i},ae,2,,2,1,{i}\n" for i in range(1, 13)),
        dictionary="Variable / Field Name,Form Name,Field Type,Field Label,"
        '"Choices, Calculations, OR Slider Labels"\n'
        'record_id,a,text,Record,\ndose,a,radio,Dose,"1, Low | 2, High"\n'
        'ae_term,ae,radio,Term,"1, Nausea | 2, Anemia | 3, Nausea"\n'
        'ae_grade,ae,text,Grade,\nstart_day,ae,text,Day,\n',
    )
    assert {keys["label"] for keys in told["terms"].values()} == {"Nausea (1)", "Anemia", "Nausea (3)"}
    assert told["frames"]["events"]["columns"]["term"]["values"]["2"] == "anemia"


def test_names_and_spellings():
    assert key("CD34+CD38- cells", "term") == "cd34_plus_cd38_minus_cells"
    assert key("A - B", "term") == "a_b"
    assert key("", "term") == "term"
    assert distinct({"1": "A", "2": "a"}, "arm") == {"1": "A", "2": "a_2"}
    assert labelled({"1": "Old", "2": "Old", "3": ""}) == {"1": "Old (1)", "2": "Old (2)", "3": "3"}
    assert spellings(["1 5", "15", "1  5 "])[0] == {"1  5 ": "1 5"}


def test_a_unit_in_brackets_is_the_unit_and_no_second_one_in_the_label():
    assert unit_apart("Creatinine (µmol/L)") == ("Creatinine", "µmol/L")
    assert unit_apart("Haemoglobin [g/dL] ") == ("Haemoglobin", "g/dL")
    for scale in ("Pain (0-10)", "Smoker (1 = yes)", "Relapse (yes/no)", "(mg)", "Age"):
        assert unit_apart(scale) == (scale, "")


def test_a_dictionary_says_the_unit_once_and_surgery_is_a_day_zero(run, tmp_path):
    (tmp_path / "data").mkdir()
    head = "Variable / Field Name,Form Name,Field Type,Field Label,Text Validation Type OR Show Slider Number"
    fields = ["record_id,base,text,ID,", "age,base,text,Age at surgery (years),number",
              "crea,base,text,Creatinine (µmol/L),number",
              "op_surgery,base,text,Date of surgery,date_ymd", "died,base,text,Date of death,date_ymd",
              "last_seen,base,text,Last contact,date_ymd"]
    (tmp_path / "data" / "dict.csv").write_text("\n".join([head, *fields]) + "\n", "utf-8")
    rows = [f"{i},{40 + i},{80 + i * 3},2023-01-{i + 1:02d},{'2023-09-01' if i % 3 == 0 else ''},2023-10-{i + 1:02d}"
            for i in range(1, 13)]
    rows = [row if ",," in row else row.rpartition(",")[0] + ",2023-09-01" for row in rows]
    heads = "record_id,age,crea,op_surgery,died,last_seen"
    (tmp_path / "data" / "export.csv").write_text("\n".join([heads, *rows]) + "\n", "utf-8")
    assert run("init", tmp_path / "data", "--to", tmp_path / "study").code == 0
    study = tomllib.loads((tmp_path / "study" / "study.toml").read_text("utf-8"))
    columns = study["frames"]["subjects"]["columns"]
    assert (columns["age"]["label"], columns["age"]["unit"]) == ("Age at surgery", "years")
    assert (columns["crea"]["label"], columns["crea"]["unit"]) == ("Creatinine", "µmol/L")
    assert study["endpoints"]["os"]["start"] == "op_surgery"
