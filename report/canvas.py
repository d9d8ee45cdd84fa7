"""From a drawing function to bytes: SVG for pages, PNG, TIFF, PDF and EPS for files. The same rows give the same bytes.

An SVG is written without a library, unless the drawing needs one; the other formats are matplotlib's: its object interface
only (no pyplot, no global figure), fonts taken from files and never from the machine's font list, no dates, ids from a
fixed salt. Sizes are in millimetres as a journal states them.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from report.arms import tint
from report.faces import Face, face
from report.paper import NeedsMatplotlib, Paper
from report.plot import literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

BANNER_MM = 5.0
BANNER_INK, BASE = "#8A1C1C", 0.65  # where its text stands, in parts of the strip from above
MISSING = r"Glyph \d+ .*missing from font"  # which W_LETTER has said before, with the place in the study file
_RC: dict[Any, Any] = {"svg.fonttype": "none", "pdf.fonttype": 42, "ps.fonttype": 42, "text.parse_math": False,
                      "path.snap": False, "text.hinting": "none"}


def render(draw: Callable[[Any], None], style: Any, *, width: str = "single", height_mm: float = 80.0,
           formats: Sequence[str] = ("svg", "png"), banner: str | None = None, salt: str = "figure",
           title: str = "") -> Mapping[str, bytes]:
    """The figure that `draw(figure)` makes, in each of `formats`: svg, pdf, eps (nothing in it is transparent), and at the
    style's dpi for line art png and tiff (RGB, compressed without loss). A file is made when it is first looked up.

    `width` is a name in the style's widths (single, middle, double); `banner` is printed in a strip above
    the drawing, BANNER_MM high, so that it can never cover data; `salt` makes ids unique within a page; `title` is the
    alternative text an SVG carries as its accessible name. Raises KeyError for an unknown width or format.
    """
    unknown = [name for name in formats if name not in _WRITERS]
    if unknown:
        raise KeyError(f"no such figure format: {', '.join(unknown)}; there are {', '.join(_WRITERS)}")
    width_mm = float(style.figure["widths"][width])
    total_mm = height_mm + (BANNER_MM if banner else 0.0)

    def drawn() -> Figure:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(width_mm / 25.4, total_mm / 25.4), dpi=72, facecolor="white", edgecolor="none")
        draw(_below_banner(figure, style, banner, height_mm / total_mm) if banner else figure)
        return figure

    def written() -> bytes | None:
        paper = Paper(width_mm, height_mm, total_mm - height_mm)
        try:
            draw(paper)
        except NeedsMatplotlib:
            return None
        if banner:
            paper.text(None, width_mm / 2, total_mm - BANNER_MM * BASE, literal(banner), face=_bold(style), colour=BANNER_INK,
                       ha="center", turn=0, gid="banner")
        return paper.svg(title=title, salt=salt, families=face(style).families)

    def finish(name: str, data: bytes) -> bytes:
        if name != "svg":
            return data
        from report.svg import tidy

        return tidy(data, title=title, salt=salt, width_mm=width_mm, height_mm=total_mm)

    return Drawing(written, drawn, tuple(name for name in _WRITERS if name in formats), float(style.figure["dpi_line"]), salt,
                   finish)


class Drawing(Mapping[str, bytes]):
    """A figure's files by format, each written when it is first asked for: pages need one, pictures take longest."""

    def __init__(self, written: Callable[[], bytes | None], drawn: Callable[[], Figure], formats: Sequence[str], dpi: float,
                 salt: str, finish: Callable[[str, bytes], bytes]):
        self._written, self._drawn, self._formats = written, drawn, formats
        self.salt, self._dpi, self._finish = salt, dpi, finish
        self._figure: Figure | None = None
        self._files: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._formats:
            raise KeyError(name)
        # EPS comes last: its writer takes the transparency out of the figure
        for one in self._formats if name == "eps" else (name,):
            if one not in self._files:
                direct = self._written() if one == "svg" else None
                self._files[one] = self._finish(one, self._write(one)) if direct is None else direct
        return self._files[name]

    def _write(self, name: str) -> bytes:
        import matplotlib

        with matplotlib.rc_context({**_RC, "svg.hashsalt": self.salt}), warnings.catch_warnings():
            warnings.filterwarnings("ignore", MISSING)
            if self._figure is None:
                self._figure = self._drawn()
            data = _WRITERS[name](self._figure, self._dpi)
        if len(self._files) + 1 == len(self._formats):
            self._figure = None  # nothing will be asked of it any more
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(self._formats)

    def __len__(self) -> int:
        return len(self._formats)


