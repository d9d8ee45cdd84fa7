"""replicate.R: a script that counts everything once more in R, from the study's own files, and compares.

The script knows the study file (written into it as R lists) and no number of ours: it reads the data, forms times, columns
and populations by R code of its own, estimates and tests with R's stats, survival and cmprsk, and opens results.csv only to
compare. What R has no counterpart for is counted as not covered, with the reason.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from shutil import which
from typing import Any

from report import r_code
from report.r_code import literal
from stats.findings import Problem, counted
from stats.study import paths
from stats.study.roles import frame_columns
from stats.study.types import Analyte, Column, Endpoint, Frame, From, Study, Term

PARTS = (
    "read",
    "conditions",
    "derive",
    "methods",
    "survival",
    "means",
    "rows",
    "grades",
    "groups",
    "times",
    "regression",
    "courses",
    "compare",
)
FOLDER = Path(__file__).resolve().parent.parent / "templates" / "replicate"
NO_R = (
    "R is not installed, so nothing was replicated: install R with its packages survival and cmprsk, then build again"
)
PATIENCE = 600  # seconds
HEAD = """\
# Counts the results of {short} once more, with R's own functions and from the study's own files.
# Usage: Rscript replicate.R STUDY-FOLDER [results.csv]
# Needs R with the packages survival and cmprsk. Ends with 0 when every row it could compare is equal, otherwise with 1.

suppressPackageStartupMessages({{ library(survival); library(cmprsk) }})
invisible(compiler::enableJIT(0))  # everything runs once: compiling takes longer than it saves

study <- {study}

"""

# what the R code understands of each part of a study; anything else that is set makes the part "not covered"
_WORDS: Mapping[type, str] = {
    Frame: "name file columns delimiter decimal encoding date_format missing where options",
    Column: "name type label unit digits levels range required summary source values read_from between derived day_one",
    From: "frame analyte column day where pick to",
    Endpoint: "name label start event competing censor unit time status status_values column responses where better "
    "definition short",
    Term: "name label grading window laboratory short",
    Analyte: "name label unit scale lloq uloq window short sampling",
}
UNDERSTOOD = {part: frozenset(words.split()) for part, words in _WORDS.items()}
FRAME_OPTIONS = frozenset({"header_row"})


def script(study: Study) -> str:
    """The whole script as text: what the study file says, then the R code that reads, counts and compares."""
    parts = [(FOLDER / f"{name}.R").read_text("utf-8") for name in PARTS]
    # in a comment, which a line break would end
    short = "".join(c if " " <= c <= "~" else "?" for c in study.short)
    return HEAD.format(short=short, study=literal(_study(study))) + "\n".join(parts)


def certify(study: Study, written: str, results: str) -> str:
    """What the script prints about these results on this machine, or why it could not be run."""
    rscript = which("Rscript")
    if rscript is None:
        return NO_R + "\n"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "replicate.R").write_text(written, "utf-8")
        (folder / "results.csv").write_text(results, "utf-8")
        try:
            ran = subprocess.run(
                [rscript, "--vanilla", str(folder / "replicate.R"), str(study.folder.resolve())],
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                env={**os.environ, **{f"PACKAGE_{name.upper()}": str(paths.package(name)) for name in paths.PACKAGES}},
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"R did not come to an end within {PATIENCE // 60} minutes\n"
    if not ran.stdout.startswith("Certificate"):
        said = [line for line in ran.stderr.splitlines() if line.strip()]
        return f"R could not run the script: {' '.join(said[-3:])}\n"
    return ran.stdout


def problems(certificate: str) -> list[Problem]:
    """A finding where R gives other numbers, or was asked and could not answer."""
    if not certificate:
        return []
    apart = differing(certificate)
    remedy = "See certificate.txt; please report it with the study file"
    if apart is None:
        return [Problem("N_NO_REPLICATION", certificate.strip().rstrip("."))]
    return (
        [Problem("W_REPLICATION", f"R gives another number in {counted(apart, 'row')}", "results.csv", remedy=remedy)]
        if apart
        else []
    )


def holds(certificate: str) -> bool:
    """Whether R gave the same numbers, as far as it was asked; a machine without R has nothing against them."""
    return certificate.strip() in ("", NO_R) or differing(certificate) == 0


def differing(certificate: str) -> int | None:
    """How many rows the certificate says are different; None where nothing was compared."""
    for line in certificate.splitlines():
        if line.startswith("Different: "):
            return int(line.removeprefix("Different: "))
    return None


def _study(study: Study) -> dict[str, Any]:
    return {
        "short": study.short,
        "data_cutoff": study.data_cutoff.isoformat(),
        "day_zero": study.day_zero,
        "reference": study.reference,
        "confidence": study.confidence,
        "alpha": study.alpha,
        "ctcae": study.ctcae,
        "value_unit": _value_unit(study),
        "arms": dict(study.arms),
        "methods": dict(study.methods),
        "populations": {name: population.where for name, population in study.populations.items()},
        "frames": {name: _frame(frame) for name, frame in study.frames.items()},
        "endpoints": {name: _endpoint(endpoint) for name, endpoint in study.endpoints.items()},
        "terms": {
            name: {
                "name": name,
                "grading": term.grading,
                "laboratory": term.laboratory,
                "window": term.window or (),
                "beyond": _beyond(term),
            }
            for name, term in study.terms.items()
        },
        "analytes": {
            name: {
                "name": name,
                "unit": analyte.unit,
                "lloq": analyte.lloq,
                "uloq": analyte.uloq,
                "window": analyte.window or (),
                "sampling": analyte.sampling or (),
                "beyond": _beyond(analyte),
            }
            for name, analyte in study.analytes.items()
        },
        "analyses": {
            name: {"kind": analysis.kind, "population": analysis.population, "options": dict(analysis.options)}
            for name, analysis in study.analyses.items()
        },
    }


def _value_unit(study: Study) -> str:
    """The unit of the series' values, where the file has one unit for all."""
    column = study.frames["series"].columns.get("value") if "series" in study.frames else None
    return column.unit if column is not None else ""


