"""What an author of a study file gets wrong, key by key; each is refused with its line and what was expected."""

from __future__ import annotations

from tests.bad_inputs.bends import SUBJECTS, also, extra, raw, study
from tests.bad_inputs.case import Case, fine, refused, unknown

SEED = "seed        = 7"
CLAIM = (
    '[claims.x]\nquote = "Survival was better."\ntype = "difference"\nresult = "os/difference~12@R:D"\nexpect = "R > D"'
)
LEVELS = 'levels = ["CR", "PR", "SD", "PD", "NE"]'
TIMES = 'time   = "pfs_months"\nstatus = "pfs_event"'
AGE = "age               ="
CONFIG = "E_CONFIG_VALUE"


def changed(id: str, what: str, old: str, new: str, code: str = CONFIG, says: str = "") -> Case:
    return refused(f"set-{id}", what, code, study(old, new), says=says)


def key(id: str, line: str, code: str = CONFIG, says: str = "") -> Case:
    """One more line in [study]."""
    return changed(id, f"{line} in [study]", SEED, f"{SEED}\n{line}", code, says)


def claim(id: str, what: str, old: str, new: str, code: str = CONFIG, says: str = "") -> Case:
    return refused(f"claim-{id}", what, code, also(CLAIM.replace(old, new)), says=says)


def condition(id: str, text: str, says: str) -> Case:
    return refused(
        f"where-{id}",
        f"the condition {text}",
        "E_CONDITION",
        also(f"[populations]\np = {{ where = '''{text}''' }}"),
        says=says,
    )


def column(id: str, what: str, line: str, code: str = CONFIG, says: str = "") -> Case:
    """One more column of subjects."""
    return changed(id, what, AGE, f"{line}\n{AGE}", code, says)


STUDY = (
    changed("cut-off-text", "a cut-off in quotes", "= 2023-12-31", '= "2023-12-31"', says="without quotes"),
    changed("cut-off-german", "a cut-off as 31.12.2023", "= 2023-12-31", "= 31.12.2023", "E_TOML"),
    changed("cut-off-early", "a cut-off before the data", "= 2023-12-31", "= 2021-12-31", "E_DATE_AFTER_CUTOFF"),
    key("n-other", "expected_n = 24", "E_EXPECTED_N", "23 patients"),
    key("n-text", 'expected_n = "23"'),
    key("confidence-one", "confidence = 1.0"),
    key("confidence-text", 'confidence = "95%"'),
    key("alpha-five", "alpha = 5"),
    key("language", 'language = "de"'),
    key("smallest-one", "smallest_count = 1"),
    changed("primary", "an unknown primary", 'primary     = "pfs"', 'primary = "pfss"', "E_UNKNOWN_NAME", "mean 'pfs'"),
    changed("day-zero", "a day zero that is no date", '"infusion_date"', '"age"', says="age is a number"),
    changed("design", "an American design", "retrospective cohort", "randomized trial", says="mean 'randomised trial'"),
    changed("style", "an unknown style", 'style       = "plain"', 'style = "natur"', "E_UNKNOWN_NAME"),
    changed("arm-all", "an arm called all", 'R = "Rec', 'all = "Rec'),
    changed("arm-unnamed", "an arm without a label", 'R = "Recipient-derived"', 'R = ""', says="empty label"),
    changed("level-twice", "a level twice", LEVELS, LEVELS.replace('"PR"', '"CR"'), says="stands twice"),
    changed("levels-none", "no levels", LEVELS, "levels = []", says="at least one level"),
    changed("level-empty", "an empty level", LEVELS, LEVELS.replace('"NE"', '"NE", ""'), says="no cell can be ''"),
    changed(
        "level-padded", "a level with a space", LEVELS, LEVELS.replace('"CR"', '"CR "'), says="no cell can be 'CR '"
    ),
    changed("levels-alike", "two levels of one label", 'M = "Male"', 'M = "Female"', says="called 'Female' too"),
    changed("range-turned", "a range from 110 to 0", "range = [0, 110]", "range = [110, 0]", says=r"found \[110, 0\]"),
    changed("digits", "twenty digits", "digits = 0, range = [0, 110]", "digits = 20, range = [0, 110]"),
    changed("type", "an unknown type", 'type = "number", label = "Age"', 'type = "integer", label = "Age"'),
    changed("key", "a misspelt key of a column", 'label = "Age"', 'lable = "Age"', "E_UNKNOWN_KEY", "mean 'label'"),
    column("derived-name", "a column called os.time", '"os.time" = { type = "number", source = "os_months" }'),
    column("nameless", "a column without a name", '"" = { type = "text" }'),
    column("between-itself", "a time between itself", 'b = { type = "number", between = ["b", "infusion_date"] }'),
    column(
        "between-circle",
        "two times between each other",
        'b = { type = "number", between = ["infusion_date", "c"] }\nc = { type = "number", between = ["death_date", "b"] }',
        says="reckoned from",
    ),
    column("from-turned", "from day 5 to day 1", 'b = { type = "number", from = { frame = "series", day = [5, 1] } }'),
    refused(
        "study-file-large",
        "a study file of six megabytes",
        "E_FILE_TOO_LARGE",
        raw("study.toml", lambda d: d + b"#" * 6_000_000),
    ),
    refused("study-file-bare", "an empty study file", "E_KEY_MISSING", raw("study.toml", lambda d: b"")),
    fine("study-file-mark", "a mark before the study file", raw("study.toml", lambda d: b"\xef\xbb\xbf" + d)),
    fine(
        "columns-odd",
        "columns called class, index, None and level_0",
        *(extra(SUBJECTS, name, lambda number: "1") for name in ("class", "index", "None", "level_0")),
        study(AGE, "".join(f'{n} = {{ type = "number" }}\n' for n in ("class", "index", "None", "level_0")) + AGE),
    ),
)

