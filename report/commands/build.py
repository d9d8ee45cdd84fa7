"""Build a study's report: HTML, PDF, Word, results, figures and tables."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report import manifest
from report.commands import _options as options
from report.output import MachineFailed, Output
from report.progress import Progress
from stats.findings import Problem, Refused, refuse_if_fatal, shown

if TYPE_CHECKING:
    from report.build import Built
    from stats.study.types import Study

FORMATS = ("html", "pdf", "docx")
TEXTS = (".toml", ".j2", ".txt", ".md")  # of inputs, those that hold no patients
STAGES = 7  # and one more for each of PDF and Word


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build_report.py build", description=__doc__)
    parser.add_argument(
        "study", nargs="*", default=[options.EXAMPLE], help="folders with study.toml (default: data/cart)"
    )
    parser.add_argument(
        "--out",
        help="folder for the report (default: build/<study folder's name>); of several studies, for their folders",
    )
    parser.add_argument("--style", help="journal style instead of the study's own")
    parser.add_argument("--formats", default=",".join(FORMATS), help=f"any of {','.join(FORMATS)} (default: all)")
    parser.add_argument("--strict", action="store_true", help="treat warnings as errors (exit 2)")
    parser.add_argument("--audit", action="store_true", help="exit 4 when a declared claim is not supported")
    parser.add_argument("--certify", action="store_true", help="let R count everything again; exit 5 when it differs")
    parser.add_argument("--no-cache", action="store_true", help="compute everything anew, and keep nothing")
    options.add(parser, "show-values", "allow-outside", "quiet", "debug")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 built, 2 refused, 3 the machine failed, 4 a claim is not supported (with --audit), 5 R differs (with --certify)."""
    asked = arguments().parse_args(argv)
    if len(asked.study) > 1:
        from report import several

        return several.build(asked.study, _options(asked), asked.out, asked.quiet)
    folder = Path(asked.study[0])
    out = options.place(folder, asked.out)
    wanted = formats(asked.formats)
    wish = {"formats": list(wanted), "style": asked.style or "", "allow_outside": asked.allow_outside}
    wish |= {"certify": True} if asked.certify else {}
    last = manifest.read(out)
    code = manifest.code() if last is not None else ""
    if (
        last is not None
        and not asked.no_cache
        and _unchanged(folder, last, wish, code)
        and manifest.complete(out) is not None
    ):
        Output(out).tidy()
        return _report(asked, out, last["about"]["outcome"], built=False)
    stages = STAGES + sum(word != "html" for word in wanted) + asked.certify
    with ExitStack() as beside, Progress(stages, quiet=asked.quiet) as progress:
        side = hands = None
        if "pdf" in wanted:  # laying out pages takes longest: its processes make ready from here on
            from report.hands import start

            code = code or manifest.code()  # before any of it is loaded there
            hands = beside.enter_context(start())
        if asked.no_cache or last is None or _to_be_counted(folder, last, code):  # otherwise results may be kept
            from report import counter

            side = counter.start()
            if side:
                beside.enter_context(side)
        code = code or manifest.code()
        progress("Reading the study file")
        from stats.study.read import read

        study = read(folder, allow_outside=asked.allow_outside)
        Output(out).look()
        from report.counting import Counting
        from stats.cache import opened

        cache = opened(not asked.no_cache)
        with Counting(study, cache, asked.allow_outside, side=side) as counting:
            from report.build import build

            made = build(
                study,
                style=asked.style or study.style,
                formats=wanted,
                code=code,
                progress=progress,
                strict=asked.strict,
                certify=asked.certify,
                counting=counting,
                hands=hands,
            )
        released = _released(out, last, study, made, asked.strict)
        progress("Writing the folder")
        _write(out, study, made, wish, code, {"seconds": round(progress.seconds(), 2), **cache.counts()})
        if manifest.code() != code:
            cache.forget()
        cache.trim()
    for line in shown(released):
        print(line, file=sys.stderr)
    return _report(asked, out, made.outcome, built=True)


def formats(words: str) -> tuple[str, ...]:
    """Formats named with commas between them. Refused (E_OPTION) when one isn't known."""
    found = tuple(dict.fromkeys(word.strip() for word in words.split(",") if word.strip()))
    unknown = [word for word in found if word not in FORMATS]
    if unknown or not found:
        raise Refused(
            [Problem("E_OPTION", f"--formats knows {', '.join(FORMATS)}, not {', '.join(unknown) or 'nothing'}")]
        )
    return found


