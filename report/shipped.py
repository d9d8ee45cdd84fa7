"""A last look at what is about to be shipped: texts that look as if they identified somebody, told by file and kind.

Word and PDF are made from the page, metadata included, so the page and the files of numbers are all there is to read. That
nothing is found says that no pattern of these kinds is there, not that the report is anonymous.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

from stats.findings import Problem

META = re.compile(r'<meta name="(?:author|description|keywords)" content="([^"]*)"')
SILENT = re.compile(r"<(script|style)\b.*?</\1>|<cite>.*?</cite>", re.S)  # works cited have numbers of their own
TAG = re.compile(r"<[^>]*>")
REMEDY = "Look for it among labels, titles, reasons and the study's own sections; it is not shown here"


def problems(page: str, files: Mapping[str, str | bytes], patterns: Mapping[str, re.Pattern[str]]) -> Iterator[Problem]:
    """A finding for each kind of pattern (W_SHIPPED_PATTERN) in the page's text and metadata, or in a file of text."""
    said = "\n".join([*META.findall(page), TAG.sub("\n", SILENT.sub("\n", page))])
    texts = {"report.html": html.unescape(said)}
    texts |= {name: data for name, data in files.items() if isinstance(data, str) and name.endswith((".csv", ".md"))}
    for name, text in texts.items():
        for kind, pattern in patterns.items():
            if pattern.search(text):
                yield Problem(
                    "W_SHIPPED_PATTERN", f"the finished text holds what looks like {kind}", name, remedy=REMEDY
                )
