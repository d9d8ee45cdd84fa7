"""Two lints. Templates place words: a typed digit, arithmetic or a comparison stops the build. And the words of the
finished text: phrases that claim more than any result can are refused outside quotations.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from jinja2 import Environment, meta, nodes

from report.stripped import stripped
from stats.findings import Problem, Refused

FORBIDDEN = (nodes.BinExpr, nodes.Compare, nodes.Neg, nodes.Pos)
LOGIC = (nodes.And, nodes.Or)  # whether a part is there, not what it is
DIGIT = re.compile(r"\d")
TAG = re.compile(r"<[^>]*>")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
BLOCKED = {
    "trend toward": re.compile(r"\btrend(?:ed|ing|s)?\s+towards?\b", re.I),
    "borderline": re.compile(r"\bborderline\b", re.I),
    "NS": re.compile(r"\b(?:NS|n\.s\.)(?![\w-])"),
    "P = 0": re.compile(r"\bp\s*=\s*0?[.·]0+(?!\d)", re.I),
    "no difference": re.compile(r"\bno\s+(?:significant\s+)?differences?\b(?!\s+is\s+claimed)", re.I),
    "similar": re.compile(r"\b(?:similar|comparable|equally\s+effective)\b", re.I),
    "safe": re.compile(r"\b(?:safe|well\s+tolerated)\b", re.I),
    "better": re.compile(r"\b(?:better|superior|inferior|improved?|led\s+to|effect\s+of|impact\s+of)\b", re.I),
    "prove": re.compile(r"\b(?:proves?|proven|demonstrates?\s+efficacy)\b", re.I),
}
QUOTED = re.compile(r"<(q|cite|script|style|svg)\b.*?</\1>|<span class=\"label\">.*?</span>", re.S)
SVG_TEXT = re.compile(r"<(text|title|desc)\b.*?</\1>", re.S)
REWORD = "Say what a result supports: finding('analysis/variable@group') does"
SIGNIFICANT = re.compile(r"\bsignificant(?:ly)?\b", re.I)
EVIDENCE = re.compile(r"\bp\s*(?:[=<>]|below|values?)|\bCI\b|\bintervals?\b", re.I)


@lru_cache(128)
def template_faults(env: Environment, source: str, name: str) -> tuple[tuple[int, str], ...]:
    """(line, what) for everything in a template that is not placing words."""
    faults = []
    tree = env.parse(source, name)
    for node in tree.find_all(nodes.Node):
        if isinstance(node, FORBIDDEN) and not isinstance(node, LOGIC):
            faults.append((node.lineno, "arithmetic or a comparison"))
        elif (
            isinstance(node, nodes.Const) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
        ):
            faults.append((node.lineno, "a typed number"))
    # what stands between tags once the expressions are taken out (their line breaks kept, for the line number)
    words = TAG.sub(_blank, JINJA.sub(_blank, source))
    faults += [(words.count("\n", 0, hit.start()) + 1, "a typed digit") for hit in DIGIT.finditer(words)]
    return tuple(sorted(set(faults)))


def template_breaches(env: Environment, source: str, name: str, known: Collection[str]) -> list[tuple[int, str]]:
    """(line, what) for everything in a template that reaches for Python itself or for things it wasn't given.

    The sandbox would stop these when they run; here they are found before, and with their line.
    """
    tree = env.parse(source, name)
    strange = meta.find_undeclared_variables(tree) - set(known)
    found = []
    for node in tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Const)):
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            found.append((node.lineno, f"the inner name {node.attr}"))
        elif isinstance(node, nodes.Const) and isinstance(node.value, str) and "__" in node.value:
            found.append((node.lineno, "an inner name in a text"))
        elif isinstance(node, nodes.Getattr | nodes.Getitem) and isinstance(node.node, nodes.Name) and (
            node.node.name in strange
        ):
            found.append((node.lineno, f"a part of {node.node.name}, which templates aren't given"))
    return sorted(set(found))


def _blank(hit: re.Match[str]) -> str:
    return "\n" * hit.group().count("\n")


def check_words(html: str, place: str = "") -> None:
    """Refused when a finished text says more than any result supports; quotations and labels are the author's. `place` is the
    template it was written in, where that is the study's own."""
    found = claims_too_much(stripped(QUOTED.sub(" ", SVG_TEXT.sub(" ", html))))
    if found:
        raise Refused([Problem("E_WORDING", f"the text claims too much: {phrase}", place, remedy=REWORD) for phrase in found])


def claims_too_much(text: str) -> list[str]:
    """Phrases in generated text that no result supports; `text` is plain, quotations taken out."""
    found = [
        f"{hit.group()!r} in: …{text[max(0, hit.start() - 40) : hit.end() + 40]}…"
        for pattern in BLOCKED.values()
        for hit in pattern.finditer(text)
    ]
    for sentence in re.split(r"(?<=[.])\s+(?=[A-Z])", text):
        if SIGNIFICANT.search(sentence) and not EVIDENCE.search(sentence):
            found.append(f"'significant' without P or interval in: {sentence[:120]}")
    return found
