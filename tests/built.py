"""A study built once for many tests, and ways to read what was built."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from report.build import Built, build
from report.typeset import JOINER
from stats.study.read import read

ROOT = Path(__file__).resolve().parent.parent
CART = ROOT / "data" / "cart"
VOID = {"meta", "link", "img", "br", "hr", "input"}


def make(folder: Path, style: str = "", formats: tuple[str, ...] = ("html",)) -> Built:
    study = read(folder)
    return build(study, style=style or study.style, formats=formats, code="0" * 64)


def copy_of(folder: Path, target: Path) -> Path:
    """A study folder to change things in: its study file and its data, not its scripts."""
    target.mkdir(parents=True)
    for path in folder.iterdir():
        if path.suffix in (".toml", ".csv"):
            shutil.copy(path, target)
    if (folder / "sections").is_dir():
        shutil.copytree(folder / "sections", target / "sections")
    return target


def edit(path: Path, row: dict[str, str], **changes: str) -> None:
    """Change cells of the one CSV row that has the values of `row`."""
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    hits = [line for line in table if all(line[key] == value for key, value in row.items())]
    assert len(hits) == 1, f"{len(hits)} rows of {path.name} are {row}"
    hits[0].update(changes)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def rows(built: Built) -> dict[tuple[str, str], float]:
    """(address, statistic) → value of the published results."""
    return {key: float(line["value"]) for key, line in _lines(built)}


def methods(built: Built) -> dict[tuple[str, str], str]:
    """(address, statistic) → key of the method it comes from, '' for plain counts."""
    return {key: line["method"] for key, line in _lines(built)}


def _lines(built: Built) -> Iterator[tuple[tuple[str, str], dict[str, str]]]:
    for line in csv.DictReader(io.StringIO(str(built.files["results.csv"]))):
        level = f"={line['level']}" if line["level"] else ""
        at = f"~{line['at']}" if line["at"] else ""
        yield (f"{line['analysis']}/{line['variable']}{level}{at}@{line['group']}", line["stat"]), line


@dataclass(frozen=True)
class Text:
    """A stretch of text with the elements around it, innermost last, as (tag, class or value)."""

    text: str
    around: tuple[tuple[str, str], ...]

    def inside(self, *tags: str) -> bool:
        return any(tag in tags for tag, _ in self.around)

    def of_class(self, *names: str) -> bool:
        return any(set(kind.split()) & set(names) for _, kind in self.around)

    @property
    def address(self) -> str:
        return next((kind for tag, kind in reversed(self.around) if tag == "data"), "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str]] = []
        self.texts: list[Text] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            given = dict(attrs)
            self.open.append((tag, (given.get("value") if tag == "data" else given.get("class")) or ""))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(Text(data.replace(JOINER, ""), tuple(self.open)))


def texts(html: str) -> list[Text]:
    """Every stretch of text of the body, but for scripts and styles."""
    reader = _Reader()
    reader.feed(html)
    return [t for t in reader.texts if not t.inside("script", "style", "head")]


def sentences(html: str) -> list[str]:
    """Plain sentences of paragraphs and list items, in order."""
    out = []
    for block in re.findall(
        r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", re.sub(r"<(style|script|svg).*?</\1>", "", html, flags=re.S), re.S
    ):
        plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", block).replace(JOINER, "")).strip()
        out += [s for s in re.split(r"(?<=[.]) (?=[A-Z])", plain) if s]
    return out
