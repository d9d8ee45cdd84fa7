"""The grammar of comparison: which words a result may be given. Pure functions; no template and no analysis chooses a word.

A difference is stated only where the interval excludes no difference and, when there is a test, P is below alpha. Anything
else "did not differ significantly", with what the interval leaves open; "no difference", "similar" and their kin are
never said without a declared margin. Where interval and test disagree nothing is claimed and both are shown; neither is
anything where the groups are too small for an interval to be taken at its word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

Verdict = Literal["more", "less", "open", "split", "unsure", "unknown"]

SCALES = {
    "share": ("higher", "lower"),
    "level": ("higher", "lower"),
    "grade": ("higher", "lower"),
    "hazard": ("higher", "lower"),
    "time": ("longer", "shorter"),
    "moment": ("later", "earlier"),
}
# names of people and places that open a clinical label and keep their capital
EPONYMS = frozenset({
    "Ann", "Binet", "Burkitt", "Charlson", "Child", "Deauville", "Durie", "Eastern", "Epstein", "Fanconi",
    "Glasgow", "Gleason", "Hodgkin", "Karnofsky", "Lansky", "Lugano", "Philadelphia", "Rai", "Richter", "Salmon",
    "Waldenström",
})
# what is said of an interval and a margin that was laid down, by the verdict
MARGINS = {"equivalent": "lies inside", "inconclusive": "reaches beyond", "different": "lies outside"}
SHORT = frozenset({"A", "An", "At", "By", "In", "No", "Of", "On", "Or", "To"})  # words, where others as short are symbols
NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
BRACKET = re.compile(r"<[^>]*>|[\[\]]")  # or a tag, whose address may hold one
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


@dataclass(frozen=True)
class Side:
    """One group in a sentence: how it is named ("in the R group") and what it showed."""

    where: Markup
    value: Markup


@dataclass(frozen=True)
class Comparison:
    """X against reference Y, ready for a sentence.

    `estimate`, `lower`, `upper` are the effect that decides, `null` its value of no difference and `sign` what a larger
    estimate says of X (-1 for the hazard behind "longer survival"); nan where only a test decides, and then `lean` says
    which way it points. `p` is the P value, nan where there is no test. `effect`, `chance` and `span` are the printed
    forms; `why` the reason when the comparison can't be estimated; `few` that a group is too small to be tested, so that
    nothing is said of significance either way; `wide` whether the interval leaves much open; `caution`
    why an interval that excludes the null value is no ground to take a side; `loose` that the interval has less confidence
    than alpha asks for, `strict` that it has more: where the one excludes and the test finds nothing, or the other includes and
    the test finds something, that is no disagreement. `neutral` is the subject where no side is taken, if it is another (the
    peak is later, but it is the time to it that did not differ); `apart` that an interval shown beside the test that decides
    excludes no difference; `unit` the unit of the effect.
    """

    subject: Markup
    scale: str
    x: Side
    y: Side
    alpha: float
    estimate: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    null: float = 0.0
    sign: int = 1
    lean: float = math.nan
    p: float = math.nan
    effect: Markup = Markup()
    chance: Markup = Markup()
    span: Markup = Markup()
    wide: bool = False
    why: Markup = Markup()
    plural: bool = False
    caution: str = ""
    few: bool = False
    loose: bool = False
    strict: bool = False
    neutral: Markup = Markup()
    apart: bool = False
    unit: str = ""

    @property
    def excludes(self) -> bool | None:
        """Whether the interval excludes no difference; None when there is no interval."""
        if math.isnan(self.lower) or math.isnan(self.upper):
            return None
        return self.lower > self.null or self.upper < self.null

    @property
    def direction(self) -> float:
        """Positive when X is the longer, later or higher of the two; nan when unknown."""
        off = self.lean if math.isnan(self.estimate) else self.sign * (self.estimate - self.null)
        return math.nan if math.isnan(off) else float((off > 0) - (off < 0))


def verdict(c: Comparison) -> Verdict:
    """more, less: shown; open: not shown; split: interval and test disagree; unsure: too few patients to take a side;
    unknown: not estimable."""
    tested = not math.isnan(c.p)
    if not tested and c.excludes is None:
        return "unknown"
    if math.isnan(c.direction) and not tested:
        return "unknown"
    # an exact rank interval is closed: with ties it can end on the null value that its own test rejects
    touches = c.null in (c.lower, c.upper)
    other = (c.loose and c.excludes) or (c.strict and c.excludes is False)
    by_interval = None if tested and (touches or other) else c.excludes
    by_test = c.p < c.alpha if tested else None
    signs = {answer for answer in (by_interval, by_test) if answer is not None}
    if c.few and not tested:
        return "unsure"
    if signs == {False}:
        return "split" if c.apart else "open"
    if signs == {True, False} or math.isnan(c.direction) or c.direction == 0:
        return "split"
    if c.caution:
        return "unsure"
    return "more" if c.direction > 0 else "less"


def sentence(c: Comparison, brief: bool = False, tail: bool = True, several: bool = False) -> Markup:
    """The sentence the result supports. Both groups' values stand in it, unless `brief`: then the sentence before has them.

    `several` that it is one of several contrasts, so that a brief one says of which groups it is. `tail` False leaves out
    what a wide interval does not exclude, for a paragraph that says so once for all its sentences.
    """
    found = verdict(c)
    subject = c.subject if found in ("more", "less") else c.neutral or c.subject
    who = Markup(" between {} and {}").format(_bare(c.x.where), _bare(c.y.where)) if several else Markup()
    both = Markup() if brief else Markup("{} vs {}").format(c.x.value, c.y.value)
    inside = listed([both, c.effect, c.chance])
    if found in ("more", "less"):
        word = SCALES[c.scale][0 if found == "more" else 1]
        return Markup("{} {} {} {} than {} ({}).").format(
            upper_first(c.subject), "were" if c.plural else "was", word, c.x.where, c.y.where, inside
        )
    if found == "open":
        text = Markup("{} did not differ significantly between {} and {} ({}).").format(
            upper_first(subject), _bare(c.x.where), _bare(c.y.where), inside
        )
        if tail and c.wide and c.span:
            text += Markup(" The interval does not exclude {} from {}.").format(
                "ratios" if c.null == 1 else "differences", c.span
            )
        return text
    x, y = _out_of_parentheses(c.x.value), _out_of_parentheses(c.y.value)
    values = Markup("{}: {} {} and {} {}").format(upper_first(subject), x, c.x.where, y, c.y.where)
    if found == "unsure" or (found == "unknown" and c.few and c.effect):
        inside = listed([c.effect, c.chance])
        if brief:
            return Markup("{}, and nothing is claimed of the difference{} ({}).").format(
                upper_first(escape(c.caution)), who, inside
            )
        return Markup("{} ({}); {}, and nothing is claimed.").format(values, inside, c.caution)
    if found == "split":
        opening = (
            Markup("Interval and test do not agree on")
            if brief
            else values + Markup("; interval and test do not agree")
        )
        return (
            Markup("{} {}{} ({}), and nothing is claimed.").format(opening, subject, who, inside)
            if brief
            else Markup("{} ({}), and nothing is claimed.").format(opening, listed([c.effect, c.chance]))
        )
    reason = Markup(": {}").format(c.why) if c.why else Markup()
    lacking = Markup("the difference{} could not be estimated").format(who if brief else "")
    if c.effect:  # it could be, and is shown
        lacking = Markup("no test could be made" if c.span else "no limits could be given")
        lacking += Markup(" for the difference{}").format(who) if brief and who else Markup()
        values = Markup("{} ({})").format(values, c.effect)
        if brief:
            reason = Markup(" ({}){}").format(c.effect, reason)
    return Markup("{}{}.").format(upper_first(lacking), reason) if brief else Markup("{}; {}{}.").format(values, lacking, reason)


def _out_of_parentheses(value: Markup) -> Markup:
    """'2/3 [67%]', as it stands inside parentheses, where there are none: '2/3 (67%)'."""
    return Markup(BRACKET.sub(lambda found: {"[": "(", "]": ")"}.get(found[0], found[0]), str(value)))  # it was Markup


def equivalent(c: Comparison, margin: Markup) -> Markup:
    """The sentence where a margin was laid down and the interval lies inside it."""
    inside = listed([Markup("{} vs {}").format(c.x.value, c.y.value), c.effect, c.chance])
    return Markup("{} {} equivalent within the prespecified margin of {} between {} and {} ({}).").format(
        upper_first(c.neutral or c.subject), "were" if c.plural else "was", margin, _bare(c.x.where), _bare(c.y.where), inside
    )


def beyond_margin(found: str, margin: Markup) -> Markup:
    """What an interval says of a margin that it does not lie inside."""
    return Markup("The interval {} the prespecified margin of {}.").format(MARGINS[found], margin)


def between(subject: Markup, x: Markup, y: Markup, p: float, inside: Markup, alpha: float, why: Markup) -> Markup:
    """Two groups' distributions over levels, which are neither higher nor lower."""
    if math.isnan(p):
        reason = Markup(": {}").format(why) if why else Markup()
        return Markup("{} could not be compared between {} and {}{}.").format(upper_first(subject), x, y, reason)
    verb = "differed" if p < alpha else "did not differ significantly"
    return Markup("{} {} between {} and {} ({}).").format(upper_first(subject), verb, x, y, inside)


