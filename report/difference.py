"""What changed between two sets of results: numbers, sentences, verdicts of claims, input files.

Numbers are compared as results.csv keeps them, to twelve significant digits; sentences as a reader sees them.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from report import manifest
from report.manuscript import Manuscript, plain
from stats.findings import Problem, Refused
from stats.results import COLUMNS, number

Key = tuple[str, str]  # address, statistic
UNREAD = ("reproducibility", "claims")  # sections whose sentences are about files, or are compared as verdicts
BLOCKS = ("p", "li", "figcaption")
SILENT = ("script", "style", "svg", "nav", "table")


@dataclass(frozen=True)
class Number:
    value: float
    method: str = ""
    note: str = ""

    @property
    def shown(self) -> str:
        """In words where it is no number."""
        if math.isnan(self.value):
            return f"not estimable ({self.note})" if self.note else "not estimable"
        return "not reached" if math.isinf(self.value) else number(self.value)


@dataclass(frozen=True)
class Side:
    """Results to compare. `sentences` (by section) and `verdicts` are None where only numbers are at hand."""

    name: str
    numbers: Mapping[Key, Number]
    sentences: Mapping[str, Sequence[str]] | None = None
    verdicts: Mapping[str, str] | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """What is new, what is gone, and what is another: (key, before, after). Sentences as (section, before, after)."""

    appeared: tuple[tuple[Key, Number], ...]
    disappeared: tuple[tuple[Key, Number], ...]
    changed: tuple[tuple[Key, Number, Number], ...]
    methods: tuple[tuple[Key, str, str], ...]
    sentences: tuple[tuple[str, str, str], ...] | None
    verdicts: tuple[tuple[str, str, str], ...] | None
    inputs: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Whether everything that the results say is the same; input files may differ without a consequence."""
        return not (
            self.appeared or self.disappeared or self.changed or self.methods or self.sentences or self.verdicts
        )


def read(path: Path) -> Side:
    """A report's folder, or a results.csv alone. Refused when there are no results that can be read."""
    about = (manifest.read(path) or {}).get("about", {}) if path.is_dir() else {}
    return side(str(path), texts(path), about.get("inputs", {}))


def texts(path: Path) -> dict[str, str]:
    """The files that a side is read from, by name."""
    table = path / "results.csv" if path.is_dir() else path
    if not table.is_file():
        raise Refused(
            [
                Problem(
                    "E_FILE_MISSING",
                    f"there are no results at {table}",
                    table.name,
                    remedy="Name a report's folder, its results.csv, or a frozen cut",
                )
            ]
        )
    names = ("report.html", "claims.md") if path.is_dir() else ()
    files = {name: (path / name).read_text("utf-8") for name in names if (path / name).is_file()}
    try:
        text = table.read_text("utf-8")
    except UnicodeDecodeError:
        raise Refused([Problem("E_ENCODING", "the file is not UTF-8 text", table.name)]) from None
    return {"results.csv": text, **files}


def side(name: str, files: Mapping[str, str | bytes], inputs: Mapping[str, str] | None = None) -> Side:
    """The files of a report, as a build makes them."""
    html, claims = files.get("report.html"), files.get("claims.md")
    return Side(
        name,
        numbers(str(files["results.csv"])),
        _sentences(str(html)) if html else None,
        _verdicts(str(claims)) if claims else ({} if html else None),
        dict(inputs or {}),
    )