def _released(out: Path, last: Mapping[str, Any] | None, study: Study, made: Built, strict: bool) -> list[Problem]:
    """What a public report and the one before it in this folder tell together. Refused under `strict`."""
    before = out / "results.csv"
    if study.privacy != "public" or (last or {}).get("about", {}).get("privacy") != "public" or not before.is_file():
        return []
    from report.difference import numbers
    from stats.disclosure import releases

    told = [numbers(text) for text in (before.read_text("utf-8"), str(made.files["results.csv"]))]
    old, new = ({key: number.value for key, number in one.items()} for one in told)
    found = releases.problems(old, new, study.smallest_count)
    if strict:
        refuse_if_fatal([one.strictly() for one in found])
    return found


def _options(asked: argparse.Namespace) -> list[str]:
    """The options that hold for each of several studies, as words."""
    words = ["--formats", asked.formats, *(["--style", asked.style] if asked.style else [])]
    flags = ("strict", "audit", "certify", "no_cache", "show_values", "allow_outside", "debug")
    return [*words, *(f"--{flag.replace('_', '-')}" for flag in flags if getattr(asked, flag))]


def _unchanged(folder: Path, last: Mapping[str, Any], wish: Mapping[str, Any], code: str) -> bool:
    """Whether the last report was made from just these inputs, code and options: then there is nothing to do."""
    about = last.get("about", {})
    if about.get("code") != code or about.get("wish") != wish or not about.get("inputs"):
        return False
    try:
        return (
            manifest.inputs(folder, about["inputs"]) == about["inputs"]
            and _same_texts(folder, about["inputs"])
            and (bool(wish["allow_outside"]) or _inside(folder, about["inputs"]))
        )
    except OSError:
        return False


def _to_be_counted(folder: Path, last: Mapping[str, Any], code: str) -> bool:
    """Whether data or code are others than those of the last report. The study file may be: most of it is only printed."""
    about = last.get("about", {})
    data = [name for name in about.get("inputs", ()) if Path(name).suffix not in TEXTS]
    return about.get("code") != code or any(manifest.current(folder, name) != about["inputs"][name] for name in data)


def _inside(folder: Path, inputs: Iterable[str]) -> bool:
    """No input became a link that leads out of the study since."""
    from stats.study import paths

    return all(paths.inside(folder, name) for name in inputs)


def _same_texts(folder: Path, inputs: Mapping[str, str]) -> bool:
    """No section template and no abstract came to the study since."""
    text = manifest.abstract(folder)
    own = [f"sections/{path.name}" for path in folder.glob("sections/*.html.j2")]
    return all(name in inputs for name in [*own, *([text] if text else [])])


def _write(out: Path, study: Study, made: Built, wish: Mapping[str, Any], code: str, went: Mapping[str, Any]) -> None:
    manifest.refuse_if_changed(study.folder, dict(made.inputs))
    about = {
        "study": study.short,
        "privacy": study.privacy,
        "inputs": dict(made.inputs),
        "code": code,
        "wish": dict(wish),
        "versions": dict(made.versions),
        "outcome": dict(made.outcome),
    }
    with Output(out, about) as output:
        for name, content in made.files.items():
            output.write(name, content)
        # how this one run went: the only file that differs between equal runs, so it has no hash
        run = {"wish": dict(wish), **went, "versions": dict(made.versions)}
        output.write("run.json", json.dumps(run, indent=1) + "\n", volatile=True)


def _report(asked: argparse.Namespace, out: Path, outcome: Mapping[str, Any], built: bool) -> int:
    """Say what came of it, in a few lines, and choose the exit code."""
    problems = [Problem(**fields) for fields in outcome["problems"]]
    if asked.strict and any(problem.code.startswith("W_") for problem in problems):
        refuse_if_fatal([Problem("E_STRICT", "a warning is an error under --strict"), *problems])
    for line in shown([p for p in problems if not p.code.startswith("V_") or asked.audit], asked.show_values):
        print(line, file=sys.stderr)
    if not asked.quiet:
        state = "Built" if built else "Nothing changed since"
        print(f"{state} {out}: {outcome['summary']}")
    certificate = (out / "certificate.txt").read_text("utf-8") if asked.certify else ""
    print(certificate, end="")
    if outcome["pdf"]:
        raise MachineFailed(*outcome["pdf"])
    if asked.audit and outcome["unsupported"]:
        return 4
    if not asked.certify:
        return 0
    from report import replicate

    return 0 if replicate.holds(certificate) else 5
