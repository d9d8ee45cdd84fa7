"""What a section from a template of the study's own must be: made of a page's elements, and with all its exhibits."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup

from report.exhibits import Shown
from stats.findings import Problem, refuse_if_fatal
from stats.study.types import Section


def closed(html: Markup, place: str) -> Markup:
    """The section, if it consists of a page's own elements; Refused when a template brought others."""
    from report import vocabulary

    refuse_if_fatal(
        [
            Problem(
                "E_ACTIVE",
                f"the section would carry {what}",
                place,
                remedy="Use headings, paragraphs, lists and tables; links go to https://doi.org/ or into the page",
            )
            for what in vocabulary.breaches(html)
        ]
    )
    return html


def quoted(source: str) -> list[str]:
    """The texts in quotes of a template, addresses among them."""
    return re.findall(r"""["']([^"'{}]+/[^"'{}]+@[^"'{}]+)["']""", source)


def complete(html: Markup, section: Section, shown: Mapping[str, Shown], place: str) -> Markup:
    """The section, if every exhibit of it is there, once: one left out would have its number and be nowhere to be seen."""
    refuse_if_fatal(
        [
            Problem(
                "E_UNUSED",
                f"the template doesn't show exhibit {name} of section {section.id}",
                place,
                remedy=f'Add {{{{ exhibit("{name}") }}}}, or take it out of the section',
            )
            for name in section.exhibits
            if f'id="{shown[name].anchor}"' not in html
        ]
        + [
            Problem(
                "E_TEMPLATE",
                f"the template shows exhibit {name} more than once",
                place,
                remedy=f'Refer to it with {{{{ ref("{name}") }}}}',
            )
            for name in shown
            if html.count(f'id="{shown[name].anchor}"') > 1
        ]
    )
    return html
