"""What a report's folder holds beside the pages: results, findings, claims, tables and figures as files of their own."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping

from report.claims import Audited
from report.exhibits import Shown
from stats.findings import Problem
from stats.results import Results, safe


def written(
    results: Results, problems: tuple[Problem, ...], audited: tuple[Audited, ...], shown: Mapping[str, Shown]
) -> dict[str, str | bytes]:
    """Name to content: results, findings, claims, and each exhibit's own files."""
    files: dict[str, str | bytes] = {
        "results.csv": results.csv(),
        "results.json": results.json(),
        "findings.json": _findings(problems),
    }
    if audited:
        files["claims.md"] = claims_markdown(audited)
    for exhibit in shown.values():
        if exhibit.table is not None:
            files[f"tables/{exhibit.file}.csv"] = _csv(exhibit.table.records())
        for kind, data in exhibit.files.items():
            files[f"figures/{exhibit.file}.{kind}"] = data
    return files


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([[safe(cell) for cell in row] for row in rows])
    return out.getvalue()


def _findings(problems: tuple[Problem, ...]) -> str:
    """Every finding as JSON; a cell's value stays out."""
    kept = ("code", "file", "sheet", "row", "column", "reason", "remedy")
    return (
        json.dumps(
            [{name: getattr(problem, name) for name in kept} for problem in problems], ensure_ascii=False, indent=1
        )
        + "\n"
    )


def claims_markdown(audited: tuple[Audited, ...]) -> str:
    """The claims as a Markdown table, for a job summary."""

    def cell(text: str) -> str:
        return text.replace("|", "\\|").replace("\n", " ")

    lines = ["| Statement of the abstract | Verdict | Wording the data support |", "|---|---|---|"]
    lines += [f"| {cell(one.claim.quote)} | {one.verdict} | {cell(one.wording.striptags())} |" for one in audited]
    return "\n".join(lines) + "\n"
