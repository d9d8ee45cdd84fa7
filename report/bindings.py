"""The numbers of a text and the results they could be: which are bound to a result, which to none.

A number is bound by a claim's `printed`, or by a result of something its sentence names (an endpoint, term, analyte or
column by label or short form) that rounds to just these digits, of the groups and at the times that the sentence names.
Digits inside names, calendar years and landmark days are no results; they are listed as what they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from report.claims import NUMBER, Audited, is_limit, sign_before
from report.manuscript import Manuscript, Sentence
from report.rechecks import Printed, printed
from report.rounding import exact
from report.voice import Voice, called_by_key
from stats.groups import ALL
from stats.results import Cell

NUMERAL = re.compile(
    r"(?<![\w.·/])(?<![A-Za-z]-)(?:[-−]\s?)?(?:\d{1,3}(?:,\d{3})+|\d+|(?=[.·]\d))(?:[.·]\d+)?"
    r"(?!\w*[⁰¹²³⁴⁵⁶⁷⁸⁹⁻])"
)
COUNTED = re.compile(
    r"\s*(?:[\w-]+\s+){0,4}?(?:patients|subjects|cases|participants|individuals|recipients|adults|children)\b"
)
LANDMARK = re.compile(r"\s*-?\s*(?:day|week|month|year)s?\b", re.I)
BEFORE_LANDMARK = re.compile(r"\b(?:days?|weeks?|months?|years?|by|cycle)\s*[≥>≤<]?\s*$", re.I)
YEAR = re.compile(r"(?:19|20)\d\d")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)
LEVEL = re.compile(r"\b(?:grades?|stages?|phase)\s*(?:of\s+)?[≥>≤<]?\s*$", re.I)
CHANCE = re.compile(r"\bP\s*(?:value)?\s*(?P<sign>[=<>≤≥])\s*$", re.I)
WITHIN = re.compile(r"\b(?:CI|CrI|confidence interval|IQR|interquartile range|range)\b[^()\[\]]*$", re.I)
LIMITS = frozenset({"lower", "upper", "q1", "q3", "min", "max"})
CONFIDENCE = re.compile(r"\s*%\s*(?:CI|confidence|CrI)", re.I)
SMALL_WORDS = frozenset({
    "a", "an", "the", "of", "or", "and", "in", "at", "to", "for", "with", "by", "after", "before", "day", "days",
    "from", "on", "as", "than", "not",
})


@dataclass(frozen=True)
class Bound:
    """A number of the text. `how` is declared, found, differs, time, date, level or unbound; `address` the result it could be."""

    text: str
    sentence: str
    how: str
    address: str = ""
    why: str = ""


def numbers(voice: Voice, text: Manuscript, audited: tuple[Audited, ...]) -> list[Bound]:
    """Every number of the text in its order."""
    return [found for sentence in text.sentences for found in _sentence(voice, text, sentence, audited)]


def _sentence(voice: Voice, text: Manuscript, sentence: Sentence, audited: tuple[Audited, ...]) -> Iterator[Bound]:
    named = _named(voice, sentence.text)
    for hit in NUMERAL.finditer(sentence.text):
        told = hit.group().replace(" ", "")
        claim = _declared(text, sentence.start + hit.start(), told, audited)
        if claim is not None:
            wrong = any(told in said.split(": ")[-1] for said in claim.mismatch)
            why = "the result is another" if wrong else ""
            yield Bound(told, sentence.text, "differs" if wrong else "declared", claim.claim.result, why)
            continue
        yield _one(voice, sentence.text, hit, told, named)


def _declared(text: Manuscript, place: int, told: str, audited: tuple[Audited, ...]) -> Audited | None:
    """The claim whose quotation holds this place and whose `printed` has this number."""
    for one in audited:
        span = text.find(one.claim.quote)
        said = [number for number in one.claim.printed.values() for number in NUMBER.findall(number)]
        if span and span[0] <= place < span[1] and told in said:
            return one
    return None


def _one(voice: Voice, sentence: str, hit: re.Match[str], told: str, named: list[Cell]) -> Bound:
    before, after = sentence[: hit.start()], sentence[hit.end() :]
    if YEAR.fullmatch(told):
        return _date(voice, sentence, before, told)
    if LEVEL.search(before):
        return Bound(told, sentence, "level", why="names a grade")
    number = printed(told)
    if CONFIDENCE.match(after) and number.value == 100 * exact(voice.study.confidence):
        return Bound(told, sentence, "level", why="study.confidence")
    counted = COUNTED.match(after)
    sizes = [cell for cell in voice.results.select("study", "subjects") if counted]
    for cell in sizes:
        if number.value == cell["n"]:
            return Bound(told, sentence, "found", cell.address)
    percent = bool(re.match(r"\s*(?:[±–—-]\s*[\d.·]+\s*)?%", after))
    chance = CHANCE.search(before)
    sign = chance["sign"] if chance else ""
    time = not percent and not chance and (LANDMARK.match(after) or BEFORE_LANDMARK.search(before))
    if time and (at := _time(voice, sentence, number)):
        return Bound(told, sentence, "time", why=at)
    best, bounds = _best_first(voice, named, sentence), bool(WITHIN.search(before))
    if not chance and (beyond := next((cell for cell in best if is_limit(cell, told, sign_before(before))), None)):
        return Bound(told, sentence, "found", beyond.address)
    for limits in (bounds, not bounds):  # a number is a limit where it is called so, else rather what the limits are of
        for cell in best:
            stats = {stat: value for stat, value in cell.stats.items() if (stat in LIMITS) == limits}
            if any(_is(voice, cell, stat, value, number, percent, sign) for stat, value in stats.items()):
                return Bound(told, sentence, "found", cell.address)
    if counted and not named:
        return Bound(told, sentence, "unbound", why="no group of the study has that many patients")
    why = "no result of what the sentence names prints so" if named else "the sentence names nothing of the study"
    return Bound(told, sentence, "unbound", why=why)


def _date(voice: Voice, sentence: str, before: str, told: str) -> Bound:
    """A year, with its month where one stands before it, against the first and last day zero and the cut-off."""
    word = before.rstrip().rpartition(" ")[2].strip("(,").lower()
    month = MONTHS.index(word) + 1 if word in MONTHS else 0
    for cell in [c for name in ("enrolment", "cutoff") for c in voice.results.select("study", name)]:
        for value in cell.stats.values():
            whole = int(value) // 100 if cell.variable == "cutoff" else int(value)
            if whole // 100 == int(told) and month in (0, whole % 100):
                return Bound(told, sentence, "date", cell.address)
    return Bound(told, sentence, "unbound", why="neither the first nor the last day zero nor the data cut-off")


def _time(voice: Voice, sentence: str, number: Printed) -> str:
    """Where the study file declares a time or a landmark: an analysis' `at`, a label, a window."""
    study = voice.study
    for analysis in study.analyses.values():
        for option in ("at", "landmark", "landmarks"):
            given = analysis.options.get(option, ())
            times = given if isinstance(given, tuple) else (given,)
            if number.value in [exact(t) for t in times if isinstance(t, int | float)]:
                return f"analyses.{analysis.name}.{option}"
    for endpoint in study.endpoints.values():
        if re.search(rf"(?<!\d){re.escape(number.text)}(?!\d)", endpoint.label):
            return f"endpoints.{endpoint.name}.label"
    for table, named in (("terms", study.terms), ("analytes", study.analytes)):
        for name, one in named.items():
            if one.window and number.value in [exact(day) for day in one.window]:
                return f"{table}.{name}.window"
    return ""


