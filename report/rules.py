"""A journal's rules, read from templates/styles/NAME.toml into frozen types; an unknown key is an error.

A style may say `like = "other"`: it then states only what differs, table by table and key by key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from stats.findings import nearest

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "styles"


class StyleError(ValueError):
    """A style that doesn't exist, or a style file that says something unknown."""


@dataclass(frozen=True)
class PValue:
    """How a P value prints. Exactly one of `digits` and `significant` is used.

    `digits`: bands [from, decimals], largest first, by the exact value. `significant`: that many significant figures,
    with at least `least` and at most `most` decimals. Below `floor` it prints "< floor", above `ceiling` "> ceiling".
    `keep_side`: a P below alpha never rounds up to alpha; it gets more decimals instead.
    """

    symbol: str
    italic: bool
    leading_zero: bool
    equals: str
    less: str
    more: str
    bare_less: str
    bare_more: str
    floor: float
    ceiling: float
    keep_side: bool
    digits: tuple[tuple[float, int], ...] = ()
    significant: int = 0
    least: int = 2
    most: int = 4


@dataclass(frozen=True)
class Numbers:
    """Signs and decimals of everything that isn't a P value. `thousands` separates groups from `group_from` upward.

    `ratio` and `percent` are bands [below, decimals], smallest first, the last without bound: of a ratio by its size,
    of a percentage by its denominator. `significant`: figures of a quantity that spans powers of ten, and of a number
    whose column declares no digits. `keep_side`: a confidence limit never rounds onto the value of no difference.
    """

    decimal: str
    thousands: str
    group_from: int
    minus: str
    percent_sign: str
    infinite: str
    ratio: tuple[tuple[float, int], ...]
    percent: tuple[tuple[float, int], ...]
    time: int
    smd: int
    statistic: int
    significant: int
    keep_side: bool
    dates: str  # "day month year" | "month day, year"


@dataclass(frozen=True)
class Interval:
    """`dash` joins limits, unless one is negative or a word: then `apart` does. `after_label` follows "CI".

    `percent`: a sentence prints the sign after "each" limit, the "last" or "none".
    """

    dash: str
    apart: str
    after_label: str
    percent: str


@dataclass(frozen=True)
class Words:
    """What stands where a number can't: in a sentence, and short in a table."""

    not_estimable: str
    not_reached: str
    not_estimable_short: str
    not_reached_short: str


FIGURE = {"widths", "max_height", "size", "small", "panel_size", "font", "fonts", "colours", "dashes", "markers",
          "line", "panels", "panels_bold", "formats", "dpi", "dpi_line"}
TABLE = {"balance", "total", "notes"}
LIMITS = {"abstract_words", "abstract_headings", "title_characters", "running_title_characters", "text_words", "exhibits",
          "tables", "figures", "references", "key_points", "figure_mb", "supplement_mb"}


@dataclass(frozen=True)
class Rules:
    """One style file, complete. `patterns` are for sentences, `cells` overrule them in tables."""

    name: str
    title: str
    p: PValue
    numbers: Numbers
    interval: Interval
    words: Words
    patterns: Mapping[str, str]
    cells: Mapping[str, str]
    figure: Mapping[str, Any]
    table: Mapping[str, Any]
    limits: Mapping[str, Any]


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Every style there is: the files in the folder."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


@lru_cache(maxsize=32)
def read(name: str, folder: Path = FOLDER) -> Rules:
    """The rules of a style. Raises StyleError for an unknown style or key, a missing key, an unknown choice."""
    raw = _merged(name, folder, ())
    known = {"title", "p", "numbers", "interval", "words", "patterns", "cells", "figure", "table", "limits"}
    _refuse_unknown(name, "", raw, known)
    try:
        rules = Rules(
            name=name, title=raw["title"],
            p=_build(PValue, name, "p", raw["p"]), numbers=_build(Numbers, name, "numbers", raw["numbers"]),
            interval=_build(Interval, name, "interval", raw["interval"]),
            words=_build(Words, name, "words", raw["words"]),
            patterns=MappingProxyType(raw["patterns"]), cells=MappingProxyType(raw["cells"]),
            figure=_open(name, "figure", raw["figure"], FIGURE), table=_open(name, "table", raw["table"], TABLE),
            limits=_open(name, "limits", raw["limits"], LIMITS))
    except KeyError as missing:
        raise StyleError(f"style {name}: the table [{missing.args[0]}] is missing") from None
    _check(rules)
    return rules


