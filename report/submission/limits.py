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

from report.rules import FOLDER
from report.submission import front
from report.submission.front import Counts
from report.submission.pages import Paper
from stats.study.types import Study

STATED, UNVERIFIED, OURS = "stated in the style file", "unverified", "no rule known; our default"
UNKNOWN = "no limit known"
DEFAULT = "plain"  # the style that all others are like, and no journal's
KEPT, BROKEN, LOOK = "kept", "**not kept**", "see for yourself"
TOLERANCE = 0.1  # mm; a picture is a whole number of dots
MB = 1 << 20
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


def lines(study: Study, paper: Paper, counted: Counts, files: Mapping[str, bytes]) -> list[Line]:
    """Every rule the style file has, in the order of a submission. files: the package's, by name."""
    style = paper.voice.style
    apart = "the supplement is not counted"
    counts = {
        "title_characters": ("Characters of the title", len(study.title), ""),
        "running_title_characters": ("Characters of the running title", len(study.short), ""),
        "abstract_words": ("Words of the abstract", counted.abstract, counted.source),
        "text_words": ("Words of methods, results and limitations", counted.text, "introduction and discussion not written"),
        "exhibits": ("Tables and figures", counted.tables + counted.figures, apart),
        "tables": ("Tables", counted.tables, apart),
        "figures": ("Figures", counted.figures, apart),
        "references": ("References", counted.references, "those of the methods"),
    }
    either = style.limits["tables"] or style.limits["figures"]
    for key in ("exhibits",) if either and not style.limits["exhibits"] else () if either else ("tables", "figures"):
        del counts[key]  # one rule for both, or one for each
    found = []
    for key, (rule, has, note) in counts.items():
        limit = int(style.limits[key])
        verdict = LOOK if not limit else KEPT if has <= limit else BROKEN
        said = f"{has} ({note})" if note else str(has)
        found.append(Line(rule, f"at most {limit}" if limit else UNKNOWN, said, verdict,
                          standing(style.name, "limits", key) if limit else "–"))
    found.insert(3, Line("Headings of the abstract", front.spoken(style.limits["abstract_headings"]),
                         "as prompts in the manuscript" if style.limits["abstract_headings"] else "one paragraph", LOOK,
                         standing(style.name, "limits", "abstract_headings")))
    if style.limits["key_points"]:
        found.append(Line("Key points", str(style.limits["key_points"]), "for the authors to write", LOOK,
                          standing(style.name, "limits", "key_points")))
    return [*found, *_figures(paper, files), *_sizes(paper, files)]


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
        "Where a limit on the size of files is known, it stands above. A TIFF is the largest form of a figure; PDF and EPS "
        "are smaller and stay sharp.", "",
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


def _sizes(paper: Paper, files: Mapping[str, bytes]) -> Iterator[Line]:
    """The largest file of each kind of figure against the journal's limit, and the supplement."""
    style = paper.voice.style
    kinds = sorted({name.rpartition(".")[2] for name in files if name.startswith("figures/")})
    groups = [("figure_mb", f"Largest figure, {kind.upper()}", f"figures/.*\\.{kind}") for kind in kinds]
    for key, rule, names in (*groups, ("supplement_mb", "Supplement", r"supplement\.docx|listings/.*\.docx")):
        limit = float(style.limits[key])
        found = [len(data) for name, data in files.items() if re.fullmatch(names, name)]
        has = (sum(found) if key == "supplement_mb" else max(found, default=0)) / MB
        yield Line(f"{rule}, size", f"at most {limit:g} MB" if limit else UNKNOWN, f"{has:.1f} MB" if has >= 0.1 else "< 0.1 MB",
                   LOOK if not limit else KEPT if has <= limit else BROKEN,
                   standing(style.name, "limits", key) if limit else "–")


def size(png: bytes) -> tuple[float, float]:
    """Width and height in millimetres that a PNG file states."""
    wide, high = struct.unpack(">II", png[16:24])
    at = png.index(b"pHYs")
    across, down = struct.unpack(">II", png[at + 4:at + 12])  # dots per metre
    return wide / across * 1000, high / down * 1000


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows)]
