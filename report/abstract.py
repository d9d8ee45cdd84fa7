"""An abstract held against the study: quotations that are gone, statements nobody declared, words of cause without a
randomised comparison, numbers that contradict each other.

The declared claims get their verdicts in report/claims.py; this finds what was not declared, so it only ever asks for a
declaration, a correction or a milder word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from report import cues, manifest, manuscript, rechecks
from report.manuscript import Manuscript, Sentence
from report.voice import called_by_key
from stats.findings import Problem
from stats.study.types import Study

STUDY_FILE = "study.toml"
UNSEARCHED = ("background", "methods")  # parts that tell of other work and of plans
DECLARE = {
    "comparison": "Declare it in [claims] with the address of its result, or take it out",
    "sameness": "Declare it in [claims] with the address of its result and, for sameness, a margin; or take it out",
    "judgement": 'Declare it in [claims] as type = "judgement" with signed_off_by, or take it out',
}


def problems(study: Study) -> list[Problem]:
    """What a build says of its abstract: of the declared claims always, of the text where there is one."""
    name = manifest.abstract(study.folder)
    return examine(study, manuscript.read(study.folder / name) if name else None)


def examine(study: Study, text: Manuscript | None) -> list[Problem]:
    """Every finding on the declared claims and on the text, in the order of the claims and then of the text.

    V_STALE_QUOTE, V_UNDECLARED, V_CAUSAL_WORDING and V_INCONSISTENT; without a text only the claims' wording.
    """
    if text is None:
        return list(_causal_claims(study))
    return [
        *_stale(study, text),
        *_causal_claims(study),
        *_causal_text(study, text),
        *_undeclared(study, text),
        *_inconsistent(study, text),
    ]


def _stale(study: Study, text: Manuscript) -> Iterator[Problem]:
    for claim in study.claims.values():
        if text.find(claim.quote) is None:
            near = _nearest(claim.quote, text.sentences)
            now = f"; the nearest sentence is now: {_bare(near)}" if near else ""
            yield Problem(
                "V_STALE_QUOTE",
                f"the quote of claim {claim.name} is not in the text, letter for letter{now}",
                text.file,
                column=f"claims.{claim.name}",
                remedy=f"Quote what the text says in {STUDY_FILE}, and see whether the claim is still the same",
            )


def _nearest(quote: str, sentences: Iterable[Sentence]) -> str:
    said = {sentence.text: sentence.text.lower() for sentence in sentences}
    close = difflib.get_close_matches(manuscript.plain(quote).lower(), said.values(), n=1, cutoff=0.4)
    return next((text for text, lower in said.items() if close and lower == close[0]), "")


def _undeclared(study: Study, text: Manuscript) -> Iterator[Problem]:
    """Sentences with a cue that no declared quotation covers."""
    spans = _declared(study, text)
    for sentence in text.sentences:
        open_cues = [
            cue
            for cue in cues.claims(sentence.text)
            if not any(a <= sentence.start + cue.start and sentence.start + cue.end <= b for a, b in spans)
        ]
        if sentence.part in UNSEARCHED and len(_arms_named(study, sentence.text)) < 2:
            continue
        if open_cues:
            words = ", ".join(f"“{word}”" for word in dict.fromkeys(cue.words for cue in open_cues))
            yield Problem(
                "V_UNDECLARED",
                f"a statement that no claim declares ({words}): {_bare(sentence.text)}",
                text.file,
                remedy=DECLARE[open_cues[0].kind],
            )


def _declared(study: Study, text: Manuscript) -> list[tuple[int, int]]:
    found = (text.find(claim.quote) for claim in study.claims.values())
    return [span for span in found if span is not None]


def _arms_named(study: Study, sentence: str) -> set[str]:
    """The arms that a sentence speaks of, by key ("R group") or by label."""
    found = set()
    for key, label in study.arms.items():
        by_key = called_by_key(key) and re.search(rf"\b{re.escape(key)}[\s-](?:group|arm|cohort)", sentence, re.I)
        if by_key or re.search(rf"(?<!\w){re.escape(label)}(?!\w)", sentence, re.I):
            found.add(key)
    return found


def _causal_claims(study: Study) -> Iterator[Problem]:
    for claim in study.claims.values() if not study.randomised else ():
        for cue in cues.causes(claim.quote)[:1]:
            yield _causal(study, cue.words, f"claim {claim.name}", STUDY_FILE, f"claims.{claim.name}")


def _causal_text(study: Study, text: Manuscript) -> Iterator[Problem]:
    """Causal words outside the quotations of claims, which are named with their claim."""
    if study.randomised:
        return
    spans = _declared(study, text)
    for sentence in text.sentences:
        if sentence.part in UNSEARCHED:
            continue
        for cue in cues.causes(sentence.text):
            if not any(a <= sentence.start + cue.start and sentence.start + cue.end <= b for a, b in spans):
                yield _causal(study, cue.words, f"“{sentence.text}”", text.file)
                break


def _causal(study: Study, words: str, where: str, place: str, column: str = "") -> Problem:
    arms = "one group and no comparison" if len(study.arms) == 1 else f"{study.design}, not randomised"
    return Problem(
        "V_CAUSAL_WORDING",
        f"“{words}” in {where} says that one thing caused another; design: {arms}",
        place,
        column=column,
        remedy="Say what was seen: “was associated with”, “was higher in … than in …”",
    )


def _inconsistent(study: Study, text: Manuscript) -> Iterator[Problem]:
    for sentence in text.sentences:
        for found in rechecks.faults(sentence.text, study.alpha):
            yield Problem(
                "V_INCONSISTENT",
                f"{found}: {_bare(sentence.text)}",
                text.file,
                remedy="Correct the number that is wrong; the report has them all",
            )


def _bare(sentence: str) -> str:
    """A sentence inside a message, which has a full stop of its own."""
    return sentence.rstrip(".")