def _best_first(voice: Voice, cells: list[Cell], sentence: str) -> list[Cell]:
    """Cells of groups and times that the sentence names come first; single steps of curves are no candidates."""
    groups = {
        key
        for key, label in voice.study.arms.items()
        if (called_by_key(key) and re.search(rf"\b{re.escape(key)}\b", sentence)) or label.lower() in sentence.lower()
    }

    def rank(cell: Cell) -> tuple[bool, bool]:
        parts = set(cell.group.split(":"))
        return (
            not (parts <= groups if groups else cell.group == ALL),
            cell.at is not None and f"{cell.at:g}" not in sentence,
        )

    return sorted((cell for cell in cells if cell.variable not in ("curve", "patient")), key=rank)


def _named(voice: Voice, sentence: str) -> list[Cell]:
    """Cells of what the sentence names by label or by short form."""
    words = _words(sentence)
    known: dict[tuple[str, str], bool] = {}
    found = []
    for cell in voice.results:
        key = (cell.analysis, cell.variable.partition(".")[0])
        if key not in known:
            known[key] = cell.analysis != "study" and any(
                _says(name, sentence, words) for name in _callings(voice, cell)
            )
        if known[key]:
            found.append(cell)
    return found


def _callings(voice: Voice, cell: Cell) -> list[str]:
    """How a text may call what a cell is about: its label and its short form."""
    study = voice.study
    try:
        label = voice.names.of(cell)
    except KeyError:
        return []
    shorts = [
        one.short
        for table in (study.endpoints, study.terms, study.analytes)
        for one in table.values()
        if one.label == label and one.short
    ]
    return [label, *shorts]


def _says(name: str, sentence: str, words: frozenset[str]) -> bool:
    if " " not in name and any(letter.isupper() for letter in name[1:]):  # CRS, IL-6: short forms are written just so
        return bool(re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", sentence))
    wanted = _words(name)
    return bool(wanted) and wanted <= words


@cache
def _words(text: str) -> frozenset[str]:
    """Content words without capitals, plural s and hyphens."""
    return frozenset(
        word.removesuffix("s") for word in re.findall(r"[a-zµ]{2,}", text.lower()) if word not in SMALL_WORDS
    )


def _is(voice: Voice, cell: Cell, stat: str, value: float, number: Printed, percent: bool, sign: str) -> bool:
    """Whether a statistic, to the digits shown, is the printed number."""
    if not math.isfinite(value) or (stat == "p_value") != bool(sign):
        return False
    if sign in ("<", "≤", ">", "≥"):
        return (exact(value) - number.value) * (1 if sign in ">≥" else -1) >= 0
    kind = voice.names.measure(cell).kind
    share = stat in ("p", "lower", "upper", "estimate") and kind in ("share", "points")
    if percent and not share and "%" not in voice.names.measure(cell).unit:
        return False
    found = exact(value) * (100 if share else 1)
    half = number.half
    if number.value >= 1000 and half == Fraction(1, 2):  # 28,943 may be printed as 28,900
        half *= 10 ** (len(number.text) - len(number.text.rstrip("0")))
    return abs(found - number.value) <= half
