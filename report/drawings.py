"""Figures kept from build to build: one is drawn again when a row it shows, a word in it or its style is another.

A figure is given the study's words about the analyses it shows and no others, so that nothing else can decide how it
looks.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache as once

from report import manifest
from report.names import Names
from report.style import Style
from stats import cache as kept
from stats.cache import Cache
from stats.results import Results
from stats.study.mentions import words
from stats.study.types import Exhibit, Frame

CODE = ("stats", "report", "templates/styles", "templates/fonts", "requirements.lock")
ALWAYS = ("subject", "arm")


@dataclass(frozen=True)
class Drawn:
    """A figure's files by format, its legend, alternative text and width; `key` is '' when it isn't to be kept."""

    files: Mapping[str, bytes]
    legend: tuple[str, ...] = ()
    alt: str = ""
    width: str = "double"
    key: str = field(default="", compare=False)


def key(exhibit: Exhibit, results: Results, style: Style, banner: str, cache: Cache) -> str:
    """The hash of everything that decides how a figure looks; '' without a cache.

    `results` and `style` are what the figure is given (see `reduced`).
    """
    if cache.folder is None:
        return ""
    study = asdict(replace(style.names.study, exhibits={}, sections=(), claims={}, title="", style="", word_template=""))
    del study["folder"]
    shown = asdict(replace(exhibit, title=""))  # which stands below the figure, in the page's text
    return kept.key("figure", _code(), shown, style.name, banner, kept.written(results.rows), study,
                    dict(style.sizes))


@once
def _code() -> str:
    return kept.key(manifest.code(CODE), manifest.versions())


def held(cache: Cache, exhibit: Exhibit, key: str, formats: tuple[str, ...]) -> Drawn | None:
    """The figure as it was drawn before, if it was, in all of the formats."""
    found = cache.get("figures", exhibit.name, key, formats) if key else None
    if found is None:
        return None
    files = {name: found[name].encode() if name == "svg" else base64.b64decode(found[name]) for name in formats}
    return Drawn(files, tuple(found["legend"]), found["alt"], found["width"])


def keep(cache: Cache, drawn: Drawn) -> None:
    """Keep a figure whose files are all written."""
    if drawn.key:
        files = {name: data.decode() if name == "svg" else base64.b64encode(data).decode()
                 for name, data in drawn.files.items()}
        cache.put(drawn.key, {**files, "legend": drawn.legend, "alt": drawn.alt, "width": drawn.width})


def reduced(style: Style, exhibit: Exhibit) -> Style:
    """The style with the study's words about what the exhibit shows: its analyses, and all that those name."""
    study = style.names.study
    analyses = {name: one for name, one in study.analyses.items() if name in exhibit.of}
    mentioned = {*words(exhibit.options), *ALWAYS, *(word for one in analyses.values() for word in words(asdict(one)))}
    endpoints = {name: one for name, one in study.endpoints.items() if name in mentioned}
    terms = {name: one for name, one in study.terms.items() if name in mentioned}
    analytes = {name: one for name, one in study.analytes.items() if name in mentioned}
    mentioned |= {word for table in (endpoints, terms, analytes) for one in table.values() for word in words(asdict(one))}
    frames = {name: _narrowed(frame, mentioned) for name, frame in study.frames.items()}
    bare = replace(study, analyses=analyses, endpoints=endpoints, terms=terms, analytes=analytes, frames=frames)
    return replace(style, names=Names(bare))


def _narrowed(frame: Frame, mentioned: set[str]) -> Frame:
    return replace(frame, columns={name: column for name, column in frame.columns.items() if name in mentioned})
