"""The abstract's findings held against the results: each declared claim gets a verdict, the numbers, and the wording that
the data support. Rules: docs/claims.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from markupsafe import Markup

from report import prose, withheld, words
from report.measure import of_statistic
from report.patterns import declared
from report.rounding import exact, half_up
from report.voice import Voice
from stats.findings import Problem, nearest
from stats.results import PATIENT, Cell, Results, limit_of
from stats.study import toml
from stats.study.claimed import better
from stats.study.part import Book
from stats.study.types import Claim, Study

KEPT = ("supported", "equivalent", "signed off")  # verdicts a claim may be published with
NUMBER = re.compile(r"(?:(?<![\d%])[-−])?\d+(?:[.·]\d+)?")  # a hyphen behind a number makes a range of two
PLAIN = str.maketrans({"·": ".", "−": "-", ",": None})
BEYOND = re.compile(r"(?:(?P<below>[<≤]|below|under|less than)|(?P<above>[>≥]|above|over|more than))\s*$", re.I)
INTERVAL = re.compile(r"\d+(?:[.·]\d+)?\s*%\s*(?:CI|confidence)")
UNSIGNED = 'Add signed_off_by = "who stands for it" to the claim, or take it out of the abstract'
NOT_SHOWN = "Take it out of the abstract, or build with privacy = \"journal\" to hold it against the numbers"
DIRECTION = re.compile(r"\s*(\S+)\s*(<|>|better\s+than|worse\s+than)\s*(\S+)\s*")
PERCENT = ("share", "points")
CODES = {
    "not shown": "V_NO_MARGIN",
    "value mismatch": "V_VALUE_MISMATCH",
    "contradicted": "V_CONTRADICTED",
    "judgement": "V_UNSIGNED",
    "not estimable": "V_NOT_ESTIMABLE",
    "kept back": "V_WITHHELD",
    "nominal only": "V_NOMINAL_ONLY",
    "direction only": "V_DIRECTION_ONLY",
    "opposite direction": "V_OPPOSITE",
    "inconclusive": "V_INCONCLUSIVE",
    "different": "V_DIFFERENT",
}
MEANINGS = {
    "supported": "the interval excludes the null value, in the direction claimed; of a number, it is that of the data",
    "nominal only": "as claimed, but exploratory, or not so once adjusted for the number of comparisons",
    "direction only": "the estimate lies as claimed; the data do not show more than that",
    "opposite direction": "the estimate lies the other way; the data do not show more than that",
    "contradicted": "the interval excludes what is claimed",
    "value mismatch": "the printed digits are not those of the result",
    "not shown": "a difference was not detected, which does not show that there is none",
    "equivalent": "the interval lies inside the declared margin",
    "inconclusive": "the interval reaches beyond the declared margin",
    "different": "the interval lies outside the declared margin",
    "not estimable": "the data give no estimate",
    "kept back": "what it rests on is too small to be published",
    "judgement": "an opinion that no number decides; it needs a name under it",
    "signed off": "an opinion, signed off",
}


@dataclass(frozen=True)
class Audited:
    """A claim with its verdict. `wording` is the sentence the data support; `mismatch` the printed numbers they don't."""

    claim: Claim
    verdict: str
    wording: Markup
    span: Markup = Markup()
    mismatch: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        return self.verdict in KEPT

    @property
    def meaning(self) -> str:
        return MEANINGS[self.verdict]


def unknown(study: Study, results: Results) -> list[Problem]:
    """A fatal finding for each claim whose address is no result; the nearest one is named."""
    wrong = [
        claim for claim in study.claims.values()
        if claim.result and (claim.result not in results or results[claim.result].variable == PATIENT)
    ]
    book = Book(toml.load(study.folder)[1] if wrong else "")
    for claim in wrong:
        analysis = claim.result.partition("/")[0]
        near = nearest(claim.result, (c.address for c in results.select(analysis) if c.variable != PATIENT))
        book.add("E_UNKNOWN_NAME", ("claims", claim.name, "result"), f"there is no result at {claim.result}{near}",
                 "Every line of results.csv has an address: analysis/variable=level~time@group")
    return book.problems


