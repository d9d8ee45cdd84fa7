"""The stages of a build in order: read, derive, check, count, draw, write down, print. Nothing here touches the disk's output."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from report import abstract, claims, cuts, data_files, exhibits, manifest, page, ready, replicate, rules, shipped
from report.ahead import Ahead, nothing
from report.assemble import banner, page_of
from report.claims import Audited
from report.compose import Composer, Facts
from report.counting import Counting, optional
from report.drawer import Drawer
from report.exhibits import Plan, Shown
from report.names import names
from report.output import MachineFailed
from report.pieces import Pieces
from report.side import Side
from report.style import load
from report.voice import Voice
from report.words import spelled
from stats.findings import Problem, Refused, counted, refuse_if_fatal
from stats.results import Results
from stats.study.identifying import IN_SHIPPED
from stats.study.types import Study

UNTOLD = "W_PHI_PATTERN"  # a report doesn't point at what may identify somebody


@dataclass(frozen=True)
class Built:
    """Files by relative name, what they were made from, and what came of it (for messages and the exit code)."""

    files: Mapping[str, str | bytes]
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    outcome: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """All that pages are set from: results in a journal's style, exhibits made, claims audited, problems met."""

    pieces: Pieces
    facts: Facts
    audited: tuple[Audited, ...]
    problems: tuple[Problem, ...]
    script: str  # that counts the same in R
    unsupported: int = 0  # statements of the abstract's text that stand against the results

    @property
    def voice(self) -> Voice:
        return self.pieces.voice

    @property
    def plan(self) -> Plan:
        return self.pieces.plan

    @property
    def shown(self) -> Mapping[str, Shown]:
        return self.pieces.shown


def prepare(
    study: Study,
    *,
    style: str,
    code: str,
    progress: Callable[[str], None] = lambda stage: None,
    strict: bool = False,
    drawn: tuple[str, ...] = ("svg", "png"),
    certify: bool = False,
    counting: Counting | None = None,
    drawer: Drawer | None = None,
    then: Callable[[Markup], object] = nothing,
) -> Prepared:
    """Everything up to the pages: counted, drawn in the formats of `drawn`, and held against the abstract.

    counting: what counts, if that has begun. With `certify` R counts once more, and its certificate becomes part of the report.
    With a drawer pictures are still being made when this ends, and waited for when they are looked at. then: see
    report.ahead.
    """
    _known_style(style)
    counting = counting or Counting(study, beside=False)
    if drawer and "png" in drawn and not counting.held:
        drawer.start()
    versions = manifest.versions(optional(study))
    plan = exhibits.plan(study)
    ready.load(study, plan)
    script = replicate.script(study)

    def begin(results: Results) -> Pieces:
        voice = Voice(study, results, load(style, names(study), results))
        shown = exhibits.make(plan, results, voice.style, banner=banner(study), formats=drawn, cache=counting.cache,
                              drawer=drawer)
        return Pieces(voice, plan, shown)

    ahead = Ahead(begin, then)
    counted = counting.counted(progress, ahead)
    refuse_if_fatal(claims.unknown(study, counted.results))
    met = (*study.noted, *counted.problems, *_of_the_folder(study))
    if strict:
        refuse_if_fatal([problem.strictly() for problem in met])
    pieces = ahead.pieces or begin(counted.results)
    progress("Drawing")
    if "png" in drawn:
        exhibits.have_drawn(pieces.shown)
    progress("Writing the text")
    audited = claims.audit(pieces.voice)
    said = abstract.problems(study)
    certificate = _certificate(study, script, counted.results, progress) if certify else ""
    problems = (*met, *claims.problems(audited), *said, *replicate.problems(certificate))
    # what can't be estimated is said where the number would stand
    notes = tuple(problem.note() for problem in counted.problems
                  if not problem.code.startswith("N_") and problem.code != UNTOLD)
    facts = Facts(counting.inputs, code, versions, counted.definitions, notes, tuple(certificate.splitlines()))
    return Prepared(pieces, facts, audited, problems, script, len(said))


