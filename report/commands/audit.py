"""Hold an author's abstract against the results: claims, undeclared statements, numbers."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report import plain
from report.commands import _options as options
from stats.findings import Problem, refuse_if_fatal, shown

if TYPE_CHECKING:
    from report.bindings import Bound
    from report.claims import Audited

SAID = {
    "V_STALE_QUOTE": "quote not in the text",
    "V_UNDECLARED": "not declared",
    "V_CAUSAL_WORDING": "says cause",
    "V_INCONSISTENT": "numbers contradict",
}


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_report.py audit",
        description=__doc__,
        epilog="Exit 0: every declared claim is supported and every statement is declared; 4: something is not; "
        "2: text, study or data refused. A number without a result is listed and doesn't change the exit code.",
    )
    parser.add_argument("text", help="the abstract: .txt, .md or .docx")
    options.study(parser)
    parser.add_argument("--json", action="store_true", help="print everything as JSON instead")
    options.add(parser, "show-values", "allow-outside", "debug")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 all supported, 2 refused, 4 something in the text is not supported."""
    asked = arguments().parse_args(argv)
    from report import manuscript

    text = manuscript.read(Path(asked.text))
    from stats.study.read import read

    study = read(Path(asked.study), allow_outside=asked.allow_outside)
    from report.counting import Counting

    with Counting(study, allow_outside=asked.allow_outside) as counting:
        from report import abstract, bindings, claims
        from report.names import names
        from report.style import load
        from report.voice import Voice

        counted = counting.counted()
    refuse_if_fatal(claims.unknown(study, counted.results))
    voice = Voice(study, counted.results, load(study.style, names(study), counted.results))
    audited = claims.audit(voice)
    findings = abstract.examine(study, text)
    numbers = bindings.numbers(voice, text, audited)
    failed = sum(not one.kept for one in audited) + len(findings)
    if asked.json:
        print(json.dumps(as_json(text.file, audited, findings, numbers, failed), ensure_ascii=False, indent=1))
    else:
        for line in shown(counted.problems, asked.show_values):
            print(line, file=sys.stderr)
        print("\n".join(as_text(text.file, len(text.sentences), audited, findings, numbers, failed)))
    return 4 if failed else 0


def as_json(
    file: str, audited: Sequence[Audited], findings: Sequence[Problem], numbers: Sequence[Bound], failed: int
) -> dict[str, Any]:
    """Everything the audit found, for a program to read."""
    return {
        "text": file,
        "failed": failed,
        "claims": [
            {
                "name": one.claim.name,
                "quote": one.claim.quote,
                "type": one.claim.type,
                "result": one.claim.result,
                "verdict": one.verdict,
                "supported": one.kept,
                "meaning": one.meaning,
                "not_in_the_data": list(one.mismatch),
                "wording": one.wording.striptags(),
            }
            for one in audited
        ],
        "findings": [
            {
                "code": found.code,
                "claim": found.column.removeprefix("claims."),
                "reason": found.reason,
                "remedy": found.remedy,
            }
            for found in findings
        ],
        "numbers": [asdict(number) for number in numbers],
    }


def as_text(
    file: str,
    sentences: int,
    audited: Sequence[Audited],
    findings: Sequence[Problem],
    numbers: Sequence[Bound],
    failed: int,
) -> list[str]:
    """Three tables: the claims with their verdicts, what the text says beside them, and its numbers."""
    lines = [f"{file}: {sentences} sentences, {len(audited)} declared claims, {len(numbers)} numbers", ""]
    claims = [(one.claim.name, one.verdict, _wording(one)) for one in audited]
    lines += plain.table(("Claim", "Verdict", "Wording the data support"), claims) or ["The study declares no claims."]
    lines += ["", *_legend(audited)]
    said = [(SAID[found.code], found.reason, found.remedy) for found in findings]
    lines += [
        "",
        *(
            plain.table(("In the text", "What", "What to do"), said)
            or [
                "Nothing undeclared, no quotation astray, no causal wording, no contradiction found. Background "
                "and methods are not searched for statements, and a search by words can miss one."
            ]
        ),
    ]
    rows = [(number.text, number.how, number.address or number.why, _short(number.sentence)) for number in numbers]
    lines += [
        "",
        *(plain.table(("Number", "Bound", "Result, or why not", "Sentence"), rows) or ["The text holds no numbers."]),
    ]
    loose = sum(number.how == "unbound" for number in numbers)
    kept = sum(one.kept for one in audited)
    lines += [
        "",
        f"{kept} of {len(audited)} claims supported, {len(findings)} further findings, {loose} of {len(numbers)} "
        f"numbers without a result. {'Something has to change before this is sent.' if failed else 'All holds.'}",
    ]
    return lines


def _wording(one: Audited) -> str:
    wrong = f" Printed, but not in the data: {'; '.join(one.mismatch)}." if one.mismatch else ""
    silent = "No number decides this." if one.claim.type == "judgement" else "Not shown to the public."
    return (one.wording.striptags() or silent) + wrong


def _legend(audited: Sequence[Audited]) -> list[str]:
    return [f"{verdict}: {meaning}" for verdict, meaning in {one.verdict: one.meaning for one in audited}.items()]


def _short(sentence: str, room: int = 60) -> str:
    return sentence if len(sentence) <= room else sentence[: room - 1].rsplit(" ", 1)[0] + " …"
