"""Looking at a drawing without looking at pixels: artists by name, boxes of texts, what overlaps what."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import TextPath, text_to_path
from matplotlib.transforms import Affine2D, Bbox

SVG = "{http://www.w3.org/2000/svg}"


def drawing(draw: Callable[[Any], None], style: Any, width: str, height_mm: float) -> Figure:
    """The figure with everything placed on it, at 300 dpi; nothing needs to be painted to know where it stands."""
    figure = Figure(figsize=(style.figure["widths"][width] / 25.4, height_mm / 25.4), dpi=300)
    FigureCanvasAgg(figure)
    draw(figure)
    return figure


def texts(figure: Figure, gid: str = "") -> list[Text]:
    """Texts that show something, or those of one name."""
    found = [artist for artist in figure.findobj(Text) if artist.get_text() and artist.get_visible()]
    return [text for text in found if text.get_gid() == gid] if gid else found


def lines(figure: Figure, gid: str) -> list[Line2D]:
    return [line for line in figure.findobj(Line2D) if line.get_gid() == gid]


def line(figure: Figure, gid: str) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the one line of that name, in data coordinates."""
    (found,) = lines(figure, gid)
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def box(text: Text) -> Bbox:
    """Where the ink of a text lies, in pixels: matplotlib's own extent holds the leading of the font as well."""
    properties, scale = text.get_fontproperties(), text.figure.get_figure(root=True).dpi / 72
    advance, x0, y0, x1, y1 = _ink(text.get_text(), str(properties.get_file()), text.get_fontsize())
    shift = {"left": 0.0, "center": advance / 2, "right": advance}[text.get_ha()]
    place = Affine2D().translate(-shift, 0).scale(scale).rotate_deg(text.get_rotation())
    place.translate(*text.get_transform().transform(text.get_position()))
    return Bbox([[x0, y0], [x1, y1]]).transformed(place)


@lru_cache(maxsize=8192)
def _ink(said: str, file: str, size: float) -> tuple[float, float, float, float, float]:
    """Advance and bounding box of the glyphs from their baseline, in points."""
    properties = FontProperties(fname=file, size=size)
    advance, _, _ = text_to_path.get_text_width_height_descent(said, properties, False)
    ink = TextPath((0, 0), said, prop=properties, size=size).get_extents() if said.strip() else Bbox.unit()
    return advance, ink.x0, ink.y0, ink.x1, ink.y1


def overlapping(figure: Figure, slack: float = 1.0) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than `slack` pixels each way."""
    said = [text.get_text() for text in texts(figure)]
    corners = np.array([box(text).extents for text in texts(figure)])
    low, high = corners[:, :2], corners[:, 2:]
    inner = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
    pairs = np.argwhere(np.triu((inner > slack).all(axis=2), 1))
    return [(said[a], said[b]) for a, b in pairs]


def clipped(figure: Figure) -> list[str]:
    """Texts that reach beyond the figure."""
    whole = figure.bbox
    return [text.get_text() for text in texts(figure)
            if box(text).x0 < whole.x0 - 0.5 or box(text).x1 > whole.x1 + 0.5
            or box(text).y0 < whole.y0 - 0.5 or box(text).y1 > whole.y1 + 0.5]


def smallest(figure: Figure) -> float:
    """Size in points of the smallest text."""
    return min(text.get_fontsize() for text in texts(figure))


def on_text(figure: Figure, gids: tuple[str, ...], of_texts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Lines of the given names that run through texts of the given names."""
    found = []
    for artist in figure.findobj(Line2D):
        if not (artist.get_gid() or "").startswith(gids):
            continue
        path = artist.get_transform().transform_path(artist.get_path()).cleaned()
        for text in texts(figure):
            if (text.get_gid() or "") in of_texts and path.intersects_bbox(box(text), filled=False):
                found.append((artist.get_gid(), text.get_text()))
    return found


def sound(figure: Figure) -> None:
    """What holds for every figure: all texts inside, none on another, none too small to print."""
    outside, covered, size = clipped(figure), overlapping(figure), smallest(figure)
    assert not outside, f"beyond the edge: {outside}"
    assert not covered, f"on top of each other: {covered}"
    assert size >= 5, f"text of {size} points"


def svg(source: bytes) -> ET.Element:
    """The root of a well-formed SVG, checked for what a page needs of it."""
    root = ET.fromstring(source)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title = root[0]
    assert title.tag == f"{SVG}title"
    assert root.get("aria-labelledby") == title.get("id")
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert b"<style" not in source
    assert b"<metadata" not in source
    assert not re.search(rb"\b20\d\d-\d\d-\d\d", source)
    return root


def centres(figure: Figure, gid: str, axes: Any, which: int = -1) -> tuple[Any, list[tuple[float, float]]]:
    """Face colour and centres, in the axes' data coordinates, of symbols that were drawn as one path."""
    found = [p for p in figure.findobj(PathPatch) if p.get_gid() == gid]
    patch = found[which]
    vertices, codes = patch.get_path().vertices, patch.get_path().codes
    pixels = patch.get_transform().transform(vertices)
    starts = [*np.flatnonzero(codes == Path.MOVETO), len(codes)]
    middles = [(p.min(axis=0) + p.max(axis=0)) / 2 for p in (pixels[a:b] for a, b in pairwise(starts))]
    return patch.get_facecolor(), [tuple(axes.transData.inverted().transform(m)) for m in middles]