def _frame(frame: Frame) -> dict[str, Any]:
    through = "rows that DuckDB reads" if frame.file.startswith(paths.DUCKDB) else ""
    beyond = through or _beyond(frame) or ", ".join(sorted(set(frame.options) - FRAME_OPTIONS))
    return {
        "name": frame.name,
        "file": frame.file,
        "header_row": int(frame.options.get("header_row") or 1),
        "delimiter": frame.delimiter,
        "decimal": frame.decimal,
        "encoding": r_code.encoding(frame.encoding),
        "date_format": frame.date_format,
        "missing": frame.missing,
        "where": getattr(frame, "where", ""),
        "beyond": beyond,
        "columns": {name: _column(column, name in frame.columns) for name, column in frame_columns(frame).items()},
    }


def _column(column: Column, declared: bool) -> dict[str, Any]:
    read = column.read_from
    return {
        "name": column.name,
        "type": column.type,
        "unit": column.unit,
        "summary": column.summary,
        "source": column.source or column.name,
        "declared": declared,
        "in_file": column.in_file,
        "day_one": getattr(column, "day_one", False),
        "levels": tuple(column.levels),
        "values": dict(column.values),
        "between": column.between,
        "from": read
        and {
            "frame": read.frame,
            "analyte": read.analyte,
            "column": read.column,
            "day": read.day or (),
            "where": read.where,
            "pick": read.pick,
            "to": read.to,
            "beyond": _beyond(read),
        },
        "beyond": _beyond(column),
    }


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "name": endpoint.name,
        "label": endpoint.label,
        "timed": endpoint.timed,
        "unit": endpoint.unit,
        "start": endpoint.start,
        "event": endpoint.event,
        "competing": endpoint.competing,
        "censor": endpoint.censor,
        "time": endpoint.time,
        "status": endpoint.status,
        "status_values": {state: tuple(map(_code, codes)) for state, codes in endpoint.status_values.items()},
        "column": endpoint.column,
        "responses": endpoint.responses,
        "where": endpoint.where,
        "beyond": _beyond(endpoint),
    }


def _code(code: object) -> str:
    """A state's code as cells spell it: 2, 2.0 and '2' are one code."""
    if isinstance(code, bool):
        return str(int(code))
    return f"{code:.15g}" if isinstance(code, int | float) else str(code)


def _beyond(part: Any) -> str:
    """Names of what is set in a part of the study and not understood by the R code; '' when all of it is."""
    known = UNDERSTOOD[type(part)]
    empty: tuple[Any, ...] = (None, False, "", (), {})
    return ", ".join(f.name for f in fields(part) if f.name not in known and getattr(part, f.name) not in empty)
