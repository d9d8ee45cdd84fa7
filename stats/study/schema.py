"""The blocks of the study file, one reader each; names are compared with each other afterwards, in check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from stats.findings import nearest
from stats.groups import ALL, ARMS
from stats.results import STUDY
from stats.study.frames import read_frames
from stats.study.part import Book, Part
from stats.study.settings import settings
from stats.study.types import (
    DAY_ZERO,
    DAYS,
    Analysis,
    Analyte,
    Check,
    Claim,
    Endpoint,
    Exhibit,
    Population,
    Section,
    Study,
    Term,
    tells_incidence,
)

DESIGNS = ("retrospective cohort", "prospective cohort", "single-arm trial", "randomised trial", "registry")
CLAIMS = ("difference", "no-difference", "equivalence", "value", "judgement")
FEWEST_AT_ONCE = 10_000  # in fewer patients, checks that look at many of them at once would tell of chance
CONTRAST_WORDS = (ALL, ARMS)
LATEST = date(2200, 12, 31)  # of a data cut-off


def study(folder: Path, tables: Mapping[str, Any], book: Book) -> Study | None:
    """The study as the file says it; None when what everything else rests on is missing. Problems go to the book.

    Without a usable [study] or data_cutoff it goes on with defaults and the latest day there can be.
    """
    whole = Part(book, tables, ())
    arms = _arms(whole)
    frames = read_frames(whole, arms, folder)
    methods = whole.table_at("methods")
    parts: dict[str, Any] = {
        "arms": arms,
        "frames": frames,
        "populations": {name: _population(name, part) for name, part in whole.tables("populations")},
        "checks": {name: _check(name, part) for name, part in whole.tables("checks")},
        "endpoints": {name: _endpoint(name, part) for name, part in whole.tables("endpoints")},
        "terms": {name: _term(name, part) for name, part in whole.tables("terms")},
        "analytes": {name: _analyte(name, part) for name, part in whole.tables("analytes")},
        "methods": settings(methods),
        "analyses": {name: _analysis(name, part) for name, part in whole.tables("analyses")},
        "exhibits": {name: _exhibit(name, part) for name, part in whole.tables("exhibits")},
        "sections": _sections(whole),
        "claims": {name: _claim(name, part) for name, part in whole.tables("claims")},
    }
    parts["endpoints"] = {name: _judged(endpoint, parts["analyses"]) for name, endpoint in parts["endpoints"].items()}
    if "study" not in tables:
        book.add("E_KEY_MISSING", ("study",), "the file needs a [study] block",
                 "Add [study] with title, short and data_cutoff")
    head = whole.table_at("study") or Part(Book(""), {}, ("study",))  # of what isn't there no key is missed
    facts = _facts(head, arms)
    whole.finish()
    if "subjects" not in frames or not arms:
        return None
    return Study(folder=folder, **facts, **parts)


def _facts(part: Part, arms: Mapping[str, str]) -> dict[str, Any]:
    cutoff = part.day("data_cutoff")
    if cutoff is not None and not 1900 <= cutoff.year <= LATEST.year:
        part.wrong("data_cutoff", f"a day between 1900 and {LATEST.year}")
        cutoff = None
    reference = part.text("reference", next(iter(arms), ""))
    if arms and reference not in arms:
        part.wrong("reference", f"one of the arms: {', '.join(arms)}{nearest(reference, arms)}")
    facts = {
        "title": part.text("title", required=True),
        "short": part.text("short", required=True),
        "design": part.text("design", allowed=DESIGNS),
        "data_cutoff": cutoff or LATEST,
        "day_zero": part.text("day_zero"),
        "reference": reference,
        "primary": part.text("primary"),
        "style": part.text("style", "plain"),
        "confidence": part.number("confidence", 0.95, above=0.5, below=1.0),
        "alpha": part.number("alpha", 0.05, above=0.0, below=1.0),
        "synthetic": part.flag("synthetic"),
        "expected_n": part.whole("expected_n", least=1),
        "patients_at_once": part.whole("patients_at_once", least=FEWEST_AT_ONCE),
        "seed": part.whole("seed", 0, least=0),
        "ctcae": part.text("ctcae", "5.0", allowed=("5.0", "6.0")),
        "privacy": part.text("privacy", "journal", allowed=("journal", "public", "internal")),
        "smallest_count": part.whole("smallest_count", 5, least=2),
        "language": part.text("language", "en", allowed=("en",)),
        "word_template": part.text("word_template"),
    }
    part.finish()
    return facts


def _arms(whole: Part) -> dict[str, str]:
    arms = whole.mapping("arms")
    for key in arms:
        if key in CONTRAST_WORDS or not key or set(key) & set(":@/~= "):
            whole.book.add("E_CONFIG_VALUE", ("arms", key), f"{key!r} can't be the key of an arm",
                           "Use a short word without spaces and : @ / ~ =, other than all and arms")
    for key, label in arms.items():
        if not label.strip():
            whole.book.add("E_CONFIG_VALUE", ("arms", key), f"the arm {key} has an empty label", "Say what it is called")
        elif list(arms.values()).index(label) != list(arms).index(key):
            whole.book.add("E_CONFIG_VALUE", ("arms", key), f"another arm is called {label!r} too", "Nobody could tell them "
                           "apart in a table; give each arm its own name")
    if not arms:
        whole.book.add("E_KEY_MISSING", ("arms",), "the study needs at least one arm",
                       'Add [arms] with a line such as A = "Arm A"')
    return arms


def _population(name: str, part: Part) -> Population:
    made = Population(name, part.text("label", name), part.text("where"))
    part.finish()
    return made


def _check(name: str, part: Part) -> Check:
    made = Check(name, part.text("frame", "subjects"), part.text("rule", required=True),
                 part.text("reason", required=True))
    part.finish()
    return made


def _endpoint(name: str, part: Part) -> Endpoint:
    codes = part.table_at("status_values")
    status_values: dict[str, tuple[str, ...]] = {}
    if codes is not None:
        status_values = {key: codes.texts(key, codes=True) for key in ("event", "censored", "competing")}
        codes.finish()
    made = Endpoint(
        name, part.text("label", name),
        start=_start(part), event=part.texts("event"), competing=part.texts("competing"),
        censor=part.texts("censor"),
        unit=part.text("unit", "months", allowed=tuple(DAYS)), time=part.text("time"), status=part.text("status"),
        status_values=status_values, column=part.text("column"), responses=part.texts("responses", codes=True),
        where=part.text("where"), definition=part.text("definition"), short=part.text("short"),
        better=part.text("better", allowed=("higher", "lower")),
    )
    part.finish()
    _one_form(made, part)
    return made


def _judged(endpoint: Endpoint, analyses: Mapping[str, Analysis]) -> Endpoint:
    """With what is better, where the file doesn't say it."""
    if endpoint.better:
        return endpoint
    return replace(endpoint, better="lower" if tells_incidence(endpoint, analyses) else "higher")


