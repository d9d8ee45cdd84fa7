"""A report without its results: the same pages with xx for every number and brackets around words a result decides.

The pages come from the real templates, tables and sentences over invented patients (stats/synthesize.py); here every trace
of those is taken away. What stays is declared: labels, levels, times of analysis, the level of confidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache as once
from functools import partial

from markupsafe import Markup

from report import kinds
from report.drawings import Drawn
from report.exhibits import Plan, Shown
from report.names import Names
from report.style import Style
from stats.results import STUDY, Results, Row
from stats.study.types import Section

BANNER = "SHELL – no data yet"
HIDDEN = ("claims", "limitations", "reproducibility", "choices")  # sections that speak of results, not of a plan
DATA = re.compile(r'(<data\b[^>]*?value="([^"]*)"[^>]*>)(.*?)(</data>)', re.S)
KEPT = ("study/cutoff", "study/confidence", "study/alpha")  # declared in the study file
NUMBER = re.compile(
    r"(?<!&#)(?<![×\d])[−-]?(?:\d[\d,\u202f]*(?:[.·]\d+)?|[.·]\d+)(?:×10(?:<sup>)?[−⁻-]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:</sup>)?)?"
)
# the level of confidence, and powers of ten in a unit
DECLARED = re.compile(r"(?<![\d.·])\d+(?:\.\d+)?(?=% (?:CI|CrI|confidence))|\b10\^[−-]?\d+")
WORDS = re.compile(r"not reached|not estimable|not evaluable|\bN[ER]\b|—", re.I)
SIGN = re.compile(r"&lt;|&gt;|[≤≥]")
ALONE = re.compile(r"^(?:&lt;|&gt;|[≤≥])\s?")  # under a heading P, where nothing but the number stands
TAG = re.compile(r"(<[^>]+>)")
OPEN = (  # what a comparison may come out as
    (re.compile(r"\bdid not differ significantly\b"), "[differed | did not differ significantly]"),
    (
        re.compile(
            r"\s*\b(?:The interval does not exclude|Where a difference was not significant)\b(?:<data.*?</data>|[^.<])*\.",
            re.S,
        ),
        "",
    ),
    (re.compile(r"\bwas not significantly associated\b"), "[was | was not significantly] associated"),
    (re.compile(r"\s*\bThe intervals? of the (?:adjusted )?hazard ratios? of\b(?:<[^>]*>|[^.<])*\bincluded one\."), ""),
    (re.compile(r"\s*\bThe verdict was the same under\b(?:<[^>]*>|[^.<])*\."), ""),
    (re.compile(r"\s*\bUnder\b(?:<[^>]*>|[^.<])*\b(?:the verdict is another|could the groups be compared)\b[^.]*\."), ""),
    (re.compile(r", and largest for (?:<data.*?</data>|[^.;])*?(?=[;.] ?)", re.S), ", and largest for [these]"),
)
BLANK = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{w}mm" height="{h}mm" viewBox="0 0 {w} {h}" role="img">'
    '<title>{title}</title><rect x="0.5" y="0.5" width="{x}" height="{y}" fill="none" stroke="#999" stroke-width="0.3" '
    'stroke-dasharray="2 1.5"/></svg>'
)
NO_P = 0.5
ABOUT = {"estimate": 0.0, "lower": -0.5, "upper": 0.5}  # around no difference
WIDTHS = {"single": 85, "onehalf": 130}


def undecided(names: Names, results: Results) -> Iterator[Row]:
    """The rows with contrasts about the value of no difference and tests that decide nothing, so that no sentence takes a side
    for the invented patients' sake; why something can't be estimated for nobody is no reason for anybody.
    """
    for row in results.rows:
        value, stats = row.value, results[row.address].stats
        if row.stat == "p_value" and not row.address.startswith(KEPT):
            value = NO_P
        elif row.stat in ABOUT and set(ABOUT) <= set(stats) and row.analysis != STUDY:
            measure = names.measure(results[row.address])
            if measure.null is not None:
                value = measure.null + (1 if measure.null == 0 else 0.5) * ABOUT[row.stat]
        yield replace(row, value=value, note="")


def plan_without_results(plan: Plan) -> Plan:
    """The plan without the sections and exhibits that only results make."""
    sections = tuple(s for s in plan.sections if not {s.id, s.template} & set(HIDDEN))
    placed = [name for section in sections for name in section.exhibits]
    sections = (*sections, Section("references", "References"))
    return Plan(sections, {name: plan.exhibits[name] for name in placed})


def shown(plan: Plan, results: Results, style: Style) -> dict[str, Shown]:
    """Exhibits in their order: tables as they are, figures as an empty frame of their size with their captions."""
    made: dict[str, Shown] = {}
    count = {True: 0, False: 0}
    for exhibit in plan.exhibits.values():
        table = kinds.is_table(exhibit.kind)
        count[table] += 1
        kind, options = kinds.module(exhibit.kind), kinds.options(exhibit)
        if table:
            made[exhibit.name] = Shown(exhibit, count[table], once(partial(kind.build, results, style.in_table, **options)))
            continue
        width, height = kind.size(results, style, **options)
        across = WIDTHS.get(width, 178)
        svg = BLANK.format(
            w=across, h=f"{height:g}", x=across - 1, y=f"{height - 1:g}", title=Markup.escape(exhibit.title)
        )
        drawn = Drawn({"svg": svg.encode()}, tuple(kind.legend(results, style, **options)), exhibit.title, width)
        made[exhibit.name] = Shown(exhibit, count[table], figure=partial(_same, drawn))
    return made


def _same(drawn: Drawn) -> Drawn:
    return drawn


def masked(html: str, banner: str) -> str:
    """The page with xx for numbers and open wording for what a test would decide; `banner` is replaced by our own."""
    for pattern, instead in OPEN:
        html = pattern.sub(instead, html)
    return DATA.sub(_mask, html).replace(banner, BANNER)


def _mask(hit: re.Match[str]) -> str:
    start, address, inner, end = hit.groups()
    if address.startswith(KEPT):
        return hit.group()
    at = re.search(r"~([\d.]+)@", address)
    if at and re.fullmatch(rf"{re.escape(at.group(1))} \w+", Markup(inner).striptags()):
        return hit.group()  # a time that the study file sets
    if address.startswith("study/enrolment"):
        return f"{start}xx{end}"
    # in tags stand class names, not numbers of results
    return start + "".join(part if i % 2 else _xx(part) for i, part in enumerate(TAG.split(inner))) + end


def _xx(text: str) -> str:
    """Numbers, words that stand for one, and signs of P values that lie beyond a limit; never the level of confidence."""
    kept = [hit.span() for hit in DECLARED.finditer(text)]

    def masked(hit: re.Match[str]) -> str:
        return hit.group() if any(start <= hit.start() and hit.end() <= end for start, end in kept) else "xx"

    text = NUMBER.sub(masked, text)
    return SIGN.sub("=", ALONE.sub("", WORDS.sub("xx", text)))
