"""One simulated study read as a reader would: which sentences take sides, which printed intervals hold the truth.

Counted is what is printed. An interval is parsed back from its text, a direction from the words of its sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from report import claims, lint, prose
from report.voice import Voice

DIRECTION = re.compile(r"\b(?:was|were) (higher|lower|longer|shorter|later|earlier) in\b.*\bthan in\b")
UP = ("higher", "longer", "later")
UNSAID = re.compile(r"\b(?:nan|inf|None|NaN|NA)\b|<NA>", re.I)
ALIKE = re.compile(
    r"\b(?:similar|comparable|equivalent|equally|alike|no (?:significant )?difference|did not differ(?! significantly))\b", re.I
)
IN_WORDS = re.compile(r"could not be (?:estimated|compared)|no (?:test|limits) could be|not estimable|not reached")
LIMIT = re.compile(r"<?−?[\d,]*\.?\d+|−?∞|not reached|not estimable")
PERCENT = ("share", "points")


@dataclass
class Tally:
    """Hits of tries, by name."""

    counts: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)

    def add(self, world: str, what: str, of: str, hit: bool) -> None:
        found = self.counts.setdefault((world, what, of), [0, 0])
        found[0] += hit
        found[1] += 1

    def get(self, world: str, what: str, of: str) -> tuple[int, int]:
        hits, tries = self.counts.get((world, what, of), [0, 0])
        return hits, tries

    def of(self, world: str, what: str) -> Iterator[tuple[str, int, int]]:
        """(name, hits, tries) of one world and kind of count, in order of first use."""
        for (where, kind, name), (hits, tries) in self.counts.items():
            if (where, kind) == (world, what):
                yield name, hits, tries


def direction(sentence: str) -> int:
    """+1 when a sentence says that the first group has more, -1 less, 0 when it takes no side."""
    said = DIRECTION.search(sentence)
    return 0 if said is None else 1 if said[1] in UP else -1


def printed(voice: Voice, address: str) -> tuple[float, float] | None:
    """The limits at an address as a reader sees them, in the unit of the results; None where there is no interval.

    A lower limit "not reached" says that it lies beyond the last follow-up, and is read so.
    """
    cell = voice.cell(voice.printed(address))
    if math.isnan(cell.get("lower")) or math.isnan(cell.get("upper")):
        return None
    texts = LIMIT.findall(voice.style.text(cell, "{interval}"))
    lower, upper = (_number(text) for text in (texts[0], texts[-1]))
    scale = 100 if voice.names.measure(cell).kind in PERCENT else 1
    if lower == math.inf:
        seen = voice.results.select(cell.analysis, "curve", cell.group)
        lower = max((c.at for c in seen if c.at is not None), default=math.inf)
    return (0.0 if texts[0].startswith("<") else lower / scale), upper / scale


def covers(limits: tuple[float, float], truth: float) -> bool:
    """Whether the truth lies between printed limits, the limits included."""
    rounding = 1e-9 * max(1.0, abs(truth))
    return limits[0] - rounding <= truth <= limits[1] + rounding


def count(
    tally: Tally,
    voice: Voice,
    world: str,
    *,
    compared: Mapping[str, str],
    truths: Mapping[str, Mapping[str, float]],
) -> None:
    """Add one study. `compared` are name → address of what gets a sentence, `truths` quantity → address → true value."""
    any_side = False
    said = []
    for name, address in compared.items():
        sentence = _plain(prose.finding(voice, address))
        side = direction(sentence)
        any_side = any_side or side != 0
        tally.add(world, "sides", name, side != 0)
        tally.add(world, "in words", name, bool(IN_WORDS.search(sentence)))
        said.append(sentence)
    tally.add(world, "sides", "any of these", any_side)
    for audited in claims.audit(voice):
        name, _, kind = audited.claim.name.partition(": ")
        said.append(_plain(audited.wording))
        if kind == "differs":
            tally.add(world, "supported", name, audited.verdict == "supported")
            tally.add(world, "supported or nominal", name, audited.verdict in ("supported", "nominal only"))
        elif kind == "none":
            tally.add(world, "kept without margin", name, audited.kept)
        else:
            tally.add(world, "equivalent", name, audited.kept)
    for analysis in voice.study.analyses.values():
        says = prose.kind(analysis.kind)
        if says is not None:
            said += [_plain(part) for part in _flat(says.sentences(voice, analysis))]
    text = " ".join(said)
    tally.add(world, "wrong words", "“similar” and its kin", bool(ALIKE.search(text)))
    tally.add(world, "wrong words", "refused by the lint", bool(lint.claims_too_much(text)))
    tally.add(world, "wrong words", "nan, inf or None", bool(UNSAID.search(text)))
    for quantity, addresses in truths.items():
        for address, truth in addresses.items():
            limits = printed(voice, address)
            tally.add(world, "has interval", quantity, limits is not None)
            if limits is not None:
                tally.add(world, "covered", quantity, covers(limits, truth))


def _number(text: str) -> float:
    if text in ("not reached", "∞"):
        return math.inf
    if text == "−∞":
        return -math.inf
    return float(text.lstrip("<").replace("−", "-").replace(",", ""))


def _plain(text: Markup) -> str:
    return text.striptags().replace("\N{NO-BREAK SPACE}", " ")


def _flat(said: Any) -> Iterable[Markup]:
    """Every sentence of what a kind of analysis has to say."""
    if isinstance(said, str):
        return [Markup(said)] if said else []  # sentences are Markup already
    parts = said.values() if isinstance(said, Mapping) else said
    return [one for part in parts for one in _flat(part)]
