"""Labels, units and measures by name; nothing is made up for a name that isn't there."""

import pytest

from report.measure import Measure, split
from report.names import UnknownName
from stats.study.types import Column, Frame
from tests.report.naming import COLUMNS, cell, named


def test_labels_of_everything_the_study_names():
    names = named()
    assert [names.label(name) for name in ("age", "os", "crs", "cart", "R", "infused")] == [
        "Age", "Overall survival", "Cytokine release syndrome", "CAR transgene", "Recipient-derived",
        "all infused patients"]
    assert names.level("sex", "F") == "Female"
    assert names.level("tp53", "yes") == "Yes"
    assert names.level("arm", "D") == "Donor-derived"
    assert names.population("infused") == "all infused patients"
    assert (names.unit("os"), names.unit("car"), names.unit("relapse"), names.digits("dose")) == (
        "months", "copies/µg DNA", "days", 1)


def test_what_an_analysis_is_of_is_never_a_column_of_the_same_name():
    """A column os in days, an endpoint os in months; a flag cr of the ward, an endpoint cr of the study."""
    columns = (*COLUMNS, Column("os", "number", "Days on study", "days"), Column("crp", "number", "CRP at entry", "mg/dL"),
               Column("cr", "flag", "Remission on the ward"))
    names = named(frames={"subjects": Frame("subjects", "subjects.csv", {column.name: column for column in columns})})
    assert (names.unit("os"), names.unit("crp")) == ("months", "mg/L")
    assert names.of(cell("response/cr.difference@R:D", estimate=0.1)) == "CR or CRi"
    assert names.of(cell("os/hazard@R:D", estimate=0.1)) == "Overall survival"


@pytest.mark.parametrize(("key", "by", "label"), [
    ("R", "arm", "Recipient-derived"), ("all", "arm", "All patients"), ("arms", "arm", "All groups"),
    ("R:D", "arm", "Recipient-derived vs Donor-derived"), ("F:M", "sex", "Female vs Male"), ("yes", "tp53", "TP53 mutation: yes"),
])
def test_groups(key, by, label):
    assert named().group(key, by) == label


@pytest.mark.parametrize(("ask", "said"), [
    (lambda n: n.label("agee"), "did you mean 'age'"), (lambda n: n.column("sexx"), "did you mean 'sex'"),
    (lambda n: n.endpoint("oss"), "did you mean 'os'"), (lambda n: n.term("crss"), "did you mean 'crs'"),
    (lambda n: n.analyte("carts"), "did you mean 'cart'"), (lambda n: n.arm("r"), "did you mean 'R'"),
    (lambda n: n.level("sex", "f"), "did you mean 'F'"), (lambda n: n.group("X"), "no arm 'X'"),
    (lambda n: n.group("R:E"), "no arm 'E'"), (lambda n: n.population("infusd"), "did you mean 'infused'"),
    (lambda n: n.unit("oz"), "no analysis 'oz'"), (lambda n: n.kind("oz"), "no analysis 'oz'"),
    (lambda n: n.measure(cell("os/surviwal~12@R", p=0.5)), "did you mean 'survival'"),
    (lambda n: n.measure(cell("baseline/aeg@R", median=1)), "did you mean 'age'"),
])
def test_an_unknown_name_is_refused_with_the_nearest(ask, said):
    with pytest.raises(UnknownName, match=said):
        ask(named())