def _merged(name: str, folder: Path, seen: tuple[str, ...]) -> dict[str, Any]:
    path = folder / f"{name}.toml"
    if name in seen:
        raise StyleError(f"style {name} is like itself: {' → '.join((*seen, name))}")
    if not path.is_file():
        raise StyleError(f"there is no style {name!r}{nearest(name, names(folder))}; "
                         f"a style is a file in {folder.name}: {', '.join(names(folder))}")
    try:
        own = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise StyleError(f"style {name}: {path.name} is not TOML: {error}") from None
    like = own.pop("like", None)
    if like is None:
        return own
    base = _merged(like, folder, (*seen, name))
    for table in ("digits", "significant"):
        # one rule for decimals replaces the other, it doesn't join it
        if table in own.get("p", {}):
            for other in ("digits", "significant", "least", "most"):
                base.get("p", {}).pop(other, None)
    return {key: {**base[key], **value} if isinstance(value, dict) and isinstance(base.get(key), dict) else value
            for key, value in {**base, **own}.items()}


def _build(kind: type[Any], style: str, table: str, raw: Mapping[str, Any]) -> Any:
    """A frozen rule of the given type; lists become tuples, so that it can be compared and kept."""
    _refuse_unknown(style, table, raw, {f.name for f in fields(kind)})
    for field in fields(kind):
        if field.name not in raw and field.default is MISSING:
            raise StyleError(f"style {style}: [{table}] lacks {field.name}")
    return kind(**{key: _frozen(value) for key, value in raw.items()})


def _open(style: str, table: str, raw: Mapping[str, Any], known: set[str]) -> Mapping[str, Any]:
    _refuse_unknown(style, table, raw, known)
    return MappingProxyType({key: _frozen(value) for key, value in raw.items()})


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return MappingProxyType({k: _frozen(v) for k, v in value.items()}) if isinstance(value, dict) else value


def _refuse_unknown(style: str, table: str, raw: Mapping[str, Any], known: set[str]) -> None:
    for key in raw:
        if key not in known:
            place = f"[{table}] " if table else ""
            raise StyleError(f"style {style}: {place}{key} is unknown{nearest(key, known)}")


def _check(rules: Rules) -> None:
    """What types can't say."""
    if bool(rules.p.digits) == bool(rules.p.significant):
        raise StyleError(f"style {rules.name}: [p] needs either digits or significant")
    choices = ((rules.interval.percent, ("each", "last", "none"), "[interval] percent"),
               (rules.numbers.dates, ("day month year", "month day, year"), "[numbers] dates"),
               (rules.table.get("balance"), ("smd", "p", "both"), "[table] balance"),
               (rules.table.get("notes"), ("letters", "symbols"), "[table] notes"),
               (rules.figure.get("panels"), ("A", "(A)", "a", "(a)"), "[figure] panels"))
    for value, allowed, place in choices:
        if value not in allowed:
            raise StyleError(f"style {rules.name}: {place} is {value!r}; it can be {', '.join(allowed)}")
    for name in rules.cells:
        if name not in rules.patterns:
            raise StyleError(f"style {rules.name}: [cells] {name} overrules no pattern{nearest(name, rules.patterns)}")
    if len(rules.figure["colours"]) < 6 or len(rules.figure["markers"]) < 6:
        raise StyleError(f"style {rules.name}: [figure] needs at least six colours and markers")
