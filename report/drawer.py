"""Figures drawn by a process beside the build: while results are counted it loads what draws, and while the text is written it
draws; pictures for Word come last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache as once
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
    """A figure of these results, which are its own (see drawings.own); its files are written when they are looked up."""
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
    """`draws` a figure when it is needed. The process starts with `start`, or with the first figure."""

    def __init__(self, study: Study, style: str, banner: str):
        self.study, self.style, self.banner = study, style, banner
        self.side: Side | None = None
        self.asked: list[str] = []
        self.svgs: dict[str, tuple[Any, ...]] = {}
        self.results: Results | None = None
        self.pictures = once(self._pictures)

    def start(self) -> None:
        if self.side is None:
            self.side = Side(_Hand(self.study, self.style, self.banner), _ready)

    def draws(self, exhibit: str, results: Results, formats: tuple[str, ...]) -> Callable[[], Drawn]:
        """Have a figure drawn, and go on; what is returned waits for it."""
        self.start()
        assert self.side is not None
        if self.results is None:
            self.results = results
            self.side.ask("results", json.dumps(kept.written(results.rows)))  # as one value: quicker to send
        self.side.ask("figure", exhibit)
        self.asked.append(exhibit)

        def drawn() -> Drawn:
            while exhibit not in self.svgs:
                self._hear()
            svg, legend, alt, width = self.svgs[exhibit]
            return Drawn(_Files(svg, formats, lambda name: self.pictures()[exhibit]), legend, alt, width)

        return once(drawn)

    def _hear(self) -> None:
        """The next answer: figures come in the order in which they were asked for, after a word that results arrived."""
        assert self.side is not None
        if not self.svgs:
            self.side.answer()
        self.svgs[self.asked[len(self.svgs)]] = self.side.answer()

    def _pictures(self) -> dict[str, bytes]:
        assert self.side is not None
        while len(self.svgs) < len(self.asked):
            self._hear()
        self.side.ask("pictures")
        found: dict[str, bytes] = self.side.answer()
        return found

    def __enter__(self) -> Drawer:
        return self

    def __exit__(self, *_: object) -> None:
        if self.side:
            self.side.close()


class _Hand:
    """What the process beside the build does, question by question."""

    def __init__(self, study: Study, style: str, banner: str):
        self.study, self.style, self.banner = study, style, banner
        self.results = Results(())
        self.shown: Any = None
        self.plan = exhibits.plan(study)
        self.drawn: dict[str, Drawn] = {}

    def __call__(self, what: str, *given: Any) -> Any:
        if what == "results":
            self.results = Results(kept.rows(json.loads(given[0])))
            self.shown = load(self.style, names(self.study), self.results)
            return None
        if what == "figure":
            exhibit = self.plan.exhibits[given[0]]
            style = drawings.reduced(self.shown, exhibit)
            one = draw(exhibit, drawings.own(self.results, exhibit), style, self.banner, ("svg", "png"))
            self.drawn[exhibit.name] = one
            return one.files["svg"], one.legend, one.alt, one.width
        return {name: one.files["png"] for name, one in self.drawn.items()}


class _Files(Mapping[str, bytes]):
    """A figure's files: the drawing is there, a picture is waited for when it is looked up."""

    def __init__(self, svg: bytes, formats: tuple[str, ...], picture: Callable[[str], bytes]):
        self.svg, self.formats, self.picture = svg, formats, picture

    def __getitem__(self, name: str) -> bytes:
        if name not in self.formats:
            raise KeyError(name)
        return self.svg if name == "svg" else self.picture(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.formats)

    def __len__(self) -> int:
        return len(self.formats)


def _ready() -> None:
    """Load what draws."""
    import matplotlib.backends.backend_svg
    import matplotlib.figure  # noqa: F401

    from report import canvas, curves  # noqa: F401
