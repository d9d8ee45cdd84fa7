"""Check a study file and its data, build nothing: everything that is wrong, at once."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report import cuts
from report.commands import _options as options
from stats import lean
from stats.findings import Problem, shown

if TYPE_CHECKING:
    from stats.results import Results
    from stats.study.types import Study

# blocks of the study file that no data file is read by: faults there don't keep the data from being checked
PRINTED = ("analyses", "exhibits", "sections", "claims", "methods")
PRINTED_KEYS = ("study.primary", "study.style", "study.title", "study.short", "study.word_template", "study.design")
NAMED = ("populations", "endpoints", "checks")
IDENTITY = ("E_ID_MISSING", "E_DUP_ID", "E_ORPHAN_ID", "E_EXPECTED_N", "E_SUMMARY_ROW")


@dataclass(frozen=True)
class Checked:
    """Every finding, in the order of the stages; `skipped` says what could not be looked at, and why."""

    problems: tuple[Problem, ...]
    skipped: tuple[str, ...] = ()
    patients: int | None = None
    results: int | None = None

    @property
    def errors(self) -> int:
        return sum(problem.fatal for problem in self.problems)

    @property
    def warnings(self) -> int:
        return sum(problem.code.startswith("W_") for problem in self.problems)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_report.py check",
        description=__doc__,
        epilog="Exit 0: it can be built; 2: it can't (or, with --strict, it has warnings).",
    )
    options.study(parser)
    parser.add_argument("--strict", action="store_true", help="treat warnings as errors (exit 2)")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON instead")
    options.add(parser, "show-values", "allow-outside", "debug")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 fit to be built, 2 not."""
    asked = arguments().parse_args(argv)
    folder = Path(asked.study)
    found = check(folder, allow_outside=asked.allow_outside)
    if asked.json:
        print(json.dumps(as_json(found, asked.show_values), ensure_ascii=False, indent=1))
    else:
        say(folder, found, asked.show_values, asked.strict)
    return 2 if found.errors or (asked.strict and found.warnings) else 0


def say(folder: Path, found: Checked, show_values: bool = False, strict: bool = False) -> None:
    """The findings on stderr, what they add up to on stdout."""
    for line in shown(found.problems, show_values):
        print(line, file=sys.stderr)
    size = f"{found.patients} patient{'' if found.patients == 1 else 's'}, " if found.patients is not None else ""
    counts = f"{_many(found.errors, 'error')}, {_many(found.warnings, 'warning')}"
    fit = "It can’t be built yet." if found.errors else "It can be built."
    if strict and found.warnings and not found.errors:
        fit = "It can’t be built under --strict."
    print(f"{folder}: {size}{counts}. {fit}")
    for words in found.skipped:
        print(f"Not checked: {words}")


def as_json(found: Checked, show_values: bool = False) -> dict[str, Any]:
    kept = ("code", "file", "sheet", "row", "column", "cell", "reason", "remedy", *(("value",) if show_values else ()))
    return {
        "errors": found.errors,
        "warnings": found.warnings,
        "patients": found.patients,
        "not_checked": list(found.skipped),
        "findings": [{name: getattr(problem, name) for name in kept} for problem in found.problems],
    }


def check(folder: Path, *, allow_outside: bool = False) -> Checked:
    """The study file, the data as far as they can be read, their plausibility, templates and the claims' addresses."""
    from stats.study.read import examine

    study, problems = examine(folder, allow_outside=allow_outside)
    problems += [*_templates(folder), *cuts.changed(folder)]
    if study is None:
        return Checked(tuple(problems), ("the data, because the study file can’t be read",))
    faults = [p for p in problems if p.fatal and not _about_printing(p)]
    frames, skipped = _readable(study, faults)
    if "subjects" not in frames:
        return Checked(tuple(problems), tuple(skipped))
    lean.pandas()
    from stats import derive, intake, run
    from stats.intake.plausibility import plausible

    if study.patients_at_once:
        return _in_portions(study, problems, faults, allow_outside)
    part = replace(study, frames=frames, **_sound(study, faults))
    tables, found = intake.load(part, allow_outside=allow_outside)
    problems += found
    patients = len(tables["subjects"]) if "subjects" in tables else None
    fatal = [p for p in found if p.fatal]
    if faults or set(tables) != set(study.frames) or any(p.row is None or p.code in IDENTITY for p in fatal):
        why = "the study file has errors" if faults else "a file or its patients can’t be read"
        return Checked(tuple(problems), (*skipped, f"what the data say together, because {why}"), patients)
    made, met, _ = derive.derive_all(study, tables)
    found = [*met, *plausible(study, made)]
    if fatal:
        problems += _of_others(study, tables, fatal, found)
        return Checked(
            tuple(problems),
            (
                "plausibility of the patients whose cells are named above",
                "the claims’ addresses, because the data have errors",
            ),
            patients,
        )
    problems += found
    if any(p.fatal for p in problems):
        return Checked(tuple(problems), ("the claims’ addresses, because there are errors",), patients)
    results = run.run(study, made)
    return Checked((*problems, *_before_printing(study, results, made)), (), patients, len(results))


