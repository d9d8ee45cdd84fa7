"""Makes the small fonts that a page carries within itself, from the full ones beside this folder.

Needs fonttools and brotli (not among the project's dependencies): python templates/fonts/web/make.py
The Open Font License keeps the name "Source" for unmodified fonts, so these are called after the project.
"""

from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent
RANGES = ((0x20, 0x7E), (0xA0, 0x17F), (0x192, 0x192), (0x370, 0x3FF), (0x2010, 0x2027), (0x202F, 0x205E), (0x2070, 0x209F),
          (0x20AC, 0x20AC), (0x2116, 0x2116), (0x2122, 0x2122), (0x2190, 0x2193), (0x2202, 0x2265))
NAMES = {"SourceSerif4": "Resultwright Serif", "SourceSans3": "Resultwright Sans"}
FACES = ("Regular", "Italic", "Bold")
NAMED = (1, 3, 4, 6, 16, 18, 21)  # records of the name table that hold the family's name


def make(stem: str, face: str) -> None:
    """One face: our characters only, renamed, as WOFF2."""
    font = TTFont(HERE.parent / f"{stem}-{face}.ttf", recalcTimestamp=False)
    options = Options()
    options.layout_features = ["kern", "liga", "lnum", "tnum", "sups", "mark", "mkmk", "ccmp", "locl"]
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for low, high in RANGES for code in range(low, high + 1)])
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in NAMED:
            name = NAMES[stem] if record.nameID in (1, 16, 21) else f"{NAMES[stem]} {face}"
            record.string = name.replace(" ", "-") if record.nameID == 6 else name
    font.flavor = "woff2"
    font.save(HERE / f"{NAMES[stem].replace(' ', '')}-{face}.woff2")


for stem in NAMES:
    for face in FACES:
        make(stem, face)
