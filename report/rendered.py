"""A section that is written, for the page, for paper, and for those who part paper into pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from markupsafe import Markup

from report import typeset

if TYPE_CHECKING:
    from report.heights import Block


@dataclass(frozen=True)
class Rendered:
    """A section as the page template sees it."""

    id: str
    title: str
    html: Markup
    outlined: bool = False  # it speaks of the others and is written last: pages are parted before its height is known

    @cached_property
    def bound(self) -> Rendered:
        """The same for paper, on which no number is marked, and no line ends inside one."""
        from report import printed

        return replace(self, html=Markup(printed.bare(typeset.bound(str(self.html)))))  # it was Markup

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """What it holds from top to bottom, with heights on paper."""
        from report import heights

        return tuple(heights.blocks(str(self.bound.html)))
