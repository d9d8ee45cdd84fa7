"""Words by which a sentence claims something: of a comparison, of sameness, of worth, of cause.

The lists find what an author may have forgotten to declare. They never decide whether a statement holds: that is the
declared claims' part. Thresholds ("more than 5%"), names ("improved survival programme") aside, a cue outside every
declared quotation is listed with its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# what follows a comparative when it only sets a threshold, or speaks of another time or of other work
_THRESHOLD = r"(?!\s+(?:than|or\s+equal\s+to)\s+(?:or\s+equal\s+to\s+)?[<>≥≤]?\s*(?:\d|one\b|two\b|three\b|half\b))"
_WORDS = {
    "comparison": (
        r"(?<!\d or )(?<!\d and )(?:better|worse|higher|lower|longer|shorter|greater|larger|smaller|milder|severer|"
        r"faster|slower|stronger|weaker|deeper|safer|fewer|poorer|rarer|quicker)" + _THRESHOLD,
        r"(?:earlier|later|sooner)\s+(?:in|than|with|for|among|after|on)\b",
        r"(?:was|were|occurred|came|peaked|started|appeared)\s+(?:\w+\s+)?(?:earlier|later|sooner)",
        r"(?:more|less)\s+(?!than\s+[<>≥≤]?\s*\d)(?:\w+\s+){0,3}?(?:than|often|frequent(?:ly)?|severe(?:ly)?|"
        r"common(?:ly)?|likely|rapid(?:ly)?|durable|effective|toxic|pronounced|favou?rable|intense|tolerable)",
        r"(?:superior|inferior|non-?inferior|outperform\w*|surpass\w*|exceed\w*|favou?r(?:s|ed|ing)\b)",
        r"(?:significant(?:ly)?|trend(?:ed|s)?\s+towards?|borderline)",
        r"(?:correlat\w+|associat(?:ed|ion)\s+(?:with|between)|predict(?:s|ed|ive|or|ors)|risk\s+factors?|"
        r"independent(?:ly)?\s+of)",
        r"(?:differed|(?:was|were|is|are)\s+(?:\w+\s+)?different)",
    ),
    "sameness": (
        r"(?:no|not\s+any|without(?:\s+any)?|little)\s+(?:\w+\s+){0,3}?differences?",
        r"(?:not|n't)\s+(?:\w+\s+)?differ(?:ent)?\b",
        r"(?:similar(?:ly)?|comparable|comparably|equivalent|equally|identical|non-?different|balanced|unchanged|"
        r"unaffected)",
        r"(?:the\s+same\b|as\s+\w+\s+as\b)",
    ),
    "judgement": (
        r"(?:safe(?:ty\s+profile)?|well[\s-]tolerated|tolerable|feasible|manageable|acceptable\s+toxicit\w+)",
        r"(?:effective(?:ly|ness)?|efficacious|promising|encouraging|durable|excellent|favou?rable|remarkable|"
        r"beneficial|potent)",
    ),
}
_CAUSES = (
    r"(?:improv(?:es?|ed|ing)|enhanc(?:es?|ed|ing)|ameliorat\w+|boost(?:s|ed|ing)?)",
    r"(?<!was )(?<!were )(?<!is )(?<!are )"
    r"(?:reduc(?:es?|ed|ing)|decreas(?:es|ed|ing)|increas(?:es|ed|ing)|prolong(?:s|ed|ing)|shorten(?:s|ed|ing)|"
    r"prevent(?:s|ed|ing)?|lower(?:s|ed|ing)|rais(?:es|ed|ing)|delay(?:s|ed|ing))\s+(?:the\s+)?"
    r"(?!by\b|to\b|from\b|in\b|at\b|after\b|over\b|during\b)\w+",
    r"(?:le(?:d|ads|ading)\s+to|result(?:s|ed|ing)?\s+in|caus(?:es?|ed|ing)\b|induc(?:es|ed)\b|because\s+of\s+the)",
    r"(?:(?<!adverse )(?<!side )\beffects?\s+(?:of|on)|impacts?\s+(?:of|on)|influences?\s+(?:of|on)|"
    r"benefit(?:s|ed)?\s+(?:of|from)|attributable\s+to|due\s+to|owing\s+to|thanks\s+to|prov(?:es?|ed|en)\b)",
)
CLAIMS = tuple((kind, re.compile(rf"\b(?:{words})\b", re.I)) for kind, many in _WORDS.items() for words in many)
CAUSES = tuple(re.compile(rf"\b(?:{words})\b", re.I) for words in _CAUSES)


@dataclass(frozen=True)
class Cue:
    """`kind` is comparison, sameness, judgement or cause; `words` as they stand in the text, from `start` to `end`."""

    kind: str
    words: str
    start: int
    end: int


def claims(text: str) -> list[Cue]:
    """What a text states that a result has to bear, in its order."""
    return _sorted(Cue(kind, hit.group(), *hit.span()) for kind, pattern in CLAIMS for hit in pattern.finditer(text))


def causes(text: str) -> list[Cue]:
    """Words of cause and effect, in their order."""
    return _sorted(Cue("cause", hit.group(), *hit.span()) for pattern in CAUSES for hit in pattern.finditer(text))


def _sorted(found: Iterator[Cue]) -> list[Cue]:
    """By place; of overlapping cues the first and longest."""
    kept: list[Cue] = []
    for cue in sorted(found, key=lambda cue: (cue.start, -cue.end)):
        if not kept or cue.start >= kept[-1].end:
            kept.append(cue)
    return kept