@pytest.mark.parametrize(("address", "stat", "measure"), [
    ("baseline/age@R", "median", Measure("number", 0, "years")),
    ("baseline/weight@R", "mean", Measure("number", 1, "kg", means=True)),
    ("baseline/age.shift@R:D", "estimate", Measure("number", 0, "years", null=0)),
    ("baseline/age.smd@R:D", "estimate", Measure("smd", edge=0.2)),
    ("baseline/age.test@R:D", "p_value", Measure("test")),
    ("baseline/sex=F@R", "p", Measure("share")),
    ("baseline/balance@R:D", "threshold", Measure("count")),
    ("response/cr@R", "p", Measure("share")),
    ("response/cr.difference@R:D", "estimate", Measure("points", null=0)),
    ("response/cr.odds_ratio@R:D", "estimate", Measure("ratio", null=1)),
    ("response/cr.risk_ratio@R:D", "estimate", Measure("ratio", null=1)),
    ("os/survival~12@R", "p", Measure("share")),
    ("os/curve~3.2@R", "p", Measure("share")),
    ("os/at_risk~6@R", "at_risk", Measure("count")),
    ("os/events@R", "n", Measure("count")),
    ("os/median@R", "estimate", Measure("time", unit="months")),
    ("os/rmst~12@R", "estimate", Measure("time", unit="months", halved=False)),
    ("os/rmst_difference~12@R:D", "estimate", Measure("time", unit="months", null=0, halved=False)),
    ("os/difference~12@R:D", "estimate", Measure("points", null=0)),
    ("os/logrank@R:D", "p_value", Measure("test")),
    ("os/logrank.permutation@R:D", "p_value", Measure("test")),
    ("os/hazard@R:D", "estimate", Measure("ratio", null=1)),
    ("relapse/incidence~100@R", "p", Measure("share")),
    ("relapse/incidence_curve~3@R", "p", Measure("share")),
    ("relapse/gray@R:D", "p_value", Measure("test")),
    ("relapse/subhazard@R:D", "estimate", Measure("ratio", null=1)),
    ("followup/median@all", "estimate", Measure("time", unit="months")),
    ("followup/range@all", "min", Measure("time", unit="months")),
    ("toxicity/crs=severe@R", "p", Measure("share")),
    ("toxicity/crs.difference=any@R:D", "estimate", Measure("points", null=0)),
    ("toxicity/crs.onset@R", "median", Measure("number", 0, "days")),
    ("toxicity/crs.shift=0to3@R", "n", Measure("count")),
    ("toxicity/crs.emergent@R", "p", Measure("share")),
    ("toxicity/crs.superiority@R:D", "estimate", Measure("probability", null=0.5)),
    ("car/peak@R", "median", Measure("log", unit="copies/µg DNA")),
    ("car/peak.shift@R:D", "estimate", Measure("log", unit="copies/µg DNA", null=0)),
    ("car/peak.ratio@R:D", "estimate", Measure("ratio", null=1)),
    ("car/auc@R", "geomean", Measure("log", unit="copies/µg DNA × days")),
    ("car/tmax@R", "median", Measure("number", 0, "days")),
    ("car/persistence.shift@R:D", "estimate", Measure("number", 0, "days", null=0)),
    ("car/course~7@R", "median", Measure("log", unit="copies/µg DNA")),
    ("car/patient=P01~7@R", "value", Measure("log", unit="copies/µg DNA")),
    ("car/patient=P01.tmax@R", "value", Measure("number", 0, "days")),
    ("car/lloq@all", "value", Measure("declared", unit="copies/µg DNA")),
    ("car/peak_below@R", "n", Measure("count")),
    ("crp/peak@R", "median", Measure("number", unit="mg/L")),
    ("cox/sex=F@all", "n", Measure("count")),
    ("cox/sex.hazard=F@all", "estimate", Measure("ratio", null=1)),
    ("cox/sex.adjusted=F@all", "p_value", Measure("ratio", null=1)),
    ("cox/sex.overall@all", "p_value", Measure("test")),
    ("cox/sex.alternative=cox-firth@all", "p_value", Measure("test")),
    ("cox/proportionality@all", "p_value", Measure("test")),
    ("cox/model@all", "parameters", Measure("count")),
    ("baseline/sex.alternative=fisher-mid-p@R:D", "p_value", Measure("test")),
    ("checks/censored.hazard@R:D", "estimate", Measure("ratio", null=1)),
    ("study/subjects@R", "n", Measure("count")),
    ("study/confidence@all", "p", Measure("declared")),
    ("study/cutoff@all", "date", Measure("date")),
])
def test_every_address_of_the_contract_has_a_measure(address, stat, measure):
    assert named().measure(cell(address, **{stat: 1.0})) == measure


@pytest.mark.parametrize(("address", "label"), [
    ("baseline/age.shift@R:D", "Age"), ("baseline/sex=F@R", "Sex"), ("response/cr@R", "CR or CRi"),
    ("os/survival~12@R", "Overall survival"), ("relapse/gray@R:D", "Relapse"),
    ("toxicity/crs.onset@R", "Cytokine release syndrome"), ("car/peak@R", "CAR transgene"),
])
def test_what_a_cell_is_about(address, label):
    assert named().of(cell(address, estimate=1.0)) == label


def test_a_dot_in_a_name_is_part_of_it():
    assert split("lot.number") == ("lot.number", "")
    assert split("il6.shift") == ("il6", "shift")
