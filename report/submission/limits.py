"""What a journal allows, against what the package holds; and how sure it is that the journal says so.

The rules are those of the style file. Where it marks a line, or a whole table, as unverified, that is repeated here;
what it doesn't state at all is this project's own default and no rule of the journal.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from report import manifest, manuscript
from report.compose import Rendered
from report.rules import FOLDER
from report.submission.pages import Paper
from stats.study.types import Study

STATED, UNVERIFIED, OURS = "stated in the style file", "unverified", "no rule known; our default"
UNKNOWN = "no limit known"
DEFAULT = "plain"  # the style that all others are like, and no journal's
KEPT, BROKEN, LOOK = "kept", "**not kept**", "see for yourself"
TOLERANCE = 0.1  # mm; a picture is a whole number of dots
_KEY = re.compile(r"^([a-z_]+)\s*=")
_TABLE = re.compile(r"^\[([a-z]+)\]")
_LIKE = re.compile(r'^like\s*=\s*"([^"]+)"')


@dataclass(frozen=True)
class Line:
    """One rule: what the journal says, what the package has, and whether that keeps to it."""

    rule: str
    allowed: str
    has: str
    verdict: str
    standing: str


def standing(style: str, table: str, key: str, folder: Path = FOLDER) -> str:
    """How sure a rule is: STATED, UNVERIFIED or OURS, with what the style file remarks on its line."""
    at, like, whole = "", "", False
    for line in (folder / f"{style}.toml").read_text("utf-8").splitlines():
        head, own, kin = _TABLE.match(line), _KEY.match(line), _LIKE.match(line)
        if head:
            at, whole = head[1], "unverified" in line
        elif kin and not at:
            like = kin[1]
        elif own and at == table and own[1] == key:
            if style == DEFAULT:
                return OURS
            remark = line.partition("#")[2].strip()
            sure = UNVERIFIED if whole or "unverified" in remark else STATED
            return f"{sure} ({remark})" if remark.removeprefix(UNVERIFIED) else sure
    return standing(like, table, key, folder) if like else OURS


def lines(study: Study, paper: Paper, sections: list[Rendered], files: Mapping[str, bytes]) -> list[Line]:
    """Every rule the style file has, in the order of a submission. files: the package's, by name."""
    style = paper.voice.style
    main = [one for one in paper.shown.values() if not one.supplement]
    source, words = _abstract(study, sections)
    body = sum(_words(section.html) for section in sections if section.id != "abstract")
    counts = {
        "title_characters": ("Characters of the title", len(study.title), ""),
        "running_title_characters": ("Characters of the running title", len(study.short), ""),
        "abstract_words": ("Words of the abstract", words, source),
        "text_words": ("Words of methods, results and limitations", body, "introduction and discussion not written"),
        "exhibits": ("Tables and figures", len(main), "; the supplement is not counted"),
        "references": ("References", len(paper.references.works), "those of the methods"),
    }
    found = []
    for key, (rule, has, note) in counts.items():
        limit = int(style.limits[key])
        verdict = LOOK if not limit else KEPT if has <= limit else BROKEN
        said = f"{has} ({note.lstrip('; ')})" if note else str(has)
        found.append(Line(rule, f"at most {limit}" if limit else UNKNOWN, said, verdict,
                          standing(style.name, "limits", key) if limit else "–"))
    if style.limits["key_points"]:
        found.append(Line("Key points", str(style.limits["key_points"]), "for the authors to write", LOOK,
                          standing(style.name, "limits", "key_points")))
    return [*found, *_figures(paper, files)]


def markdown(paper: Paper, found: list[Line], files: Mapping[str, bytes]) -> str:
    """limits.md: the rules as a table, fonts in words, and the size of every file."""
    style = paper.voice.style
    heads = ("Rule", "Journal", "Here", "Verdict", "How sure the rule is")
    rows = [(one.rule, one.allowed, one.has, one.verdict, one.standing) for one in found]
    sizes = [(name, f"{len(data) / 1024:,.0f} kB") for name, data in sorted(files.items())]
    drawn, asked = str(style.figure["font"]), " or ".join(style.figure["fonts"])
    fonts = (f"The journal asks for {asked} in figures ({standing(style.name, 'figure', 'fonts')}). They are drawn with "
             f"{drawn}, which may be passed on freely and is embedded in PDF and EPS; text in the SVG stays text and can be "
             f"set in {asked}." if drawn not in style.figure["fonts"] else f"Figures are drawn with {drawn}, embedded.")
    return "\n".join([
        f"# Limits of {style.title}", "",
        "The rules are those of this project's file on the journal. “Unverified” means that nobody could hold the rule "
        "against the journal's own page: do that before you submit.", "",
        *_table(heads, rows), "", "## Fonts", "", fonts, "", "## Files", "",
        "Limits on the size of files are not among the rules known here; the largest TIFF is what uploads stumble over.", "",
        *_table(("File", "Size"), sizes),
    ]) + "\n"


def _figures(paper: Paper, files: Mapping[str, bytes]) -> Iterator[Line]:
    style = paper.voice.style
    widths = {name: float(value) for name, value in style.figure["widths"].items()}
    tallest = float(style.figure["max_height"])
    for one in paper.shown.values():
        png = files.get(f"figures/{one.file}.png")
        if png is None:
            continue
        wide, high = size(png)
        fits = any(abs(wide - width) <= TOLERANCE for width in widths.values())
        yield Line(f"{one.name}, width", " / ".join(f"{width:g}" for width in widths.values()) + " mm",
                   f"{wide:.1f} mm", KEPT if fits else BROKEN, standing(style.name, "figure", "widths"))
        yield Line(f"{one.name}, height", f"at most {tallest:g} mm", f"{high:.1f} mm",
                   KEPT if high <= tallest + TOLERANCE else BROKEN, standing(style.name, "figure", "max_height"))


def size(png: bytes) -> tuple[float, float]:
    """Width and height in millimetres that a PNG file states."""
    wide, high = struct.unpack(">II", png[16:24])
    at = png.index(b"pHYs")
    across, down = struct.unpack(">II", png[at + 4:at + 12])  # dots per metre
    return wide / across * 1000, high / down * 1000


def _abstract(study: Study, sections: list[Rendered]) -> tuple[str, int]:
    """(which abstract, its words): the author's where there is one, else the paragraph of results."""
    name = manifest.abstract(study.folder)
    if name:
        return name, len(manuscript.read(study.folder / name).plain.split())
    return "results only", sum(_words(section.html) for section in sections if section.id == "abstract")


def _words(html: Markup) -> int:
    return len(Markup(re.sub(r"<h[1-3]>.*?</h[1-3]>", " ", str(html))).striptags().split())  # only counted


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows)]
