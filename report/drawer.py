"""Figures drawn when they are looked at, and their pictures for Word by a process beside the build, which loads what draws
while results are counted, and draws while others are still counted and the text is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from report import drawings, exhibits, kinds, withheld
from report.drawings import Drawn
from report.names import names
from report.side import Side
from report.style import Style, load
from stats import cache as kept
from stats.results import Results
from stats.study.types import Study


def draw(exhibit: Any, results: Results, style: Style, banner: str, formats: tuple[str, ...]) -> Drawn:
    """A figure of these results, which are its own (Results.of); its files are written when they are looked up."""
    from report import canvas

    study = style.names.study
    kind, options = kinds.module(exhibit.kind), kinds.options(exhibit) | withheld.options(study, exhibit)
    alt = withheld.plain(kind.alt(results, style, **options))
    width, height = kind.size(results, style, **options)
    files = canvas.render(
        lambda figure: kind.draw(results, style, figure, **options),
        style,
        width=width,
        height_mm=height,
        formats=formats,
        banner=banner or None,
        salt=exhibit.name,
        title=alt,
    )
    legend = withheld.legend(study, exhibit, kind.legend(results, style, **options))
    return Drawn(files, legend, alt, width)


class Drawer:
    """Pictures of figures by a process beside the build, which starts with `start`, or with the first picture."""

    def __init__(self, study: Study, style: str, banner: str):
        self.study, self.style, self.banner = study, style, banner
        self.side: Side | None = None
        self.asked: list[str] = []
        self.made: dict[str, bytes] = {}

    def start(self) -> None:
        if self.side is None:
            self.side = Side(_Hand(self.study, self.style, self.banner), _ready)

    def draws(self, exhibit: str, own: Results) -> Callable[[], bytes]:
        """Have a picture made of the figure's own results (Results.of), and go on; what is returned waits for it."""
        self.start()
        assert self.side is not None
        self.side.ask(exhibit, json.dumps(kept.written(own.rows)))  # as one value: quicker to send
        self.asked.append(exhibit)
        return partial(self._picture, exhibit)

    def _picture(self, exhibit: str) -> bytes:
        """Answers come in the order of the questions."""
        assert self.side is not None
        while exhibit not in self.made:
            self.made[self.asked[len(self.made)]] = self.side.answer()
        return self.made[exhibit]

    def __enter__(self) -> Drawer:
        return self

    def __exit__(self, *_: object) -> None:
        if self.side:
            self.side.close()


class _Hand:
    """What the process beside the build does, question by question."""

    def __init__(self, study: Study, style: str, banner: str):
        self.study, self.style, self.banner = study, style, banner
        self.plan = exhibits.plan(study)

    def __call__(self, name: str, rows: str) -> bytes:
        exhibit, own = self.plan.exhibits[name], Results(kept.rows(json.loads(rows)), kept=True)
        style = drawings.reduced(load(self.style, names(self.study), own), exhibit)
        return draw(exhibit, own, style, self.banner, ("png",)).files["png"]


class Pictured(Mapping[str, bytes]):
    """A figure's files, the picture among them made elsewhere: it is waited for when it is looked up."""

    def __init__(self, files: Mapping[str, bytes], picture: Callable[[], bytes]):
        self.files, self.picture = files, picture

    def __getitem__(self, name: str) -> bytes:
        return self.picture() if name == "png" else self.files[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def _ready() -> None:
    """Load what draws pictures."""
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401