def build(
    study: Study,
    *,
    style: str,
    formats: tuple[str, ...],
    code: str,
    progress: Callable[[str], None] = lambda stage: None,
    strict: bool = False,
    certify: bool = False,
    counting: Counting | None = None,
    hands: Side | None = None,
) -> Built:
    """Everything a report's folder holds. Under `strict` a warning about the data refuses the build.

    counting: what counts, if that has begun, with the cache in which figures and pages are kept too. hands: what sets pages,
    if that was started.
    """
    counting = counting or Counting(study, beside=False)
    cache = counting.cache
    with ExitStack() as beside:
        setter, then = None, nothing
        if "pdf" in formats:
            from report.printed import settle
            from report.setting import Setting

            then = settle
            setter = beside.enter_context(Setting(study, cache, hands))
        drawer = beside.enter_context(Drawer(study, style, banner(study)))
        made = prepare(
            study,
            style=style,
            code=code,
            progress=progress,
            strict=strict,
            certify=certify,
            counting=counting,
            drawn=("svg", "png") if "docx" in formats else ("svg",),
            drawer=drawer,
            then=then,
        )
        facts = made.facts
        composer = Composer(made.pieces, facts)
        press = None
        if setter:
            from report.press import Press

            press = Press(composer, setter)
        sections = composer.sections(press.add) if press else composer.sections()
        if press:
            press.end(sections)
        plain = page_of(composer, sections, page.head())
        looked = _looked_through(plain, made.voice.results)
        if strict:
            refuse_if_fatal([problem.strictly() for problem in looked])
        made = replace(made, problems=(*made.problems, *looked))
        files: dict[str, str | bytes] = {}
        if "html" in formats:
            foot = page.foot(made.voice.results, plain)
            files["report.html"] = page_of(composer, sections, page.head(embedded=True), foot)
        files |= _others(study, made, plain, formats, progress)
        exhibits.keep(cache, made.shown)
        lacking: list[str] = []
        if setter:
            progress("Setting the pages")
            try:
                files["report.pdf"] = setter.answer()
            except MachineFailed as failed:
                # HTML and Word are built all the same; the caller ends with exit code 3
                lacking = [failed.reason, failed.path, failed.remedy, failed.code]
    return Built(
        files,
        facts.inputs,
        facts.versions,
        {
            "problems": [asdict(p) | {"value": ""} for p in made.problems],
            "pdf": lacking,
            "unsupported": sum(not one.kept for one in made.audited) + made.unsupported,
            "summary": _summary(made.voice.results, made.audited),
        },
    )


def _others(
    study: Study, made: Prepared, plain: str, formats: tuple[str, ...], progress: Callable[[str], None]
) -> dict[str, str | bytes]:
    """Every file but the pages themselves."""
    files: dict[str, str | bytes] = {}
    voice, shown, facts = made.voice, made.shown, made.facts
    if "docx" in formats:
        progress("Writing for Word")
        from report import docx

        files["report.docx"] = docx.write(
            plain,
            {one.anchor: one.files["png"] for one in shown.values() if one.files},
            title=study.title,
            language=study.language,
            author=study.short,
            subject=spelled(study.design),
            keywords=facts.fingerprint,
            dated=study.data_cutoff,
            template=template(study),
        )
    files |= data_files.written(voice.results, made.problems, made.audited, shown)
    files["replicate.R"] = made.script
    if study.privacy == "internal":
        files["patients.csv"] = voice.results.patients()
    if facts.certificate:
        files["certificate.txt"] = "\n".join(facts.certificate) + "\n"
    return files


def _certificate(study: Study, script: str, results: Results, progress: Callable[[str], None]) -> str:
    progress("Counting again in R")
    return replicate.certify(study, script, results.csv())


def _looked_through(plain: str, results: Results) -> list[Problem]:
    """What in the finished texts looks as if it identified somebody."""
    levels = "\n".join(sorted({row.level for row in results.published()}))
    return list(shipped.problems(plain, {"results.csv": levels}, IN_SHIPPED))


def _known_style(style: str) -> None:
    """Refused before anything is read when there is no such journal style, or its file says something unknown."""
    try:
        rules.read(style)
    except rules.StyleError as error:
        raise Refused(
            [Problem("E_STYLE", str(error), remedy="Choose one of the styles, or mend the style's file")]
        ) from None


def template(study: Study) -> Path | None:
    """The Word file that lends its styles, if the study names one."""
    return study.folder / study.word_template if study.word_template else None


def _of_the_folder(study: Study) -> list[Problem]:
    """Files of a kept cut that were changed, and what the Word template lacks."""
    found = cuts.changed(study.folder)
    if study.word_template:  # else nothing of Word need be loaded
        from report import docx_styles

        found += docx_styles.lacking(study)
    return found


def _summary(results: Results, audited: tuple[Audited, ...]) -> str:
    n = results["study/subjects@all"]["n"]
    people = "" if math.isnan(n) else f"{counted(int(n), 'patient')}, "  # so few that a public report doesn't say it
    patients = f"{people}{len(results.published())} results"
    kept = sum(one.kept for one in audited)
    return f"{patients}, {kept} of {len(audited)} claims supported" if audited else patients
