"""One HTML document out of results: sections in order, sentences and exhibits in their places, every number addressed.

Templates place words and nothing else; the lint stops a template that types a digit, adds or compares, and the finished
text is read once more for words that claim too much.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup

from report import lint
from report.compose import Composer, Rendered
from stats.findings import Problem, Refused
from stats.study.types import Study

BANNER = "SYNTHETIC DATA – no patients"
INTERNAL = "INTERNAL – not for publication"
QUOTED = re.compile(r"<(q|cite|script|style|svg)\b.*?</\1>|<span class=\"label\">.*?</span>", re.S)
SVG_TEXT = re.compile(r"<(text|title|desc)\b.*?</\1>", re.S)


def page_of(
    composer: Composer, sections: Sequence[Rendered], head: Markup, foot: Markup = Markup(), short: str = ""
) -> str:
    """A page of these sections, in this order, under a short title. Refused when its text claims too much."""
    voice = composer.voice
    study = voice.study
    page = {
        "language": study.language,
        "title": study.title,
        "short": short or study.short,
        "date": study.data_cutoff.isoformat(),
        "author": study.short,
        "description": f"Results of {study.short}: {study.design}",
        "keywords": study.design,
        "generator": "Resultwright",
        "head": head,
        "foot": foot,
        "banner": banner(study),
        "classes": "synthetic" if study.synthetic else "",
        "contents": "Contents",
        "sections": sections,
        "design": Markup("{}, data to {}").format(
            (study.design[:1].upper() + study.design[1:]) or "Results", voice.show("study/cutoff@all", "date")
        ),
    }
    html = composer.env.get_template("report.html.j2").render(page=page)
    check_words(html)
    return html


def banner(study: Study) -> str:
    """What stands over every page and every figure; '' where there is nothing to warn of."""
    warned = [BANNER] if study.synthetic else []
    return "; ".join([*warned, INTERNAL] if study.privacy == "internal" else warned)


def check_words(html: str) -> None:
    """Refused when the finished text says more than any result supports; quotations and labels are the author's."""
    text = Markup(QUOTED.sub(" ", SVG_TEXT.sub(" ", html))).striptags()
    found = lint.claims_too_much(text)
    if found:
        raise Refused([Problem("E_WORDING", f"the text claims too much: {phrase}") for phrase in found])