def _start(part: Part) -> str:
    """The start column of an endpoint; `start = 0` is day zero itself, in data that carry days."""
    if type(part.table.get("start")) is int and part.table["start"] == 0:
        part.raw("start")
        return DAY_ZERO
    return part.text("start")


FORMS = {  # the keys of each way to define an endpoint: those it needs, those it may have
    "start": (("event", "censor"), ("competing", "unit")),
    "time": (("status",), ("status_values", "unit")),
    "column": (("responses",), ()),
    "where": ((), ()),
}
COMMON = ("label", "better", "definition", "short")


def _one_form(endpoint: Endpoint, part: Part) -> None:
    """An endpoint is exactly one of: dates, two columns, levels of a column, a condition."""
    present = [key for key in FORMS if key in part.table]
    if not present:
        hint = next((lead for lead, (needed, _) in FORMS.items() for key in needed if key in part.table), "")
        part.book.add("E_KEY_MISSING", (*part.place, hint) if hint else part.place,
                      f"endpoint {endpoint.name} needs {hint or 'start, time, column or where'}",
                      "A time: start, event, censor, or time and status; a proportion: column and responses, or where")
        return
    lead = present[0]
    needed, optional = FORMS[lead]
    for key in needed:
        if not part.table.get(key):
            part.book.add("E_KEY_MISSING", (*part.place, key),
                          f"endpoint {endpoint.name} has {lead}, so it needs {key}")
    for key in part.table:
        if key in part.asked and key not in (lead, *needed, *optional, *COMMON):
            part.book.add("E_CONFIG_VALUE", (*part.place, key),
                          f"endpoint {endpoint.name} has {lead}, so it can't have {key}")


