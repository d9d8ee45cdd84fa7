"""Make docs/report-pages.png, the picture in the README, from the built report of data/cart.

    python build_report.py && python -m docs.make_picture

Needs pdftoppm and pdftotext (poppler), and Pillow, which comes with matplotlib. A page is found by words that stand on it,
so that the picture stays right when pages move.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "build" / "cart" / "report.pdf"
PICTURE = ROOT / "docs" / "report-pages.png"
SHOWN = (
    r"Abstract of results",
    r"Table \d+\. Characteristics of the patients",
    r"Figure \d+\. Overall survival",
    r"Figure \d+\. CAR transgene in",
    r"Table \d+\. Cytokine release syndrome",
    r"Table \d+\. What the abstract says",
)
DPI, LARGEST = 62, 400_000
COLUMNS, GAP, GREY = 3, 6, "#8a8f94"


def page_of(pages: list[str], words: str) -> int:
    """Number, from 1, of the first page that holds the words (a regular expression)."""
    return next(i for i, text in enumerate(pages, 1) if re.search(words, " ".join(text.split())))


def side_by_side(pages: list[Image.Image]) -> Image.Image:
    """Pages in rows of three, on grey."""
    wide, high = pages[0].width + 2 * GAP, pages[0].height + 2 * GAP
    whole = Image.new("RGB", (COLUMNS * wide, -(-len(pages) // COLUMNS) * high), GREY)
    for number, page in enumerate(pages):
        whole.paste(page, (number % COLUMNS * wide + GAP, number // COLUMNS * high + GAP))
    return whole


def main() -> int:
    read = subprocess.run(["pdftotext", "-layout", REPORT, "-"], check=True, capture_output=True, text=True)
    pages = read.stdout.split("\f")
    with TemporaryDirectory() as folder:
        drawn: list[Path] = []
        for words in SHOWN:
            number = str(page_of(pages, words))
            stem = Path(folder, f"page-{len(drawn)}")
            subprocess.run(
                ["pdftoppm", "-png", "-r", str(DPI), "-f", number, "-l", number, "-singlefile", REPORT, stem],
                check=True,
            )
            drawn.append(stem.with_suffix(".png"))
        pages_drawn = [Image.open(path).convert("RGB") for path in drawn]
        side_by_side(pages_drawn).quantize(96, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    size = PICTURE.stat().st_size
    print(f"{PICTURE.relative_to(ROOT)}: {size / 1000:.0f} kB")
    return int(size > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
