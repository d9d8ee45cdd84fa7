"""A text without its tags."""

from __future__ import annotations

import html
import re

TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.S)


def stripped(markup: str) -> str:
    """What a reader sees: no tag or comment, single spaces, characters for their names. Markup.striptags does the same and
    copies the whole text at every tag."""
    return html.unescape(" ".join(TAG.sub("", markup).split()))