def _term(name: str, part: Part) -> Term:
    made = Term(name, part.text("label", name), part.text("grading"), part.pair("window"), part.text("from"),
                part.text("short"))
    part.finish()
    return made


def _analyte(name: str, part: Part) -> Analyte:
    made = Analyte(name, part.text("label", name), part.text("unit"),
                   part.text("scale", "linear", allowed=("linear", "log")),
                   part.number("lloq", above=0.0), part.number("uloq",
                                                               above=0.0), part.pair("window"), part.text("short"),
                   _sampling(part))
    if made.lloq is not None and made.uloq is not None and made.uloq <= made.lloq:
        part.wrong("uloq", f"above lloq ({made.lloq:g})")
    part.finish()
    return made


def _sampling(part: Part) -> tuple[float, float, float] | None:
    """(days between samples at most, first day, last day); the days are those of the window where none are named."""
    inner = part.table_at("sampling")
    if inner is None:
        return None
    every, days = inner.number("every", above=0.0), inner.pair("day") or part.pair("window")
    if "every" not in inner.table:
        inner.raw("every", required=True)
    if days is None and "day" not in inner.table:
        inner.raw("day", required=True)
    inner.finish()
    return (every, *days) if every is not None and days is not None else None


def _frozen(value: Any) -> Any:
    """Lists as tuples, so that options can't change after reading."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return {key: _frozen(item) for key, item in value.items()} if isinstance(value, dict) else value


def _analysis(name: str, part: Part) -> Analysis:
    known = {"kind": part.text("kind", required=True), "population": part.text("population"),
             "label": part.text("label"), "family": part.text("family")}
    options = {key: _frozen(value) for key, value in part.table.items() if key not in known}
    if set(name) & set("/@~= ") or name == STUDY:
        part.book.add("E_CONFIG_VALUE", part.place, f"{name!r} can't name an analysis: its name begins every address",
                      f"Leave out spaces and / @ ~ =; {STUDY} is taken by what is true of the study as a whole")
    return Analysis(name, options=options, **known)


def _exhibit(name: str, part: Part) -> Exhibit:
    kind, of, title = part.text("kind", required=True), part.texts("of"), part.text("title")
    options = {key: _frozen(value) for key, value in part.table.items() if key not in ("kind", "of", "title")}
    return Exhibit(name, kind, of, title, options)


def _sections(whole: Part) -> tuple[Section, ...]:
    value = whole.raw("sections")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        whole.wrong("sections", "written as [[sections]] blocks")
        return ()
    made: list[Section] = []
    for position, table in enumerate(value):
        part = Part(whole.book, table, ("sections", position))
        name = part.text("id", required=True)
        if name and name in [section.id for section in made]:
            part.wrong("id", "another word: each section has its own id")
        made.append(Section(name, part.text("title", name), part.texts("exhibits"), part.texts("analyses"),
                            part.text("template"), part.whole("level", 2, least=2, most=3) or 2))
        if not position and made[0].level > 2:
            part.wrong("level", "2 in the first section: a part of a section stands below one")
        part.finish()
    return tuple(made)


def _claim(name: str, part: Part) -> Claim:
    made = Claim(name, part.text("quote", required=True), part.text("type", required=True, allowed=CLAIMS),
                 part.text("result"),
                 part.text("expect"), part.number("margin",
                                                  above=0.0), part.text("margin_source"), part.mapping("printed"),
                 part.text("signed_off_by"))
    part.finish()
    return made