def _below_banner(figure: Figure, style: Any, banner: str, share: float) -> Any:
    """The part of the figure under a strip that says what these data are."""
    from report.artists import properties

    grid = figure.add_gridspec(2, 1, height_ratios=[1 - share, share], hspace=0, left=0, right=1, top=1, bottom=0)
    figure.text(0.5, 1 - (1 - share) * BASE, literal(banner), ha="center", va="baseline", color=BANNER_INK, gid="banner",
                parse_math=False, fontproperties=properties(_bold(style)))
    return figure.add_subfigure(grid[1])


def _svg(figure: Figure, dpi: float) -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    figure.set_dpi(72)  # an SVG's own unit is the point, whatever the dpi of the other formats
    buffer = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(buffer, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return buffer.getvalue()


def _png(figure: Figure, dpi: float) -> bytes:
    buffer = io.BytesIO()
    # a drawing is mostly paper: more effort than this makes the file a tenth smaller and takes twice the time
    _picture(figure, dpi).save(buffer, format="PNG", dpi=(dpi, dpi), compress_level=3)
    return buffer.getvalue()


def _picture(figure: Figure, dpi: float) -> Image:
    """The figure in pixels, on white: nothing behind it shows through, in whatever it is put."""
    from matplotlib.backend_bases import FigureCanvasBase
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text
    from PIL import Image

    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    size = canvas.get_width_height(physical=True)
    picture = Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
    FigureCanvasBase(figure)  # in place of the one that holds the pixels, tens of megabytes
    for text in figure.findobj(Text):
        vars(text)["_renderer"] = None  # which holds them too
    return picture


def _pdf(figure: Figure, dpi: float) -> bytes:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    figure.set_dpi(72)
    buffer = io.BytesIO()
    FigureCanvasPdf(figure).print_pdf(buffer, metadata=dict.fromkeys(("CreationDate", "Creator", "Producer")))
    return buffer.getvalue()


def _tiff(figure: Figure, dpi: float) -> bytes:
    """RGB, LZW: PNG's picture in the format that presses ask for."""
    buffer = io.BytesIO()
    _picture(figure, dpi).save(buffer, format="TIFF", compression="tiff_lzw", dpi=(dpi, dpi))
    return buffer.getvalue()


def _eps(figure: Figure, dpi: float) -> bytes:
    from matplotlib.backends.backend_ps import FigureCanvasPS

    figure.set_dpi(72)
    opaque(figure)
    buffer = io.BytesIO()
    FigureCanvasPS(figure).print_eps(buffer)
    # the comments that name the program, its temporary file and the time of day
    return re.sub(rb"(?m)^%%(?:Title|Creator|CreationDate):.*\n", b"", buffer.getvalue())


def opaque(figure: Figure) -> None:
    """Give every half-transparent area the solid tint that it has on white, since EPS knows no transparency."""
    from matplotlib.colors import to_hex
    from matplotlib.patches import Patch

    for artist in figure.findobj():
        through = artist.get_alpha()
        if through is None or through >= 1:
            continue
        if not isinstance(artist, Patch):
            raise TypeError(f"only areas can be half transparent in a figure, not a {type(artist).__name__}")
        colour = to_hex(artist.get_facecolor(), keep_alpha=False)
        artist.set_alpha(None)
        artist.set_facecolor(tint(colour, through))


_WRITERS: dict[str, Callable[[Any, float], bytes]] = {
    "svg": _svg, "png": _png, "tiff": _tiff, "pdf": _pdf, "eps": _eps}


def _bold(style: Any) -> Face:
    return face(style, float(style.figure["small"]), "bold")
