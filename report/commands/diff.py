"""Show what changed between two reports, results files or data cuts: numbers, sentences, verdicts."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from report import cuts, plain
from report.commands import _options as options
from report.difference import Difference, Key, Number, Side, compare, read, side
from stats.findings import shown

SHOWN = 8  # numbers of one variable that are listed one by one; curves have hundreds


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_report.py diff",
        description=__doc__,
        epilog="Exit 0: the same; 1: different; 2: one of them can't be read. A data cut (or any study folder) is built first.",
    )
    parser.add_argument("old", help="a report's folder, a results.csv, or a study folder such as a frozen cut")
    parser.add_argument("new", help="the same, to compare with")
    parser.add_argument("--all", action="store_true", help=f"list every number, not {SHOWN} of each variable")
    parser.add_argument("--json", action="store_true", help="print everything as JSON instead")
    options.add(parser, "allow-outside", "show-values", "debug")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 the same, 1 different, 2 refused."""
    asked = arguments().parse_args(argv)
    old, new = (_side(Path(name), asked.allow_outside) for name in (asked.old, asked.new))
    for line in shown(cuts.changed(Path(asked.old)) + cuts.changed(Path(asked.new))):
        print(line, file=sys.stderr)
    found = compare(old, new)
    if asked.json:
        print(json.dumps(as_json(found), ensure_ascii=False, indent=1))
    else:
        print("\n".join(as_text(old, new, found, everything=asked.all)))
    return 0 if found.equal else 1


def _side(path: Path, allow_outside: bool) -> Side:
    """A report as it lies there; a study folder without one is built in memory."""
    if path.is_dir() and not (path / "results.csv").is_file() and (path / "study.toml").is_file():
        from report.build import build
        from report.counting import Counting
        from stats.study.read import read as read_study

        study = read_study(path, allow_outside=allow_outside)
        with Counting(study, allow_outside=allow_outside) as counting:
            made = build(study, style=study.style, formats=("html",), code="", counting=counting)
        return replace(side(str(path), made.files), inputs=made.inputs)
    return read(path)


def as_text(old: Side, new: Side, found: Difference, everything: bool = False) -> list[str]:
    """Lines for a terminal: first what it adds up to, then claims, sentences, numbers."""
    lines = [
        f"{old.name} → {new.name}",
        f"Numbers: {len(found.changed)} changed, {len(found.appeared)} appeared, {len(found.disappeared)} disappeared, "
        f"{len(old.numbers)} before.",
    ]
    if found.inputs:
        lines.append(f"Input files that differ: {', '.join(found.inputs)}.")
    lines += _claims(found) + _sentences(found)
    rows = [(key, a.shown, b.shown) for key, a, b in found.changed]
    rows += [(key, value.shown, "–") for key, value in found.disappeared]
    rows += [(key, "–", value.shown) for key, value in found.appeared]
    rows += [(key, a or "no method", b or "no method") for key, a, b in found.methods]
    table = plain.table(("Address", "Statistic", "Before", "After"), list(_listed(rows, everything)))
    lines += ["", *table] if table else []
    return [*lines, "", "The same results." if found.equal else "Different results."]


def _claims(found: Difference) -> list[str]:
    if found.verdicts is None:
        return ["Claims: not compared, because one side has numbers only."]
    table = plain.table(
        ("Claim", "Before", "After"), [(q, a or "not declared", b or "not declared") for q, a, b in found.verdicts]
    )
    return [f"Verdicts of claims: {len(found.verdicts)} changed.", *(["", *table, ""] if table else [])]


def _sentences(found: Difference) -> list[str]:
    if found.sentences is None:
        return ["Sentences: not compared, because one side has numbers only."]
    lines, last = [f"Sentences: {len(found.sentences)} changed."], ""
    for section, before, after in found.sentences:
        if section != last:
            lines += ["", f"[{section}]"]
            last = section
        lines += [f"− {before}"] if before else []
        lines += [f"+ {after}"] if after else []
    return lines


def _listed(rows: Iterable[tuple[Key, str, str]], everything: bool) -> Iterator[tuple[str, str, str, str]]:
    """Rows by variable; those with many come last, the first few of them and how many more there are."""
    groups: dict[str, list[tuple[Key, str, str]]] = {}
    for row in rows:
        address = row[0][0]
        groups.setdefault(address.partition("@")[0].partition("~")[0].partition("=")[0], []).append(row)
    for name, members in sorted(groups.items(), key=lambda group: not everything and len(group[1]) > SHOWN + 1):
        kept = members if everything or len(members) <= SHOWN + 1 else members[:SHOWN]
        yield from ((address, stat, before, after) for (address, stat), before, after in kept)
        if len(kept) < len(members):
            yield f"{name} … and {len(members) - len(kept)} more (--all)", "", "", ""


def as_json(found: Difference) -> dict[str, Any]:
    """The whole difference for a program to read; numbers that are none are words, as in results.json."""

    def value(one: Number) -> Any:
        from math import isfinite

        return one.value if isfinite(one.value) else str(one.value)

    return {
        "equal": found.equal,
        "changed": [
            {"address": k[0], "stat": k[1], "before": value(a), "after": value(b)} for k, a, b in found.changed
        ],
        "appeared": [{"address": k[0], "stat": k[1], "after": value(a)} for k, a in found.appeared],
        "disappeared": [{"address": k[0], "stat": k[1], "before": value(a)} for k, a in found.disappeared],
        "methods": [{"address": k[0], "stat": k[1], "before": a, "after": b} for k, a, b in found.methods],
        "sentences": None
        if found.sentences is None
        else [{"section": s, "before": a, "after": b} for s, a, b in found.sentences],
        "claims": None
        if found.verdicts is None
        else [{"quote": q, "before": a, "after": b} for q, a, b in found.verdicts],
        "inputs": list(found.inputs),
    }