def among(
    subject: Markup, sides: Sequence[Side], p: float, chance: Markup, alpha: float, why: Markup, groups: int = 0
) -> Markup:
    """One sentence over three or more groups: the global test says whether they differed, never which.

    Without sides (the sentence before has their values) `groups` says how many there are.
    """
    values = listed([Markup("{} {}").format(side.value, side.where) for side in sides], comma=True)
    count = in_words(groups or len(sides))
    if math.isnan(p):
        reason = Markup(": {}").format(why) if why else Markup()
        shown = Markup(" ({})").format(values) if values else Markup()
        return Markup("{} could not be compared among the {} groups{}{}.").format(
            upper_first(subject), count, shown, reason
        )
    verb = "differed" if p < alpha else "did not differ significantly"
    return Markup("{} {} among the {} groups ({}).").format(upper_first(subject), verb, count, listed([values, chance]))


def trend(subject: Markup, p: float, chance: Markup, alpha: float, why: Markup) -> Markup:
    """What a test of ordered groups supports."""
    if math.isnan(p):
        reason = Markup(": {}").format(why) if why else Markup()
        return Markup("{} could not be compared{}.").format(upper_first(subject), reason)
    verb = "differed" if p < alpha else "did not differ significantly"
    return Markup("{} {} ({}).").format(upper_first(subject), verb, chance)


