"""Hold a Word file that came back against the one that was sent: numbers changed by hand, sentences changed."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from report import docx_read, docx_recover, plain
from report.commands import _options as options
from report.difference import spoken
from report.docx_read import Number, Text

REPORT = "report.docx"
LOST = "The program that saved this file dropped the addresses; the numbers were found again by their place in the text."
GONE, COPIED = "no longer under its address", "a copy"


@dataclass(frozen=True)
class Edits:
    """What a co-author did: numbers as (tag, place, before, after), sentences as (place, before, after)."""

    numbers: tuple[tuple[str, str, str, str], ...]
    sentences: tuple[tuple[str, str, str], ...]
    lost: bool = False  # no number is under its address any more, and they were found by their place

    @property
    def none(self) -> bool:
        return not (self.numbers or self.sentences)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_report.py compare",
        description=__doc__,
        epilog="Changes that Word tracks count as accepted. Exit 0: the same; 1: different; 2: one of them can't be read.",
    )
    parser.add_argument("sent", help=f"the Word file as it was made, or a folder with {REPORT}")
    parser.add_argument("edited", help="the Word file that came back")
    parser.add_argument("--json", action="store_true", help="print everything as JSON instead")
    options.add(parser, "debug")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 the same, 1 different, 2 refused."""
    asked = arguments().parse_args(argv)
    paths = [path / REPORT if path.is_dir() else path for path in (Path(asked.sent), Path(asked.edited))]
    sent, edited = map(docx_read.read, paths)
    if sent.numbers and not edited.numbers:
        sent, edited = (docx_read.read(path, apart=False) for path in paths)
    found = edits(sent, edited)
    print(as_json(found) if asked.json else "\n".join(as_text(sent, edited, found)))
    return 0 if found.none else 1


def edits(sent: Text, edited: Text) -> Edits:
    """From the file that was sent to the one that came back, in the order of the former.

    Some programs drop every address on saving (LibreOffice does); then numbers are known by their place in the text.
    """
    edited = _under_old_headings(sent, edited)
    lost = bool(sent.numbers) and not edited.numbers
    if lost:
        edited = replace(edited, numbers=docx_recover.numbers(sent.paragraphs, edited.paragraphs))
    numbers = tuple(step for step in _numbers(sent, edited) if not lost or step[3] != GONE)
    retyped = {(place, before, after) for _, place, before, after in numbers}  # cells of which nothing else changed
    return Edits(numbers, tuple(step for step in spoken(sent.said, edited.said) if step not in retyped), lost)


def _under_old_headings(sent: Text, edited: Text) -> Text:
    """The file that came back, with the sections whose headings were changed under the headings they were sent with."""
    gone = [place for place in sent.said if place not in edited.said]
    called: dict[str, str] = {}
    for place in edited.said:
        if place not in sent.said and gone:
            said = set(edited.said[place])
            best = max(gone, key=lambda old: len(said & set(sent.said[old])))
            if 2 * len(said & set(sent.said[best])) >= min(len(said), len(set(sent.said[best]))):
                called[place] = best
                gone.remove(best)
    if not called:
        return edited
    return replace(
        edited,
        said={called.get(place, place): texts for place, texts in edited.said.items()},
        numbers=tuple(replace(one, place=called.get(one.place, one.place)) for one in edited.numbers),
        paragraphs=tuple(replace(one, place=called.get(one.place, one.place)) for one in edited.paragraphs),
    )


def _numbers(sent: Text, edited: Text) -> Iterator[tuple[str, str, str, str]]:
    """Numbers whose text is another now; a control that is gone or was copied is named, too."""
    before, after = _by_tag(sent), _by_tag(edited)
    for tag, old in before.items():
        new = after.get(tag, [])
        texts = [one.text for one in old], [one.text for one in new]
        if len(old) == len(new):
            steps = [("replace", i, i + 1, i, i + 1) for i in range(len(old)) if texts[0][i] != texts[1][i]]
        else:
            known = [(one.place, one.text) for one in old], [(one.place, one.text) for one in new]
            steps = [step for step in difflib.SequenceMatcher(None, *known, autojunk=False).get_opcodes()
                     if step[0] != "equal"]
        for _, a, b, c, d in steps:
            pairs = min(b - a, d - c)
            yield from ((tag, old[a + i].place, texts[0][a + i], texts[1][c + i]) for i in range(pairs))
            yield from ((tag, one.place, one.text, GONE) for one in old[a + pairs:b])
            yield from ((tag, one.place, COPIED, one.text) for one in new[c + pairs:d])


def _by_tag(text: Text) -> Mapping[str, list[Number]]:
    found: dict[str, list[Number]] = {}
    for number in text.numbers:
        found.setdefault(number.tag, []).append(number)
    return found


def as_text(sent: Text, edited: Text, found: Edits) -> list[str]:
    """Lines for a terminal."""
    lines = [f"{sent.file} → {edited.file}",
             f"Numbers: {len(found.numbers)} changed by hand, of {len(sent.numbers)}.", *([LOST] if found.lost else [])]
    table = plain.table(("Address", "In", "Sent", "Came back"), list(found.numbers))
    lines += ["", *table, ""] if table else []
    lines.append(f"Sentences and words of tables: {len(found.sentences)} changed, "
                 f"of {sum(map(len, sent.said.values()))}.")
    last = ""
    for place, before, after in found.sentences:
        lines += ["", f"[{place}]"] if place != last else []
        last = place
        lines += [f"− {before}"] if before else []
        lines += [f"+ {after}"] if after else []
    if found.numbers:
        lines += ["", "Numbers come from the data: correct the data or the study file and build again, not the text."]
    return [*lines, "", "The same text." if found.none else "Different text."]


def as_json(found: Edits) -> str:
    """The same for a program to read."""
    return json.dumps({
        "equal": found.none,
        "addresses_lost": found.lost,
        "numbers": [{"address": tag, "place": place, "before": a, "after": b} for tag, place, a, b in found.numbers],
        "sentences": [{"place": place, "before": a, "after": b} for place, a, b in found.sentences],
    }, ensure_ascii=False, indent=1)
