"""The marks of a sheet as artists of a matplotlib figure: what pictures, PDF and EPS are made from, and other people's kinds of
figure may draw on. Data stay in data coordinates, so that a test can compare an artist's numbers with the rows it shows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from report.faces import Face
from report.paper import LINE, SYMBOL

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

MM = 1 / 25.4  # inches


class Artists:
    """A figure, or the part of one under a banner, with the methods of report.paper.Paper."""

    def __init__(self, figure: Any):
        from matplotlib.transforms import Affine2D

        self.figure = figure
        self.width = figure.bbox.width / figure.dpi / MM
        self.height = figure.bbox.height / figure.dpi / MM
        self.mm = Affine2D().scale(MM) + figure.dpi_scale_trans

    def panel(self, box: Any) -> Any:
        """Axes without artists of their own."""
        axes = self.figure.add_axes((box.left / self.width, box.bottom / self.height,
                                     box.width / self.width, box.height / self.height))
        axes.set_axis_off()
        if box.log:
            axes.set_yscale("log")
        axes.set_xlim(*box.xlim)
        axes.set_ylim(*box.ylim)
        axes.set_autoscale_on(False)
        return axes

    def text(self, place: Any, x: float, y: float, text: str, *, face: Face, colour: str, ha: str, turn: float,
             gid: str | None = None) -> None:
        from matplotlib.text import Text

        made = Text(x, y, text, color=colour, ha=ha, va="baseline", rotation=turn, rotation_mode="anchor",
                    parse_math=False, fontproperties=properties(face), transform=self._transform(place), clip_on=False)
        self._put(made, gid, self.figure if place is None else place.panel)

    def line(self, place: Any, xs: Any, ys: Any, *, colour: str, width: float, dash: Any, gid: str | None = None) -> None:
        from matplotlib.lines import Line2D

        made = Line2D(xs, ys, color=colour, linewidth=width, linestyle=dash, transform=self._transform(place),
                      solid_capstyle="butt", dash_capstyle="butt", clip_on=False, zorder=LINE)
        self._put(made, gid, self.figure)

    def area(self, place: Any, xs: Any, ys: Any, *, face: str, edge: str = "none", width: float = 0.0, dash: Any = "solid",
             alpha: float = 1.0, gid: str | None = None) -> None:
        from matplotlib.patches import Polygon

        made = Polygon(np.column_stack([xs, ys]), closed=True, facecolor=face, edgecolor=edge, linewidth=width,
                       linestyle=dash, alpha=None if alpha == 1 else alpha, clip_on=False, transform=self._transform(place))
        self._put(made, gid, self.figure if place is None else place.panel)

    def symbols(self, places: np.ndarray, outline: np.ndarray, curved: bool, *, face: str, edge: str, width: float,
                gid: str | None = None) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        points = outline if curved else np.concatenate([outline, outline[:1]])
        codes = [Path.MOVETO, *([Path.CURVE4] * (len(points) - 1) if curved else
                                [*[Path.LINETO] * (len(points) - 2), Path.CLOSEPOLY])]
        path = Path((places[:, None, :] + points).reshape(-1, 2), np.tile(codes, len(places)))
        made = PathPatch(path, facecolor=face, edgecolor=edge, linewidth=width, clip_on=False, transform=self.mm,
                         zorder=SYMBOL)
        self._put(made, gid, self.figure)

    def _put(self, artist: Any, gid: str | None, owner: Any) -> None:
        artist.set_gid(gid)
        owner.add_artist(artist)

    def _transform(self, place: Any) -> Any:
        from matplotlib.transforms import blended_transform_factory

        if place is None:
            return self.mm
        data = place.panel.transData
        if place.x and place.y:
            return data
        return blended_transform_factory(data if place.x else self.mm, data if place.y else self.mm)


@lru_cache(maxsize=256)
def _properties(face: Face) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    # matplotlib draws and measures with the file; the names are what an SVG tells the page's own font machinery
    return FontProperties(family=list(face.families), fname=str(face.file), size=face.size, weight=face.weight,
                          style=face.slant)


def properties(face: Face) -> FontProperties:
    """A font as matplotlib takes it."""
    return _properties(face).copy()