CONDITIONS = (
    condition("python", "__import__('os').system('touch PWNED')", "unknown column '__import__'"),
    condition("equals", "arm = 'R'", "write =="),
    condition("and", "age > 1 && age < 5", "unexpected '&'"),
    condition("sign", "age ≥ 18", "unexpected '≥'"),
    condition("quote", "arm == 'R", "unexpected"),
    condition("level", "best_response == 'CRi'", "did you mean 'CR'"),
    condition("kind", "age > 'old'", "age is a number"),
    condition("column", "ages > 5", "did you mean 'age'"),
    condition("date", "infusion_date > '31.12.2022'", "YYYY-MM-DD"),
    unknown(
        "nobody",
        "a population of nobody",
        "N_NO_VALUES",
        also('[populations]\nnobody = { label = "nobody", where = "age > 109" }'),
        study('kind      = "characteristics"', 'kind = "characteristics"\npopulation = "nobody"'),
    ),
)

ASKED = (
    changed("two-forms", "an endpoint of two forms", TIMES, f'{TIMES}\nwhere = "age > 1"'),
    changed("unit", "a unit in the singular", 'unit   = "months"', 'unit = "month"', says="mean 'months'"),
    changed(
        "time-of-texts", "times from a column of texts", 'time   = "pfs_months"', 'time = "comment"', says="a number"
    ),
    changed(
        "start-is-event",
        "a start that is the event",
        TIMES,
        'start = "infusion_date"\nevent = ["infusion_date"]\ncensor = ["last_contact_date"]',
        says="every time would be zero",
    ),
    changed(
        "point-in-name", "an endpoint with a point", "[endpoints.response]", '[endpoints."re.sponse"]', says="point"
    ),
    changed(
        "code-of-two", "a code of two states", TIMES, f"{TIMES}\nstatus_values = {{ event = [1], censored = [0, 1] }}"
    ),
    changed(
        "response", "a response that is no level", '["CR", "PR"]\n', '["CR", "PRR"]\n', "E_UNKNOWN_NAME", "mean 'PR'"
    ),
    changed(
        "kind", "an unknown kind", 'kind     = "survival"', 'kind = "survivl"', "E_UNKNOWN_NAME", "mean 'survival'"
    ),
    changed(
        "times-text", "times in one text", "at       = [6, 12]", 'at = "6, 12"', says="should be a list of numbers"
    ),
    changed("times-nan", "a time that is nan", "at       = [6, 12]", "at = [nan]"),
    changed("times-twice", "a time twice", "at       = [6, 12]", "at = [6, 6]", says="stands twice"),
    changed(
        "by-id", "groups by the identifier", 'endpoint = "pfs"', 'endpoint = "pfs"\nby = "subject"', says="is an id"
    ),
    changed("variables-none", "no variables", '["age", "sex", "peak"]', "[]", says="empty"),
    changed("variable-text", "a text as a variable", '["age", "sex", "peak"]', '["comment"]', says="comment is a text"),
    changed("curve-of-shares", "a curve of shares", 'of    = "pfs"', 'of    = "response"', says="proportion"),
    changed(
        "exhibit-in-two",
        "an exhibit in two sections",
        'exhibits = ["baseline-table"]',
        'exhibits = ["baseline-table", "pfs-figure"]',
        says="another section shows pfs-figure",
    ),
    changed("section-twice", "a section twice", 'id       = "results"', 'id = "patients"'),
    changed("window-turned", "a window from 30 to 0", "[0, 30] }\nneutro", "[30, 0] }\nneutro", says="smaller first"),
    changed(
        "limits-turned", "lloq above uloq", 'scale = "log"', 'scale = "log", lloq = 50, uloq = 5', says="above lloq"
    ),
    changed("frame", "a frame called evnts", "[frames.events]", "[frames.evnts]", "E_UNKNOWN_NAME", "mean 'events'"),
    changed("sheet-of-text", "a sheet of a CSV", '"events.csv"', '"events.csv"\nsheet = "a"', says="only a workbook"),
    changed("format", "a date format of %Q", '"events.csv"', '"events.csv"\ndate_format = "%Q"'),
    changed("delimiter", "two delimiters", '"events.csv"', '"events.csv"\ndelimiter = ";;"'),
    refused(
        "set-method",
        "an unknown method",
        "E_UNKNOWN_KEY",
        also('[methods]\nsurvival_intervall = "log"'),
        says="_interval'",
    ),
    refused(
        "set-check",
        "a check that nobody passes",
        "E_CHECK",
        also('[checks]\nx = { rule = "age > 200", reason = "young" }'),
    ),
)

CLAIMS = (
    claim("type", "an unknown type", '"difference"\n', '"superiority"\n'),
    claim("direction", "R >> D", '"R > D"', '"R >> D"', says="a direction between R, D"),
    claim("time", "a time that isn't counted", "~12", "~13", "E_UNKNOWN_NAME", "mean 'os/difference~12@R:D'"),
    claim("group", "a group that isn't one", "@R:D", "@R-D", "E_UNKNOWN_NAME"),
    claim("margin", "a margin of nobody's", '"difference"\n', '"equivalence"\nmargin = 0.1\n', "E_KEY_MISSING"),
    claim("printed-arm", "digits of an unknown arm", '"R > D"', '"R > D"\nprinted = { X = "80%" }', "E_UNKNOWN_NAME"),
    claim("printed-words", "digits that are words", '"R > D"', '"R > D"\nprinted = { R = "most" }', says="no number"),
)

ALL = (*STUDY, *CONDITIONS, *ASKED, *CLAIMS)