def audit(voice: Voice) -> tuple[Audited, ...]:
    """Every declared claim, in the order of the study file; once for all who print these results in a style."""
    kept = voice.style.audited
    if voice.results not in kept:
        kept[voice.results] = tuple(one(voice, claim) for claim in voice.study.claims.values())
    return cast(tuple[Audited, ...], kept[voice.results])


def problems(audited: tuple[Audited, ...]) -> Iterator[Problem]:
    """A finding for each claim that can't be published as it stands."""
    for found in audited:
        if not found.kept:
            wrong = ": " if found.verdict == "value mismatch" else "; printed, but not in the data: "
            detail = wrong + ", ".join(found.mismatch) if found.mismatch else ""
            yield Problem(
                CODES[found.verdict],
                f"{found.verdict}: {found.meaning}{detail}",
                "study.toml",
                column=f"claims.{found.claim.name}",
                remedy=(
                    f"The data support: {found.wording.striptags()}" if found.wording
                    else NOT_SHOWN if found.verdict == "kept back" else UNSIGNED
                ),
            )


def one(voice: Voice, claim: Claim) -> Audited:
    if claim.type == "judgement":
        return Audited(claim, "signed off" if claim.signed_off_by else "judgement", Markup())
    cell = voice.cell(claim.result)
    wording = prose.finding(voice, claim.result)
    mismatch = tuple(_mismatches(voice, claim, cell))
    if withheld.is_public(voice.study):
        wording = withheld.shown(wording)
        printed = (c for group in claim.printed for c in voice.results.select(cell.analysis, group=group))
        # the number may be one that is not shown, or not to so many digits
        unseen = bool(mismatch) and any(c.withheld or c.coarse for c in printed)
        if not wording or unseen or (cell.withheld and claim.type != "value"):
            return Audited(claim, "kept back", wording)
    if claim.type == "value":
        known = any(not math.isnan(value) for value in cell.stats.values())
        verdict = "not estimable" if not known else "value mismatch" if mismatch else "supported"
        return Audited(claim, verdict, wording, mismatch=mismatch)
    compared = prose.compare(voice, cell)
    if compared is None:
        verdict, span = _by_test(voice, claim, cell), Markup()
    else:
        verdict, span = _by_comparison(voice, claim, cell, compared), compared.span
        wording = _with_margin(voice, claim, cell, compared, verdict, wording)
    return Audited(claim, "value mismatch" if mismatch and verdict in KEPT else verdict, wording, span, mismatch)


def _by_comparison(voice: Voice, claim: Claim, cell: Cell, c: words.Comparison) -> str:
    said = words.verdict(c)
    if said == "unknown":
        return "not estimable"
    if claim.margin is not None and claim.type in ("equivalence", "no-difference"):
        return _within(c, claim.margin)
    if claim.type == "no-difference":
        return "contradicted" if said in ("more", "less") else "not shown"
    if claim.type == "equivalence":
        return "inconclusive"
    expected = _expected(voice, claim, cell)
    if c.direction == 0 and said not in ("more", "less"):
        return "not shown"  # the estimate lies on neither side
    agrees = c.direction == expected if expected else c.direction != 0
    if said in ("more", "less"):
        if not agrees:
            return "contradicted"
        return "supported" if _confirmed(voice, cell) else "nominal only"
    return "direction only" if agrees else "opposite direction"


def _with_margin(voice: Voice, claim: Claim, cell: Cell, c: words.Comparison, verdict: str, wording: Markup) -> Markup:
    """The wording of a claim that has a margin, which is said with where it was laid down."""
    if claim.margin is None or verdict not in words.MARGINS:
        return wording
    size = declared(claim.margin * (100 if c.unit == "percentage points" else 1), voice.style.rules)
    unit = {"ratio": "a factor of {}", "": "{}"}.get(c.unit, f"{{}} {c.unit}")
    margin = Markup('{} (<span class="label">{}</span>)').format(unit.format(size), claim.margin_source)
    if verdict != "equivalent":
        return Markup("{} {}").format(wording, words.beyond_margin(verdict, margin))
    said = prose.of_whom(voice, cell, words.equivalent(c, margin))
    return withheld.shown(said) if withheld.is_public(voice.study) else said


