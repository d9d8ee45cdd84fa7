"""The study file: what the contract allows is read with its defaults; anything else says where, what and nearest."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from stats.findings import Problem, Refused
from stats.study import kinds, toml
from stats.study.kinds import Installed
from stats.study.read import examine, read
from stats.study.roles import frame_columns, subject_columns
from stats.study.settings import METHODS
from stats.study.types import Study

STUDY = """
[study]
title        = "CAR-T cells after transplantation"
short        = "CART-ALLO"
design       = "retrospective cohort"
data_cutoff  = 2025-04-30
day_zero     = "infusion_date"
reference    = "D"
primary      = "pfs"
style        = "blood"
confidence   = 0.95
alpha        = 0.05
synthetic    = true
expected_n   = 23
seed         = 20250430
ctcae        = "5.0"

[arms]
R = "Recipient-derived"
D = "Donor-derived"

[populations]
infused   = { label = "all infused patients" }
evaluable = { label = "evaluable at day 28", where = "response_d28 != 'NE'" }
remitters = { label = "in CR/CRi at day 28", where = "response_d28 in ['CR', 'CRi'] and pfs.time > 1" }

[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = { type = "id" }
arm     = { type = "arm", source = "grp", values = { "1" = "R", "2" = "D" } }
age     = { type = "number", label = "Age", unit = "years", digits = 0, range = [0, 110], required = true }
sex     = { type = "category", label = "Sex", levels = { F = "Female", M = "Male" } }
ecog    = { type = "ordinal", label = "ECOG performance status", levels = ["0", "1", "2"] }
tp53    = { type = "flag", label = "TP53 mutation" }
dose    = { type = "number", label = "Dose", unit = "×10⁶/kg", digits = 1, summary = "median-range" }
infusion_date = { type = "date" }
hsct_date     = { type = "date" }
relapse_date  = { type = "date" }
death_date    = { type = "date" }
last_contact_date = { type = "date" }
pfs_months    = { type = "number" }
pfs_event     = { type = "number" }
chimerism     = { type = "number", from = { frame = "series", analyte = "chimerism", day = [-1, 1], pick = "last" } }
toci          = { type = "flag", from = { frame = "treatments", where = "drug == 'tocilizumab'", pick = "any" } }
gvhd_day      = { type = "number", from = { frame = "gvhd", pick = "first-day" } }
to_relapse    = { type = "number", between = ["hsct_date", "relapse_date"] }
response_d28  = { type = "category", derived = true, levels = ["CR", "CRi", "NR", "NE"] }
mrd_d28       = { type = "category", derived = true, levels = ["negative", "positive"] }

[frames.events]
file = "events.csv"
[frames.series]
file = "labs.xlsx"
sheet = "labs"
date_format = "dd.mm.yyyy"
missing = ["-99", "ND"]
[frames.series.columns]
subject = { source = "USUBJID" }
[frames.gvhd]
file = "gvhd.csv"
[frames.treatments]
file = "treatments.csv"

[checks]
late-relapse = { frame = "subjects", rule = "relapse_date >= infusion_date", reason = "relapsed before infusion" }

[endpoints.os]
label = "Overall survival"
start = "infusion_date"
event = ["death_date"]
censor = ["last_contact_date"]
[endpoints.pfs]
label  = "Progression-free survival"
time   = "pfs_months"
status = "pfs_event"
status_values = { event = [2], censored = [1], competing = [] }
[endpoints.relapse]
label = "Relapse"
start = "infusion_date"
event = ["relapse_date"]
competing = ["death_date"]
censor = ["last_contact_date"]
unit = "years"
[endpoints.cr]
label     = "CR or CRi at day 28"
column    = "response_d28"
responses = ["CR", "CRi"]
[endpoints.mrd_negative]
label = "MRD-negative CR or CRi"
where = "cr.outcome and mrd_d28 == 'negative'"

[terms]
crs         = { label = "Cytokine release syndrome", grading = "ASTCT 2019", window = [0, 30] }
neutropenia = { label = "Neutropenia", grading = "CTCAE", from = "anc", window = [0, 30] }

[analytes]
cart = { label = "CAR transgene", unit = "copies/µg DNA", scale = "log", lloq = 50, window = [1, 28] }
il6  = { label = "Interleukin-6", unit = "pg/mL", scale = "log", lloq = 1.5, uloq = 5000, window = [0, 28] }

[methods]
proportion_interval = "wilson"

[analyses.pfs]
kind = "survival"
population = "infused"
endpoint = "pfs"
at = [6, 12]
ticks = [0, 6, 12]
[analyses.baseline]
kind = "characteristics"
variables = ["age", "tp53"]
by = "sex"
[analyses.response]
kind = "proportion"
outcomes = ["cr", "mrd_negative"]
[analyses.tox]
kind = "adverse-events"
terms = ["crs", "neutropenia"]
[analyses.kinetics]
kind = "kinetics"
analyte = "cart"

[exhibits.pfs-figure]
kind = "survival-curve"
of = "pfs"
title = "Progression-free survival"
bands = false
[exhibits.table]
kind = "characteristics"
of = ["baseline"]

[[sections]]
id = "survival"
title = "Survival"
exhibits = ["pfs-figure"]
[[sections]]
id = "patients"
exhibits = ["table"]
analyses = ["baseline"]

[claims.pfs]
quote  = "the R group showed better PFS"
type   = "difference"
result = "pfs/difference~12@R:D"
expect = "R > D"
printed = { R = "80%", D = "31%" }
[claims.safe]
quote = "was safe"
type = "judgement"
"""
PLUGINS = {
    "stats/analyses/survival.py": """
def analyse(subjects: pd.DataFrame, *, endpoint: str, at: Sequence[float] = (), ticks: Sequence[float] = (),
            confidence: float = 0.95) -> Iterator[Row]:
    ...
""",
    "stats/analyses/characteristics.py": """
def analyse(subjects, *, variables: Sequence[str], by: str = "arm", test: bool = True, reference: str = ""):
    ...
""",
    "stats/analyses/proportion.py": "def analyse(subjects, *, outcomes: Sequence[str]): ...",
    "stats/analyses/adverse_events.py": "def analyse(subjects, toxicity, *, terms: list[str], severe: int = 3): ...",
    "stats/analyses/kinetics.py": "def analyse(subjects, course, exposure, *, analyte: str, at: list[float] = ()): ...",
    "stats/analyses/_emit.py": "",
    "report/tables/characteristics.py": "def build(results, style, *, of: str | Sequence[str], smd: bool = True): ...",
    "report/figures/survival_curve.py": "def draw(results, style, figure, *, of: str, bands: bool = True): ...",
    "templates/styles/blood.toml": "", "templates/styles/plain.toml": "",
    "templates/sections/survival.html.j2": "",
}


class File:
    """A study file in its folder, and a house with a few plug-ins."""

    def __init__(self, folder: Path):
        self.folder = folder / "study"
        self.text = STUDY
        for name, source in PLUGINS.items():
            place = folder / "house" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(source)
        self.folder.mkdir()
        self.installed = Installed(folder / "house")

    def change(self, old: str, new: str) -> None:
        assert old in self.text, old
        self.text = self.text.replace(old, new, 1)

    def examine(self, allow_outside: bool = False) -> tuple[Study | None, list[Problem]]:
        (self.folder / "study.toml").write_text(self.text)
        return examine(self.folder, installed=self.installed, allow_outside=allow_outside)

    def read(self) -> Study:
        (self.folder / "study.toml").write_text(self.text)
        return read(self.folder, installed=self.installed)

    def line(self, text: str) -> int:
        return next(number for number, line in enumerate(self.text.splitlines(), start=1) if text in line)


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path)


def test_the_whole_contract(file: File) -> None:
    study, problems = file.examine()
    assert problems == []
    assert study is not None
    assert (study.title, study.short, study.reference) == ("CAR-T cells after transplantation", "CART-ALLO", "D")
    assert study.data_cutoff == datetime.date(2025, 4, 30)
    assert list(study.arms) == ["R", "D"]
    assert study.synthetic
    assert study.expected_n == 23
    columns = study.subjects.columns
    assert columns["arm"].levels == {"R": "Recipient-derived", "D": "Donor-derived"}
    assert columns["arm"].values == {"1": "R", "2": "D"}
    assert columns["sex"].levels == {"F": "Female", "M": "Male"}
    assert columns["ecog"].levels == {"0": "0", "1": "1", "2": "2"}
    assert columns["age"].range == (0, 110)
    assert columns["age"].required
    assert columns["dose"].summary == "median-range"
    assert columns["age"].summary == "median-iqr"
    assert columns["chimerism"].read_from is not None
    assert columns["chimerism"].read_from.day == (-1, 1)
    assert columns["to_relapse"].between == ("hsct_date", "relapse_date")
    assert not columns["response_d28"].in_file
    assert study.frames["series"].date_format == "%d.%m.%Y"
    assert study.frames["series"].missing == ("-99", "ND")
    assert study.endpoints["os"].unit == "months"
    assert study.endpoints["os"].better == "higher"
    assert study.endpoints["relapse"].better == "lower"
    assert study.endpoints["cr"].better == "higher"
    assert study.endpoints["pfs"].status_values == {"event": ("2",), "censored": ("1",), "competing": ()}
    assert study.terms["neutropenia"].laboratory == "anc"
    assert study.analytes["il6"].uloq == 5000
    assert study.methods["proportion_interval"] == "wilson"
    assert study.methods["quantile_type"] == 7
    assert list(study.methods) == list(METHODS)
    assert study.analyses["pfs"].options == {"endpoint": "pfs", "at": (6, 12), "ticks": (0, 6, 12)}
    assert study.exhibits["pfs-figure"].of == ("pfs",)
    assert study.exhibits["table"].of == ("baseline",)
    assert [section.id for section in study.sections] == ["survival", "patients"]
    assert study.claims["pfs"].printed == {"R": "80%", "D": "31%"}


def test_the_smallest_study(file: File) -> None:
    file.text = """
[study]
title = "T"
short = "S"
data_cutoff = 2025-04-30
[arms]
A = "All"
[frames.subjects]
file = "s.csv"
columns = { subject = { type = "id" }, age = { type = "number" } }
"""
    study = file.read()
    assert (study.reference, study.style, study.confidence, study.alpha) == ("A", "plain", 0.95, 0.05)
    assert study.subjects.columns["age"].label == "age"
    assert subject_columns(study)["arm"].levels == {"A": "All"}
    assert study.sections == ()


def test_names_a_condition_may_use(file: File) -> None:
    columns = subject_columns(file.read())
    assert columns["os.time"].type == "number"
    assert columns["cr.outcome"].type == "flag"
    series = frame_columns(file.read().frames["series"])
    assert series["subject"].source == "USUBJID"
    assert series["value"].type == "number"


@pytest.mark.parametrize(("old", "new", "code", "where", "says"), [
    # keys
    ("expected_n   = 23", "expected = 23", "E_UNKNOWN_KEY", "study.expected", "expected_n"),
    ("[methods]", "[method]", "E_UNKNOWN_KEY", "method", "did you mean 'methods'"),
    ('digits = 0, range', 'digit = 0, range', "E_UNKNOWN_KEY", "frames.subjects.columns.age.digit",
     "did you mean 'digits'"),
    ("at = [6, 12]", "att = [6, 12]", "E_UNKNOWN_KEY", "analyses.pfs.att", "no option of kind survival"),
    ("bands = false", "band = false", "E_UNKNOWN_KEY", "exhibits.pfs-figure.band", "did you mean 'bands'"),
    ('title        = "CAR-T cells after transplantation"', "", "E_KEY_MISSING", "study.title", "required"),
    ('outcomes = ["cr", "mrd_negative"]', "", "E_KEY_MISSING", "analyses.response.outcomes", "needs outcomes"),
    ('label = "Relapse"\nstart = "infusion_date"', 'label = "Relapse"', "E_KEY_MISSING", "endpoints.relapse.start",
     "needs start"),
    ('competing = ["death_date"]\ncensor = ["last_contact_date"]', "", "E_KEY_MISSING", "endpoints.relapse.censor",
     "censor"),
    ('pick = "last"', 'pick = "nearest"', "E_KEY_MISSING", "frames.subjects.columns.chimerism.from.to", "nearest"),
    # names
    ('start = "infusion_date"\nevent = ["death_date"]', 'start = "infusion_dat"\nevent = ["death_date"]',
     "E_COLUMN_MISSING",
     "endpoints.os.start", "did you mean 'infusion_date'"),
    ('time   = "pfs_months"', 'time   = "pfs_month"', "E_COLUMN_MISSING", "endpoints.pfs.time",
     "did you mean 'pfs_months'"),
    ('endpoint = "pfs"', 'endpoint = "efs"', "E_UNKNOWN_ENDPOINT", "analyses.pfs.endpoint", "did you mean 'pfs'"),
    ('endpoint = "pfs"', 'endpoint = "cr"', "E_CONFIG_VALUE", "analyses.pfs.endpoint", "is a proportion"),
    ('outcomes = ["cr", "mrd_negative"]', 'outcomes = ["cr", "os"]', "E_CONFIG_VALUE", "analyses.response.outcomes[1]",
     "os"),
    ('variables = ["age", "tp53"]', 'variables = ["age", "sexx"]', "E_COLUMN_MISSING",
     "analyses.baseline.variables[1]",
     "did you mean 'sex'"),
    ('variables = ["age", "tp53"]', 'variables = ["infusion_date"]', "E_CONFIG_VALUE",
     "analyses.baseline.variables[0]",
     "is a date"),
    ('by = "sex"', 'by = "age"', "E_CONFIG_VALUE", "analyses.baseline.by", "is a number"),
    ('by = "sex"', 'by = "sex"\nreference = "X"', "E_CONFIG_VALUE", "analyses.baseline.reference", "F, M"),
    ('terms = ["crs", "neutropenia"]', 'terms = ["icans"]', "E_UNKNOWN_NAME", "analyses.tox.terms[0]", "icans"),
    ('analyte = "cart"', 'analyte = "car"', "E_UNKNOWN_NAME", "analyses.kinetics.analyte", "did you mean 'cart'"),
    ('population = "infused"', 'population = "infusd"', "E_UNKNOWN_NAME", "analyses.pfs.population",
     "did you mean 'infused'"),
    ('kind = "survival"', 'kind = "survivl"', "E_UNKNOWN_NAME", "analyses.pfs.kind", "did you mean 'survival'"),
    ('kind = "survival-curve"', 'kind = "curve"', "E_UNKNOWN_NAME", "exhibits.pfs-figure.kind", "survival-curve"),
    ('of = "pfs"', 'of = "os"', "E_UNKNOWN_NAME", "exhibits.pfs-figure.of[0]", "no analysis called os"),
    ('exhibits = ["pfs-figure"]', 'exhibits = ["pfs-fig"]', "E_UNKNOWN_NAME", "sections[0].exhibits[0]", "pfs-figure"),
    ('exhibits = ["table"]', "", "E_UNUSED", "exhibits.table", "no section shows"),
    ('id = "survival"', 'id = "survival"\ntemplate = "survivl"', "E_UNKNOWN_NAME", "sections[0].template",
     "'survival'"),
    ('style        = "blood"', 'style = "blod"', "E_UNKNOWN_NAME", "study.style", "did you mean 'blood'"),
    ('primary      = "pfs"', 'primary = "dfs"', "E_UNKNOWN_NAME", "study.primary", "did you mean 'pfs'"),
    ('day_zero     = "infusion_date"', 'day_zero = "age"', "E_CONFIG_VALUE", "study.day_zero", "is a number"),
    ("[frames.gvhd]", "[frames.gvdh]", "E_UNKNOWN_NAME", "frames.gvdh", "did you mean 'gvhd'"),
    ('frame = "treatments"', 'frame = "responses"', "E_UNKNOWN_NAME", "frames.subjects.columns.toci.from.frame",
     "responses"),
    ('"hsct_date", "relapse_date"]', '"hsct_day", "relapse_date"]', "E_COLUMN_MISSING",
     "frames.subjects.columns.to_relapse.between", "did you mean 'hsct_date'"),
    ('"1" = "R"', '"1" = "r"', "E_UNKNOWN_NAME", "frames.subjects.columns.arm.values.1", "did you mean 'R'"),
    ('result = "pfs/difference', 'result = "efs/difference', "E_UNKNOWN_ENDPOINT", "claims.pfs.result",
     "did you mean 'pfs'"),
    ("@R:D", "@R:X", "E_UNKNOWN_NAME", "claims.pfs.result", "group called X"),
    ('"pfs/difference~12@R:D"', '"pfs difference"', "E_CONFIG_VALUE", "claims.pfs.result", "no address"),
    ('expect = "R > D"', 'expect = "R better"', "E_CONFIG_VALUE", "claims.pfs.expect", "direction"),
    ('expect = "R > D"', 'expect = "R > D"\nmargin = 0.1', "E_CONFIG_VALUE", "claims.pfs.margin", "no margin"),
    # values
    ("at = [6, 12]", "at = [6, -12]", "E_CONFIG_VALUE", "analyses.pfs.at[1]", "not negative"),
    ("at = [6, 12]", 'at = ["six"]', "E_CONFIG_VALUE", "analyses.pfs.at[0]", "number"),
    ("at = [6, 12]", "at = 6", "E_CONFIG_VALUE", "analyses.pfs.at", "a list of numbers"),
    ('reference    = "D"', 'reference    = "X"', "E_CONFIG_VALUE", "study.reference", "R, D"),
    ("confidence   = 0.95", "confidence   = 95", "E_CONFIG_VALUE", "study.confidence", "below 1"),
    ("data_cutoff  = 2025-04-30", 'data_cutoff  = "2025-04-30"', "E_CONFIG_VALUE", "study.data_cutoff",
     "without quotes"),
    ('design       = "retrospective cohort"', 'design = "RCT"', "E_CONFIG_VALUE", "study.design", "randomised trial"),
    ('ctcae        = "5.0"', 'ctcae = "4.0"', "E_CONFIG_VALUE", "study.ctcae", "5.0, 6.0"),
    ("synthetic    = true", 'synthetic = "yes"', "E_CONFIG_VALUE", "study.synthetic", "true or false"),
    ('"wilson"', '"wald"', "E_CONFIG_VALUE", "methods.proportion_interval", "clopper-pearson"),
    ('type = "number", label = "Age"', 'type = "int", label = "Age"', "E_CONFIG_VALUE",
     "frames.subjects.columns.age.type",
     "number"),
    ("range = [0, 110]", "range = [110, 0]", "E_CONFIG_VALUE", "frames.subjects.columns.age.range", "smaller first"),
    ('type = "flag", label = "TP53 mutation"', 'type = "flag", levels = ["a"]', "E_CONFIG_VALUE",
     "frames.subjects.columns.tp53.levels", "has levels"),
    ('file = "events.csv"', 'file = "events.docx"', "E_CONFIG_VALUE", "frames.events.file", ".csv"),
    ('date_format = "dd.mm.yyyy"', 'date_format = "dd.mm"', "E_CONFIG_VALUE", "frames.series.date_format", "once each"),
    ("lloq = 1.5, uloq = 5000", "lloq = 1.5, uloq = 1", "E_CONFIG_VALUE", "analytes.il6.uloq", "above lloq"),
    ('R = "Recipient-derived"', 'all = "Recipient-derived"', "E_CONFIG_VALUE", "arms.all", "key of an arm"),
    ('column    = "response_d28"', 'column    = "response_d28"\nunit = "days"', "E_CONFIG_VALUE", "endpoints.cr.unit",
     "can't have unit"),
    ('responses = ["CR", "CRi"]', 'responses = ["CR", "cri"]', "E_UNKNOWN_NAME", "endpoints.cr.responses[1]",
     "did you mean 'CRi'"),
    ('pick = "any"', 'pick = "count"', "E_CONFIG_VALUE", "frames.subjects.columns.toci.from.pick", "type number"),
    # conditions
    ("response_d28 != 'NE'", "response_d28 != 'NEE'", "E_CONDITION", "populations.evaluable.where",
     "did you mean 'NE'"),
    ("drug == 'tocilizumab'", "drgu == 'tocilizumab'", "E_CONDITION", "frames.subjects.columns.toci.from.where",
     "'drug'"),
    ("cr.outcome and", "mrd_negative.outcome and", "E_CONDITION", "endpoints.mrd_negative.where", "unknown column"),
    ("relapse_date >= infusion_date", "relapse_date >=", "E_CONDITION", "checks.late-relapse.rule",
     "expected a column"),
    # paths
    ('file = "events.csv"', 'file = "../../etc/events.csv"', "E_PATH_OUTSIDE", "frames.events.file",
     "out of the study"),
    ('file = "events.csv"', 'file = "/etc/events.csv"', "E_PATH_OUTSIDE", "frames.events.file", "/etc/events.csv"),
])
def test_what_is_refused(file: File, old: str, new: str, code: str, where: str, says: str) -> None:
    file.change(old, new)
    _, problems = file.examine()
    found = [problem for problem in problems if (problem.code, problem.column) == (code, where)]
    assert len(found) == 1, problems
    assert says in found[0].reason + found[0].remedy
    assert found[0].file == "study.toml"
    assert found[0].fatal
    with pytest.raises(Refused):
        file.read()


@pytest.mark.parametrize(("old", "new", "line"), [
    ("at = [6, 12]", "at = [6,\n  -12]", "  -12]"),
    ("digits = 0, range", "digit = 0, range", "digit = 0"),
    ('exhibits = ["table"]', 'exhibits = ["tabel"]', 'exhibits = ["tabel"]'),
    ('reference    = "D"', 'reference    = "X"', "reference "),
    ('start = "infusion_date"\nevent = ["relapse_date"]', 'start = "x"\nevent = ["relapse_date"]', 'start = "x"'),
])
def test_the_line_is_named(file: File, old: str, new: str, line: str) -> None:
    file.change(old, new)
    _, problems = file.examine()
    assert problems[0].row == file.line(line)


def test_all_problems_at_once_in_order_of_the_file(file: File) -> None:
    file.change('reference    = "D"', 'reference    = "X"')
    file.change("range = [0, 110]", "rang = [0, 110]")
    file.change('analyte = "cart"', 'analyte = "cat"')
    _, problems = file.examine()
    assert [problem.code for problem in problems] == ["E_CONFIG_VALUE", "E_UNKNOWN_KEY", "E_UNKNOWN_NAME"]
    assert [problem.row for problem in problems] == sorted(problem.row or 0 for problem in problems)


@pytest.mark.parametrize(("old", "new", "line"), [
    ('type = "number", label = "Age"', 'type = "numbr", label = "Age"', "numbr"),
    ('type = "number", label = "Age"', 'tpye = "number", label = "Age"', "tpye"),
    ('levels = { F = "Female"', 'levls = { F = "Female"', "levls"),
    ('data_cutoff  = 2025-04-30', 'data_cutof = 2025-04-30', "data_cutof"),
    ('day_zero     =', 'day_zreo =', "day_zreo"),
    ("[study]", "[stduy]", "[stduy]"),
    ("[populations]", "[popultions]", "[popultions]"),
    ("[frames.subjects.columns]", "[frames.subjects.colums]", "[frames.subjects.colums]"),
    ("[frames.subjects.columns]", "[frames.subjcts.columns]", "[frames.subjcts.columns]"),
    ("[frames.subjects]", "[fraems.subjects]", "[fraems.subjects]"),
    ("[frames.events]", "[frames.evnts]", "[frames.evnts]"),
    ("[endpoints.pfs]", "[endponts.pfs]", "[endponts.pfs]"),
    ('file = "gvhd.csv"', 'fiel = "gvhd.csv"', "fiel"),
    ('pick = "first-day"', 'pikc = "first-day"', "pikc"),
    ("variables =", "varibles =", "varibles"),
    ('of = ["baseline"]', 'off = ["baseline"]', "off ="),
    ('quote = "was safe"', 'qoute = "was safe"', "qoute"),
])
def test_a_slip_in_a_word_of_ours_is_told_once_where_it_stands(file: File, old: str, new: str, line: str) -> None:
    """And not again by everything that is missed because of it."""
    file.change(old, new)
    study, problems = file.examine()
    assert study is not None
    assert [(problem.row, "did you mean" in problem.reason) for problem in problems] == [(file.line(line), True)], problems


def test_errors_of_form_hide_no_unknown_names(file: File) -> None:
    """Without a cut-off, and in blocks whose own name is misspelt, names are compared all the same."""
    file.change("data_cutoff  = 2025-04-30", 'data_cutoff = "30.4.2025"')
    file.change("[populations]", "[popultions]")
    file.change("response_d28 != 'NE'", "respnse_d28 != 'NE'")
    file.change('endpoint = "pfs"', 'endpoint = "pfx"')
    file.change('type = "flag", from = {', 'type = "flag", frm = {')
    file.change("drug == 'tocilizumab'", "durg == 'tocilizumab'")
    _, problems = file.examine()
    assert [problem.column for problem in problems] == [
        "study.data_cutoff", "popultions", "populations.evaluable.where", "frames.subjects.columns.toci.frm",
        "frames.subjects.columns.toci.from.where", "analyses.pfs.endpoint"]
    assert [problem.row for problem in problems] == [file.line(text) for text in (
        "30.4.2025", "[popultions]", "respnse_d28", "frm =", "frm =", "pfx")]


def test_that_day_zero_is_missing_is_said_once(file: File) -> None:
    file.change('day_zero     = "infusion_date"', "")
    columns = 'columns = { date = { type = "date" } }'
    for frame in ("gvhd", "treatments"):
        file.change(f'file = "{frame}.csv"', f'file = "{frame}.csv"\n{columns}')
    _, problems = file.examine()
    assert [(problem.column, problem.reason) for problem in problems] == [
        ("study.day_zero", "gvhd and treatments have dates, so the study needs day_zero")]


@pytest.mark.parametrize(("frame", "name", "role"), [
    ("gvhd", "skn", "skin"), ("events", "grades", "grade"), ("series", "qualfier", "qualifier"), ("treatments", "dug", "drug")])
def test_a_role_that_is_misspelt_does_not_go_unread(file: File, frame: str, name: str, role: str) -> None:
    """With a source it is found in the file, and what the program would have read is missing without a word."""
    place = f"[frames.{frame}.columns]" if frame == "series" else f"[frames.{frame}]"
    column = f'{name} = {{ type = "text", source = "X" }}'
    file.change(place, f"{place}\n{column}" if frame == "series" else f"[frames.{frame}.columns]\n{column}\n{place}")
    _, problems = file.examine()
    assert [(problem.code, problem.column) for problem in problems] == [("E_UNKNOWN_NAME", f"frames.{frame}.columns.{name}")]
    assert f"did you mean {role!r}" in problems[0].reason


def test_a_term_is_graded_from_an_analyte_or_a_column_that_there_is(file: File) -> None:
    file.change('subject = { source = "USUBJID" }', 'subject = { source = "USUBJID" }\n'
                'analyte = { type = "category", levels = ["cart", "il6", "anc", "chimerism"] }')
    assert file.examine()[1] == []
    file.change('from = "anc"', 'from = "acn"')
    _, problems = file.examine()
    assert [(problem.column, problem.row) for problem in problems] == [("terms.neutropenia.from", file.line("acn"))]
    assert "no analyte, and no column of subjects, called acn (did you mean 'anc'?)" in problems[0].reason


def test_a_section_with_nothing_in_it_is_a_misspelt_one(file: File) -> None:
    file.change('id = "survival"\ntitle = "Survival"\n', 'id = "survival"\n[[sections]]\nid = "survval"\nlevel = 3\n')
    file.text = file.text.replace('[[sections]]\nid = "patients"', '[[sections]]\nid = "empty"\n[[sections]]\nid = "patients"')
    file.change('level = 3\nexhibits = ["pfs-figure"]', "level = 3\n")
    file.change('id = "survival"\n', 'id = "survival"\nexhibits = ["pfs-figure"]\n')
    _, problems = file.examine()
    assert [problem.column for problem in problems] == ["sections[1].id", "sections[2].id"]
    assert "did you mean 'survival'" in problems[0].reason


def test_a_heading_over_parts_of_its_own_needs_nothing_in_it(file: File) -> None:
    file.change('[[sections]]\nid = "patients"', '[[sections]]\nid = "who"\n[[sections]]\nlevel = 3\nid = "patients"')
    assert file.examine()[1] == []


def test_a_response_code_that_is_no_level_and_like_none_is_a_warning(file: File) -> None:
    file.change('responses = ["CR", "CRi"]', 'responses = ["CR", "CRi", "VGPR"]')
    study, problems = file.examine()
    assert study is not None
    assert [problem.code for problem in problems] == ["W_UNUSED_CODE"]
    assert "VGPR" in problems[0].reason
    file.read()


def test_outside_paths_can_be_allowed(file: File) -> None:
    file.change('file = "events.csv"', 'file = "/data/events.csv"')
    assert file.examine(allow_outside=True)[1] == []


def test_blocks_that_others_need(file: File) -> None:
    head, _, rest = file.text.partition("[analytes]")
    file.text = head + "[methods]" + rest.partition("[methods]")[2]
    _, problems = file.examine()
    assert ("E_KEY_MISSING", "analytes") in [(problem.code, problem.column) for problem in problems]


def test_two_arms_need_an_arm_column(file: File) -> None:
    file.change('arm     = { type = "arm", source = "grp", values = { "1" = "R", "2" = "D" } }', "")
    _, problems = file.examine()
    assert [problem.column for problem in problems] == ["frames.subjects.columns.arm"]


@pytest.mark.parametrize(("text", "line", "column"), [
    ("[study]\ntitle = \n", 2, 9), ("[study\n", 1, 7), ('[study]\na = "x\n', 2, 7), ("[a]\nx = 1\nx = 2\n", 3, 6)])
def test_syntax(file: File, text: str, line: int, column: int) -> None:
    file.text = text
    study, problems = file.examine()
    assert study is None
    assert [problem.code for problem in problems] == ["E_TOML"]
    assert problems[0].row == line
    assert f"line {line}, column {column}" in problems[0].reason


def test_no_study_file(tmp_path: Path) -> None:
    _, problems = examine(tmp_path)
    assert [problem.code for problem in problems] == ["E_FILE_MISSING"]
    assert "init" in problems[0].remedy


@pytest.mark.parametrize("text", ["", "# nothing\n", "x = 1\n", "study = 3\n", "[study]\n", "arms = []\nframes = 1\n",
                                  "[frames]\nsubjects = 1\n[study]\ntitle = 1\nshort = 2\ndata_cutoff = 3\n"])
def test_next_to_nothing(file: File, text: str) -> None:
    file.text = text
    study, problems = file.examine()
    assert study is None
    assert any(problem.fatal for problem in problems)


def test_lines_of_keys() -> None:
    text = ('# c\n[a]\nb = """\n[x]\ny = 1\n"""\n"q.r" = { s = [1, # [\n 2], t = "}" }\n[[l]]\nk.m = 1\n'
            "[[l]]\n[l.n]\nz = '#'\n[a.'d e']\nf = 2020-01-01\n")
    assert toml.lines(text) == {
        ("a",): 2, ("a", "b"): 3, ("a", "q.r"): 7, ("a", "q.r", "s"): 7, ("a", "q.r", "s", 0): 7, ("a", "q.r", "s",
                                                                                                   1): 8,
        ("a", "q.r", "t"): 8, ("l",): 9, ("l", 0): 9, ("l", 0, "k"): 10, ("l", 0, "k", "m"): 10, ("l", 1): 11, ("l", 1, "n"): 12,
        ("l", 1, "n", "z"): 13, ("a", "d e"): 14, ("a", "d e", "f"): 15}
    assert toml.line_of(toml.lines(text), ("a", "q.r", "s", 5)) == 7
    assert toml.line_of(toml.lines(text), ("nowhere",)) is None


def test_signatures_are_read_without_import() -> None:
    kind = kinds.signature("k", """
import nothing_like_this

def analyse(a: X, b, *, c: 'str' = "(", d: int | None = None,  # a bracket :-(
            e: Mapping[str, float] = {}, f: tuple[float, float] = (0, 1), g) -> Y:
    ...
""", "analyse")
    assert kind.frames == ("a", "b")
    accepts = {name: option.accepts for name, option in kind.options.items()}
    assert [option.required for option in kind.options.values()] == [False, False, False, False, True]
    assert accepts["c"]("x")
    assert not accepts["c"](1)
    assert accepts["d"](3)
    assert not accepts["d"](True)
    assert not accepts["d"](3.5)
    assert accepts["e"]({"x": 1.5})
    assert not accepts["e"]({"x": "1"})
    assert accepts["f"]([0, 28])
    assert not accepts["f"]([0])
    assert accepts["g"](["anything"])


def test_reading_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    code = ("import sys; from stats.study.read import examine; from pathlib import Path; examine(Path('data/cart'));"
            "print([m for m in ('numpy', 'pandas', 'scipy', 'report') if m in sys.modules])")
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_setting_says_what_it_decides() -> None:
    for setting in METHODS.values():
        assert len(setting.about) > 20
        assert not setting.allowed or setting.default in setting.allowed
