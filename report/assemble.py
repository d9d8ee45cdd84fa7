"""One HTML document out of results: sections in order, sentences and exhibits in their places, every number addressed.

Templates place words and nothing else; the lint stops a template that types a digit, adds or compares, and the finished
text is read once more for words that claim too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from report import lint
from report.compose import Composer
from report.rendered import Rendered
from report.words import spelled
from stats.study.types import Study

BANNER = "SYNTHETIC DATA – no patients"
INTERNAL = "INTERNAL – not for publication"


def page_of(
    composer: Composer, sections: Sequence[Rendered], head: Markup, foot: Markup = Markup(), short: str = ""
) -> str:
    """A page of these sections, in this order, under a short title. Refused when its text claims too much.

    With a foot, which only shows sources, it is a page for a screen, and was read without one.
    """
    html = composer.env.get_template("report.html.j2").render(page=_page(composer, sections, head, foot, short))
    if not foot:
        lint.check_words(html)
    return html


def part_of(composer: Composer, sections: Sequence[Rendered], head: Markup, opens: bool) -> str:
    """Some of the sections for paper, beginning a page; with `opens` under the title of the whole.

    A part holds nothing that changes while its own sections stay: what is said of the whole stands in the frame.
    """
    from report import printed

    page = _page(composer, [one.bound for one in sections], head) | {"opens": opens}
    html = printed.lightened(composer.env.get_template("part.html.j2").render(page=page))
    return printed.linked(html, {one.anchor for one in composer.shown.values()})


def frame_of(composer: Composer, head: Markup) -> str:
    """What stands around the text on each page, however many there are, and what the file says of itself."""
    from report.pdf_join import PITCH, SIGNS

    page = _page(composer, (), head) | {"fingerprint": composer.facts.fingerprint, "signs": SIGNS, "pitch": PITCH}
    return composer.env.get_template("frame.html.j2").render(page=page)


def _page(
    composer: Composer, sections: Sequence[Rendered], head: Markup, foot: Markup = Markup(), short: str = ""
) -> dict[str, Any]:
    """What the templates of pages are given."""
    study = composer.voice.study
    design = spelled(study.design)
    return {
        "language": study.language,
        "title": study.title,
        "short": short or study.short,
        "date": study.data_cutoff.isoformat(),
        "author": study.short,
        "description": f"Results of {study.short}: {design}",
        "keywords": design,
        "generator": "Resultwright",
        "head": head,
        "foot": foot,
        "banner": banner(study),
        "classes": "synthetic" if study.synthetic else "",
        "contents": "Contents",
        "sections": sections,
        "design": Markup("{}, data to {}").format(
            (design[:1].upper() + design[1:]) or "Results", composer.voice.show("study/cutoff@all", "date")
        ),
    }


def banner(study: Study) -> str:
    """What stands over every page and every figure; '' where there is nothing to warn of."""
    warned = [BANNER] if study.synthetic else []
    return "; ".join([*warned, INTERNAL] if study.privacy == "internal" else warned)