def _confirmed(voice: Voice, cell: Cell) -> bool:
    """Whether the claim rests on a P value adjusted within its declared family or, without one, on the primary analysis."""
    if not voice.study.adjusts(cell.analysis):
        return cell.analysis == voice.study.primary
    base = cell.variable.partition(".")[0]
    questions = (base, "logrank") if base == "hazard" else (base,)
    adjusted = [
        c
        for c in voice.results.select(cell.analysis, group=cell.group)
        if c.variable.endswith(".family") and c.variable.partition(".")[0] in questions and c.at == cell.at
    ]
    return bool(adjusted) and all(c["p_value"] < voice.study.alpha for c in adjusted)


def _within(c: words.Comparison, margin: float) -> str:
    """Where the interval lies against ±margin around no difference (a ratio's margin is a factor)."""
    if math.isnan(c.lower) or math.isnan(c.upper) or c.few:
        return "not estimable"
    low, high = sorted((1 / margin, margin)) if c.null == 1 else (c.null - margin, c.null + margin)
    if low <= c.lower and c.upper <= high:
        return "equivalent"
    return "different" if c.lower > high or c.upper < low else "inconclusive"


def _by_test(voice: Voice, claim: Claim, cell: Cell) -> str:
    """A result without a direction: a distribution over levels, three or more groups, or the balance of many variables."""
    if "tests" in cell:
        if cell["tests"] == 0:
            return "not estimable"
        differs = cell["below"] > 0
    else:
        p = cell.get("p_value")
        if math.isnan(p):
            return "not estimable"
        differs = p < voice.study.alpha
    if claim.type == "difference":
        if not differs:
            return "not shown"  # of three or more groups there is no direction
        return "supported" if _confirmed(voice, cell) else "nominal only"
    return "contradicted" if differs else "not shown"


def _expected(voice: Voice, claim: Claim, cell: Cell) -> int:
    """+1 when the claim puts X (of the contrast X:Y) above Y, -1 below, 0 when it names no direction."""
    said = DIRECTION.fullmatch(claim.expect)
    if not said:
        return 0
    left, sign, right = said.groups()
    x, _, y = cell.group.partition(":")
    up = 1 if sign == ">" or sign.startswith("better") else -1
    if sign.endswith("than"):
        up *= better(voice.study, claim.result)
    if (left, right) == (x, y):
        return up
    return -up if (left, right) == (y, x) else 0


def _mismatches(voice: Voice, claim: Claim, cell: Cell) -> Iterator[str]:
    """Printed numbers that no statistic of the named group rounds to, as 'R: 99.32'."""
    base = cell.variable.partition(".")[0]
    for group, printed in claim.printed.items():
        cells = [
            c
            for c in voice.results.select(cell.analysis, group=group)
            if (cell.at is None or c.at == cell.at)
            and (c.variable.partition(".")[0] == base or base == "difference")
            and c.level in ("", cell.level)
            and c.variable != "patient"
        ]
        if cell.group == group:
            cells = [cell]
        text = INTERVAL.sub("CI", printed)
        for found in NUMBER.finditer(text):
            signed = text[found.end() :].lstrip().startswith("%")
            sign = sign_before(text[: found.start()])
            if not any(_prints(voice, c, found[0], signed) or is_limit(c, found[0], sign) for c in cells):
                yield f"{group}: {found[0]}"


def sign_before(text: str) -> str:
    """'<' where the text before a number ends in a sign or a word for below, '>' for above, '' for neither."""
    found = BEYOND.search(text)
    return "" if found is None else "<" if found["below"] else ">"


def is_limit(cell: Cell, text: str, sign: str) -> bool:
    """Whether a number with this sign before it is the limit that some statistic of the cell lies beyond."""
    return bool(sign) and any(limit_of(note) == (sign, float(text.translate(PLAIN)))
                              for note in cell.notes.values())


def _prints(voice: Voice, cell: Cell, text: str, signed: bool) -> bool:
    """Whether some statistic of the cell, to the decimals of the text, is the text; a percent sign behind it is no count's."""
    number = Decimal(text.translate(PLAIN))
    digits = max(0, -int(number.as_tuple().exponent))
    measure = voice.names.measure(cell)
    for stat, value in cell.stats.items():
        if math.isfinite(value) and not (signed and of_statistic(stat, measure) == "count"):
            factors = (1, 100) if measure.kind in PERCENT else (1,)
            if any(half_up(exact(value) * factor, digits) == number for factor in factors):
                return True
    return False
