"""What a claim names: the address of its result, the groups of its direction and of its digits, its margin."""

from __future__ import annotations

import math
import re

from stats.groups import ALL, ARMS, FLAGGED
from stats.study.part import Book
from stats.study.toml import Place
from stats.study.types import Analysis, Claim, Study, tells_incidence

ADDRESS = re.compile(r"(?P<analysis>[^/@]+)/(?P<variable>[^@~=]+)(?:=(?P<level>[^@~]+))?(?:~(?P<at>[^@]+))?"
                     r"@(?P<group>.+)")
COMPARES = ("difference", "no-difference", "equivalence")
DIRECTION = re.compile(r"\s*(?P<x>\S+)\s*(?P<sign><|>|==?|(?:better|worse)\s+than)\s*(?P<y>\S+)\s*")


def group_keys(study: Study, analysis: Analysis) -> tuple[str, ...]:
    """The groups of an analysis: the arms, or the levels of the column it goes by."""
    by = analysis.options.get("by", "arm")
    column = study.subjects.columns.get(by) if isinstance(by, str) else None
    if column is None or by == "arm":
        return tuple(study.arms)
    return FLAGGED if column.type == "flag" else tuple(column.levels)


def check_claim(study: Study, book: Book, claim: Claim) -> None:
    """Note in the book what a claim names that isn't there."""
    place: Place = ("claims", claim.name)
    groups: tuple[str, ...] = tuple(study.arms)
    if claim.result:
        parts = ADDRESS.fullmatch(claim.result)
        if parts is None:
            book.add("E_CONFIG_VALUE", (*place, "result"), f"{claim.result!r} is no address",
                     "Write analysis/variable@group, with =level and ~time where they apply")
        elif parts["analysis"] not in study.analyses:
            book.unknown((*place, "result"), "analysis or endpoint", parts["analysis"], study.analyses,
                     "E_UNKNOWN_ENDPOINT")
        else:
            groups = group_keys(study, study.analyses[parts["analysis"]])
            for group in parts["group"].split(":"):
                if group not in (*groups, ALL, ARMS):
                    book.unknown((*place, "result"), "group", group, (*groups, ALL, ARMS))
            if parts["at"] and not _is_time(parts["at"]):
                book.add("E_CONFIG_VALUE", (*place, "result"),
                         f"after ~ there should be a number, found {parts['at']!r}")
            if parts["group"] in groups and len(groups) > 1 and claim.type in COMPARES:
                book.add("E_CONFIG_VALUE", (*place, "result"), f"a claim of type {claim.type} is about groups, and this is "
                         f"the result of {parts['group']} alone", f"Name the contrast, such as @{groups[-1]}:{groups[0]}")
            if claim.margin is not None and claim.margin >= 1 and parts["variable"].rpartition(".")[2] == "difference":
                book.add("E_CONFIG_VALUE", (*place, "margin"), f"a difference of shares is never larger than 1, so a margin of "
                         f"{claim.margin:g} would hold always", f"Write percentage points as a fraction: {claim.margin / 100:g}")
    elif claim.type and claim.type != "judgement":
        book.add("E_KEY_MISSING", (*place, "result"), f"a claim of type {claim.type} needs the address of its result")
    if claim.expect:
        said = DIRECTION.fullmatch(claim.expect)
        if said is None or said["x"] not in groups or said["y"] not in groups:
            book.add("E_CONFIG_VALUE", (*place, "expect"), f"expect should be a direction between {', '.join(groups)}, "
                     f"found {claim.expect!r}", f'Write expect = "{" > ".join(groups[:2])}", or '
                     f'"{" better than ".join(groups[:2])}", say')
        elif (said["sign"].endswith("than") and claim.result and better(study, claim.result) == 0
              and _endpoint_of(study, claim.result) in ("", *study.endpoints)):  # one that isn't declared is told already
            book.add("E_CONFIG_VALUE", (*place, "expect"), f"{claim.result} is about no endpoint, so nothing says which "
                     "side of it is better", f'Write the direction of the number: expect = "{said["x"]} > {said["y"]}", say')
    for key, digits in claim.printed.items():
        if not set(key.split(":")) <= {*groups, ALL, ARMS}:
            book.unknown((*place, "printed", key), "group", key, (*groups, "all"))
        elif not any(char.isdigit() for char in digits):
            book.add("E_CONFIG_VALUE", (*place, "printed", key), f"there is no number in {digits!r} to be compared",
                     'Write the digits as the text has them, such as "80%"')
    if claim.margin is not None and claim.type not in ("equivalence", "no-difference", ""):
        book.add("E_CONFIG_VALUE", (*place, "margin"), f"a claim of type {claim.type} has no margin")
    elif claim.margin is not None and not claim.margin_source:
        book.add("E_KEY_MISSING", (*place, "margin_source"), "a margin needs the place where it was laid down",
                 'Add margin_source = "protocol 9.2", say')


def _endpoint_of(study: Study, address: str) -> str:
    """The endpoint that the analysis of an address names, declared or not."""
    analysis = study.analyses.get(address.partition("/")[0])
    return str(analysis.options.get("endpoint", "")) if analysis is not None else ""


def better(study: Study, address: str) -> int:
    """+1 where a higher number at this address is better for whoever has it, -1 where a lower is, 0 where nothing says.

    A hazard counts events: it is lower where survival is higher. `better` speaks of incidence or of survival.
    """
    parts = ADDRESS.fullmatch(address)
    analysis = study.analyses.get(parts["analysis"]) if parts else None
    if parts is None or analysis is None:
        return 0
    base = parts["variable"].partition(".")[0].partition("=")[0]
    if analysis.kind == "proportion":
        endpoint = study.endpoints.get(base)
        return 0 if endpoint is None else 1 if endpoint.better == "higher" else -1
    endpoint = study.endpoints.get(str(analysis.options.get("endpoint", base)))
    if endpoint is None or not endpoint.timed or analysis.kind not in ("survival", "incidence", "sensitivity"):
        return 0
    counts_events = analysis.kind == "incidence" or "hazard" in parts["variable"]
    good = 1 if endpoint.better == "higher" else -1
    return good if counts_events == tells_incidence(endpoint, study.analyses) else -good


def _is_time(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