def _in_portions(study: Study, problems: Sequence[Problem], faults: Sequence[Problem], allow_outside: bool) -> Checked:
    """The same for patients who are never all in memory; only a study file without faults says how to part them."""
    from stats import portions

    if faults:
        return Checked(tuple(problems), ("the data, which are read in portions, because the study file has errors",))
    found = portions.examined(study, allow_outside=allow_outside)
    problems = (*problems, *found.problems)
    if found.results is None:
        return Checked(problems, ("the claims’ addresses, because there are errors",), found.patients)
    return Checked((*problems, *_before_printing(study, found.results)), (), found.patients, len(found.results))


def _before_printing(study: Study, results: Results, frames: Mapping[str, Any] | None = None) -> list[Problem]:
    """What a build finds out when everything is counted, as far as it refuses it (under --strict, too)."""
    from report import claims
    from stats import disclosure, estimable

    found = estimable.findings(disclosure.released(study, frames or {}, results))
    warned = [problem for problem in found if problem.code.startswith("W_")]
    if study.word_template:
        from report import docx_styles

        warned += docx_styles.lacking(study)
    return [*claims.unknown(study, results), *warned]


def _about_printing(problem: Problem) -> bool:
    """Whether a fault of the study file leaves the data readable."""
    return (
        problem.file != "study.toml"
        or problem.column.split(".")[0].split("[")[0] in PRINTED
        or problem.column in PRINTED_KEYS
    )


def _readable(study: Study, faults: Sequence[Problem]) -> tuple[dict[str, Any], list[str]]:
    """Frames that can be read although the study file has faults, and what was left out."""
    named = {p.column.split(".")[1] for p in faults if p.column.startswith("frames.")}
    elsewhere = [p for p in faults if p.column.split(".")[0] not in ("frames", *NAMED)]
    if elsewhere or "subjects" in named or "subjects" not in study.frames:
        return {}, ["the data, because the study file has errors they depend on"]
    kept = {name: frame for name, frame in study.frames.items() if name not in named}
    return kept, [
        f"the file of {name}, because its block in the study file has errors" for name in study.frames if name in named
    ]


def _sound(study: Study, faults: Sequence[Problem]) -> dict[str, Any]:
    """Populations, endpoints and checks without those that have faults."""
    bad = {tuple(p.column.split(".")[:2]) for p in faults}
    return {
        block: {name: one for name, one in getattr(study, block).items() if (block, name) not in bad} for block in NAMED
    }


def _of_others(
    study: Study, tables: Mapping[str, Any], fatal: Iterable[Problem], found: Iterable[Problem]
) -> list[Problem]:
    """Findings on patients none of whose cells is broken: a missing date makes all that hangs on it look odd."""
    patients: dict[tuple[str, int], set[str]] = {}
    for name, table in tables.items():
        rows = table.attrs.get("rows", ())
        for row, subject in zip(rows, table.get("subject", ())):
            patients.setdefault((study.frames[name].file, int(row)), set()).add(subject)

    def whose(problem: Problem) -> set[str]:
        return patients.get((problem.file, problem.row or 0), set())

    broken = set().union(*(whose(problem) for problem in fatal))
    return [problem for problem in found if problem.row is not None and whose(problem) and not whose(problem) & broken]


def _templates(folder: Path) -> list[Problem]:
    """Faults of the study's own section templates."""
    own = folder / "sections"
    if not own.is_dir():
        return []
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from report.templating import GIVEN, environment, lint_template
    from stats.findings import Refused

    env = environment(ImmutableSandboxedEnvironment, own)
    problems: list[Problem] = []
    for path in sorted(own.glob("*.html.j2")):
        try:
            lint_template(env, path.name, f"sections/{path.name}", GIVEN)
        except Refused as refused:
            problems += refused.problems
    return problems


def _many(n: int, noun: str) -> str:
    return f"{n or 'no'} {noun}{'' if n == 1 else 's'}"