def listed(parts: Sequence[Markup], comma: bool = False) -> Markup:
    """Parts joined by '; ' (or ', ' with 'and' before the last), empty ones left out."""
    kept = [part.strip() for part in parts if part]
    if not comma:
        return Markup("; ").join(kept)
    if len(kept) < 2:
        return Markup("").join(kept)
    return Markup("{} and {}").format(Markup(", ").join(kept[:-1]), kept[-1])


def noted(text: Markup, refs: Markup) -> Markup:
    """The sentence with where to look, before its full stop: '… (Table 1).'"""
    if not refs:
        return text
    body = str(text).rstrip()
    body, stop = (body[:-1], ".") if body.endswith(".") else (body, "")
    return Markup("{} ({}){}").format(Markup(body), refs, stop)  # the text is Markup


def spelled(design: str) -> str:
    """A design of the study file as reports spell it."""
    return design.replace("randomised", "randomized")


def in_words(n: float) -> str:
    """A count below a hundred as a word; what is larger, or measured, is a result and is printed as one."""
    if n != int(n) or not 0 <= n < 100:
        raise ValueError(f"{n} is not a small count: show it as a result")
    n = int(n)
    if n < len(NUMBERS):
        return NUMBERS[n]
    return TENS[n // 10] + (f"-{NUMBERS[n % 10]}" if n % 10 else "")


def upper_first(text: Markup) -> Markup:
    """The first letter of running text in upper case; markup before it is left alone."""
    i = 0
    while i < len(text) and text[i] == "<":
        i = text.index(">", i) + 1
    return Markup(text[:i] + text[i : i + 1].upper() + text[i + 1 :])  # the parts come from Markup


def tidied(text: Markup) -> Markup:
    """A sentence some part of which was empty: no space is doubled or stands before a stop."""
    return Markup(re.sub(r" +(?= |[.,;:)](?!\d))", "", str(text)))  # it was Markup


def lower_start(text: Markup) -> Markup:
    """A sentence as the rest of another: its first word in lower case, unless that is a name or an abbreviation."""
    i = 0
    while i < len(text) and text[i] == "<":
        i = text.index(">", i) + 1
    end = next((j for j in range(i, len(text)) if text[j] in " <"), len(text))
    return Markup(text[:i] + lower_first(text[i:end]) + text[end:])  # the parts come from Markup


def lower_first(label: str) -> str:
    """A label inside a sentence: 'Overall survival' to 'overall survival'; 'CAR transgene', 'Karnofsky score' stay."""
    head = label.split(" ", maxsplit=1)[0].split("-", maxsplit=1)[0].removesuffix("’s").removesuffix("'s")
    word = len(head) > 2 and head[0].isupper() and head[1:].islower()
    if (word and head not in EPONYMS) or label.partition(" ")[0] in SHORT:
        return label[0].lower() + label[1:]
    return label


def _bare(where: Markup) -> Markup:
    """'in the R group' to 'the R group', after 'between'."""
    return Markup(str(where).removeprefix("in ").removeprefix("with "))  # the text comes from Markup