def compare(old: Side, new: Side) -> Difference:
    """The difference from old to new, in the order of the results; new numbers in the order of the new ones."""
    both = [key for key in old.numbers if key in new.numbers]
    pairs = [(key, old.numbers[key], new.numbers[key]) for key in both]
    worded = old.sentences is not None and new.sentences is not None
    judged = old.verdicts is not None and new.verdicts is not None
    return Difference(
        tuple((key, value) for key, value in new.numbers.items() if key not in old.numbers),
        tuple((key, value) for key, value in old.numbers.items() if key not in new.numbers),
        tuple((key, a, b) for key, a, b in pairs if not _same(a.value, b.value)),
        tuple((key, a.method, b.method) for key, a, b in pairs if a.method != b.method),
        tuple(spoken(old.sentences or {}, new.sentences or {})) if worded else None,
        tuple(_judged(old.verdicts or {}, new.verdicts or {})) if judged else None,
        tuple(sorted(name for name in {*old.inputs, *new.inputs} if old.inputs.get(name) != new.inputs.get(name)))
        if old.inputs and new.inputs
        else (),
    )


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def numbers(text: str) -> dict[Key, Number]:
    """A results.csv by (address, statistic). Refused when it is none of ours."""
    reader = csv.DictReader(io.StringIO(text))
    lacking = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if lacking:
        raise Refused(
            [
                Problem(
                    "E_COLUMN_MISSING",
                    f"these are no results of ours: {', '.join(lacking)} missing",
                    "results.csv",
                    1,
                    remedy="Name a report's folder or its results.csv",
                )
            ]
        )
    found: dict[Key, Number] = {}
    for row, line in enumerate(reader, start=2):
        level = f"={line['level']}" if line["level"] else ""
        at = f"~{line['at']}" if line["at"] else ""
        try:
            value = float(line["value"])
        except (TypeError, ValueError):
            raise Refused([Problem("E_NUMBER", "the value is no number", "results.csv", row, "value")]) from None
        key = (f"{line['analysis']}/{line['variable']}{level}{at}@{line['group']}", line["stat"])
        if key in found:
            raise Refused([Problem("E_DUP_KEY", f"{key[0]} has its {key[1]} a second time; each number stands once",
                                   "results.csv", row, remedy="Take the results as the build wrote them")])
        found[key] = Number(value, line["method"] or "", line["note"] or "")
    return found


class _Reader(HTMLParser):
    """Paragraphs by section, without tables, pictures and scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.section, self.silent, self.block = "", 0, False
        self.found: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self.section = dict(attrs).get("id") or ""
        self.silent += tag in SILENT
        if tag in BLOCKS:
            self.block = True
            self.found.setdefault(self.section, []).append("")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT
        if tag in BLOCKS:
            self.block = False

    def handle_data(self, data: str) -> None:
        if self.block and not self.silent:
            self.found[self.section][-1] += data


def _sentences(html: str) -> dict[str, list[str]]:
    reader = _Reader()
    reader.feed(html)
    return {
        section: [sentence.text for block in blocks for sentence in Manuscript("", plain(block)).sentences]
        for section, blocks in reader.found.items()
        if section and section not in UNREAD
    }


def _verdicts(table: str) -> dict[str, str]:
    """Claim's quotation → verdict, out of claims.md; a quotation that bears several claims is numbered."""
    found: dict[str, str] = {}
    for line in table.splitlines()[2:]:
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 3:
            many = sum(key.removesuffix(")").rpartition(" (")[0] == cells[0] or key == cells[0] for key in found)
            found[f"{cells[0]} ({many + 1})" if many else cells[0]] = cells[1]
    return found


def spoken(old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """(section, before, after); one of the two is '' where a sentence is new or gone."""
    for section in dict.fromkeys([*old, *new]):
        before, after = old.get(section, []), new.get(section, [])
        for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if kind != "equal":
                yield from _paired(section, before[a:b], after[c:d])


def _paired(section: str, before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Each sentence with the new one most like it."""
    left = list(after)
    for sentence in before:
        close = difflib.get_close_matches(sentence, left, n=1, cutoff=0.5)
        if close:
            left.remove(close[0])
        yield section, sentence, close[0] if close else ""
    for sentence in left:
        yield section, "", sentence


def _judged(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for quote in dict.fromkeys([*old, *new]):
        if old.get(quote) != new.get(quote):
            yield quote, old.get(quote, ""), new.get(quote, "")
