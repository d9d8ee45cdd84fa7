"""Names used by analyses, exhibits, sections and claims: each must be a name of this study, of the right kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stats import where
from stats.findings import meant, nearest
from stats.groups import ALL, ARMS
from stats.study.claimed import check_claim, group_keys
from stats.study.kinds import Installed, Kind, templates
from stats.study.part import Book, a, is_number
from stats.study.roles import subject_columns
from stats.study.shown import check_shown
from stats.study.toml import Place
from stats.study.types import Analysis, Column, Exhibit, Study

DESCRIBED = ("arm", "number", "flag", "category", "ordinal")
COLUMN_OPTIONS = {  # option: the types its columns may have
    "variables": DESCRIBED, "multivariable": DESCRIBED, "covariates": DESCRIBED, "adjust": DESCRIBED,
    "strata": ("arm", "flag", "category", "ordinal"),
    "by": ("arm", "flag", "category", "ordinal"), "means": ("number",),
}
STAGE_OPTIONS = {"stages": ("flag",), "reason": ("text", "category", "ordinal")}  # columns of the screening frame
TIMED_KINDS = ("survival", "incidence", "followup", "hazards", "sensitivity")
# what an analysis is given by what it is of, and can't set itself
ELSEWHERE = {"kinetics": dict.fromkeys(("window", "lloq", "uloq"), "analyte"),
             "survival": {"unit": "endpoint"}, "incidence": {"unit": "endpoint"}}
MOST_TIMES = 200  # in one list
TIMES = ("at", "ticks", "landmark", "landmarks")
NAMED = ("variables", "outcomes", "terms", "endpoints", "stages")  # what an analysis goes through, one by one


def check_outputs(study: Study, book: Book, installed: Installed) -> None:
    """Note in the book whatever the output blocks of the study name that isn't there."""
    if study.primary and study.primary not in study.analyses:
        book.unknown(("study", "primary"), "analysis", study.primary, study.analyses)
    for analysis in study.analyses.values():
        _analysis(study, book, analysis, installed.analyses)
    adjusted = study.methods.get("multiplicity", "none")
    if adjusted != "none" and not any(map(study.adjusts, study.analyses)):
        book.add("W_NO_FAMILY", ("methods", "multiplicity"), f"P values are to be adjusted ({adjusted}) within families of "
                 "analyses, and no analysis names its family: none is adjusted",
                 'Write the same family = "…" into each [analyses] that belongs to it, or leave multiplicity out')
    for exhibit in study.exhibits.values():
        _exhibit(study, book, exhibit, installed.exhibits, installed.analyses)
    _sections(study, book, installed)
    for claim in study.claims.values():
        check_claim(study, book, claim)


def _options(book: Book, place: Place, kind: Kind, options: Mapping[str, Any], common: tuple[str, ...]) -> None:
    """Option names and types against the signature of the kind."""
    known = list(dict.fromkeys((*common, *kind.options)))  # an option of the kind may be common too
    intended = {meant(key, known) for key in options if key not in kind.options}  # told by the key that stands there
    for key, value in options.items():
        option = kind.options.get(key)
        if option is None:
            book.add("E_UNKNOWN_KEY", (*place, key), f"{key} is no option of kind {kind.name}{nearest(key, known)}",
                     f"Known: {', '.join(known)}")
        elif not option.accepts(_thawed(value)):
            book.add("E_CONFIG_VALUE", (*place, key), f"{key} should be {option.expected}, found {_thawed(value)!r}")
    for name, option in kind.options.items():
        if option.required and name not in options and name not in common and name not in intended:
            book.add("E_KEY_MISSING", (*place, name), f"kind {kind.name} needs {name}", f"Add {name} = …")


def _thawed(value: Any) -> Any:
    """Options as TOML had them: lists, not tuples."""
    return [_thawed(item) for item in value] if isinstance(value, tuple) else value


def _analysis(study: Study, book: Book, analysis: Analysis, kinds: Mapping[str, Kind]) -> None:
    place: Place = ("analyses", analysis.name)
    if analysis.population and analysis.population not in study.populations:
        book.unknown((*place, "population"), "population", analysis.population, study.populations)
    if not analysis.kind:
        return
    if analysis.kind not in kinds:
        book.unknown((*place, "kind"), "kind of analysis", analysis.kind, kinds)
        return
    kind = kinds[analysis.kind]
    _options(book, place, kind, analysis.options, ())
    for key, block in ELSEWHERE.get(kind.name, {}).items():
        if key in analysis.options:
            book.add("E_CONFIG_VALUE", (*place, key), f"{key} belongs to the {block}, so that every analysis of it agrees",
                     f"Write it under [{block}s.{analysis.options.get(block, 'NAME')}]")
    severe = analysis.options.get("severe")
    if kind.name == "adverse-events" and isinstance(severe, int) and not 1 <= severe <= 5:
        book.add("E_CONFIG_VALUE", (*place, "severe"), f"grades go from 1 to 5, so none is severe from {severe} on")
    needs = {"toxicity": ("terms", study.terms), "course": ("analytes", study.analytes),
             "exposure": ("analytes", study.analytes)}
    for frame in kind.frames:
        block, declared = needs.get(frame, ("frames", study.frames))
        if block != "frames" and not declared:
            book.add("E_KEY_MISSING", (block,),
                     f"analysis {analysis.name} ({kind.name}) needs [{block}], and there is none")
        elif block == "frames" and frame not in study.frames:
            book.add("E_KEY_MISSING", ("frames", frame),
                     f"analysis {analysis.name} ({kind.name}) needs [frames.{frame}]")
    _named_options(study, book, place, analysis, kind.frames)


def _named_options(study: Study, book: Book, place: Place, analysis: Analysis, frames: tuple[str, ...]) -> None:
    """Options whose name says what their values are the names of."""
    columns = subject_columns(study)
    staged = study.frames["screening"].columns if "screening" in frames and "screening" in study.frames else {}
    shares = {name: endpoint for name, endpoint in study.endpoints.items() if not endpoint.timed}
    for key, value in analysis.options.items():
        if key in NAMED and isinstance(value, tuple):
            _listed(book, (*place, key), value)
        for step, name in _texts(value):
            here = (*place, key, *step)
            if key in COLUMN_OPTIONS:  # what is described is a column; times and outcomes of endpoints have kinds of their own
                known = study.subjects.columns if key == "variables" else columns
                _column(book, here, key, name, known, COLUMN_OPTIONS[key])
            elif staged and key in STAGE_OPTIONS:
                _column(book, here, key, name, staged, STAGE_OPTIONS[key])
            elif key in ("endpoint", "endpoints") and name not in study.endpoints:
                book.unknown(here, "endpoint", name, study.endpoints, "E_UNKNOWN_ENDPOINT")
            elif key in ("endpoint", "endpoints") and analysis.kind in TIMED_KINDS and not study.endpoints[name].timed:
                book.add("E_CONFIG_VALUE", here,
                         f"{name} is a proportion; kind {analysis.kind} needs a time to an event")
            elif key == "outcomes" and name not in shares:
                code = "E_CONFIG_VALUE" if name in study.endpoints else "E_UNKNOWN_ENDPOINT"
                book.unknown(here, "endpoint that is a proportion", name, shares, code)
            elif key in ("terms", "term") and name not in study.terms:
                book.unknown(here, "term", name, study.terms)
            elif key in ("analyte", "analytes") and name not in study.analytes:
                book.unknown(here, "analyte", name, study.analytes)
        if key == "endpoints":
            _one_unit(study, book, (*place, key), value)
        if key in TIMES:
            _times(book, (*place, key), value, bool({"endpoint", "endpoints"} & set(analysis.options)))
        if key == "where" and isinstance(value, str):
            try:
                where.compile(value, columns)
            except where.ConditionError as error:
                book.add("E_CONDITION", (*place, key), str(error))
    by, variables = analysis.options.get("by", "arm"), analysis.options.get("variables", ())
    if analysis.kind == "characteristics" and isinstance(variables, tuple) and by in variables:
        book.add("E_CONFIG_VALUE", (*place, "variables"), f"{by} makes the groups: it can't be compared between them")
    reference = analysis.options.get("reference")
    levels = group_keys(study, analysis)
    for level in levels if by != "arm" else ():
        if level in (ALL, ARMS) or ":" in level:
            book.add("E_CONFIG_VALUE", (*place, "by"), f"{level!r} of {by} can't be a group: addresses use all and arms for "
                     "everybody, and a colon between two groups", f"Give the level another key, with values = "
                     f"{{ {level!r} = … }} in the column {by}")
    if isinstance(reference, str) and reference not in levels:
        book.add("E_CONFIG_VALUE", (*place, "reference"), f"reference should be one of {', '.join(levels)}"
                 f"{nearest(reference, levels)}")


def _listed(book: Book, place: Place, names: tuple[object, ...]) -> None:
    """A list of names has some, and none of them twice."""
    if not names:
        book.add("E_CONFIG_VALUE", place, f"the list of {place[-1]} is empty")
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        book.add("E_CONFIG_VALUE", place, f"{name!r} stands twice in {place[-1]}")


def _one_unit(study: Study, book: Book, place: Place, names: Any) -> None:
    """Endpoints read at the same times are in one unit, and there is at least one."""
    units = {study.endpoints[name].unit: name for name in names if name in study.endpoints}
    if len(units) > 1:
        listed = ", ".join(f"{name} in {unit}" for unit, name in units.items())
        book.add("E_CONFIG_VALUE", place, f"endpoints side by side need one unit of time, found {listed}")


def _column(book: Book, place: Place, key: str, name: str, columns: Mapping[str, Column],
            types: tuple[str, ...]) -> None:
    if name not in columns:
        book.unknown(place, "column", name, columns, "E_COLUMN_MISSING")
    elif columns[name].type not in types:
        book.add("E_CONFIG_VALUE", place, f"{name} is {a(columns[name].type)}; {key} can be {', '.join(types)}")


def _texts(value: Any) -> list[tuple[tuple[int, ...], str]]:
    """The texts of an option with their place in it: one text, or those of a list."""
    if isinstance(value, str):
        return [((), value)]
    return [((i,), item) for i, item in enumerate(value) if isinstance(item, str)] if isinstance(value, tuple) else []


def _times(book: Book, place: Place, value: Any, after_start: bool) -> None:
    """Times are finite numbers, and not before the start where there is one."""
    items = list(enumerate(value)) if isinstance(value, tuple) else [(None, value)]
    for position, item in items:
        if not is_number(item) or (after_start and item < 0):
            expected = "a number that is not negative" if after_start else "a number"
            here = place if position is None else (*place, position)
            book.add("E_CONFIG_VALUE", here, f"a time should be {expected}, found {item!r}")
    numbers = [item for _, item in items if is_number(item)]
    if len(items) > MOST_TIMES:
        book.add("E_CONFIG_VALUE", place, f"{len(items)} times are more than a page can show; at most {MOST_TIMES}")
        return
    for item in sorted({item for item in numbers if numbers.count(item) > 1}):
        book.add("E_CONFIG_VALUE", place, f"{item:g} stands twice in {place[-1]}")


def _exhibit(
    study: Study, book: Book, exhibit: Exhibit, kinds: Mapping[str, Kind], analyses: Mapping[str, Kind]
) -> None:
    place: Place = ("exhibits", exhibit.name)
    for position, name in enumerate(exhibit.of):
        if name not in study.analyses:
            book.unknown((*place, "of", position), "analysis", name, study.analyses)
    if not exhibit.kind:
        return
    if exhibit.kind not in kinds:
        book.unknown((*place, "kind"), "kind of exhibit", exhibit.kind, kinds)
        return
    kind = kinds[exhibit.kind]
    _options(book, place, kind, exhibit.options, ("of", "title"))
    of = kind.options.get("of")
    if of is not None and of.required and not exhibit.of and "of" not in {meant(key, kind.options) for key in exhibit.options}:
        book.add("E_KEY_MISSING", (*place, "of"), f"kind {kind.name} needs of: the analysis it shows", "Add of = …")
    check_shown(study, book, place, exhibit, analyses)
    for key in TIMES:
        if key in exhibit.options:
            _times(book, (*place, key), exhibit.options[key], after_start=False)


def _sections(study: Study, book: Book, installed: Installed) -> None:
    known = (*installed.templates, *templates(study.folder / "sections"))
    placed: set[str] = set()
    for position, section in enumerate(study.sections):
        place: Place = ("sections", position)
        for step, name in enumerate(section.exhibits):
            if name not in study.exhibits:
                book.unknown((*place, "exhibits", step), "exhibit", name, study.exhibits)
            elif name in placed:
                book.add("E_CONFIG_VALUE", (*place, "exhibits", step), f"another section shows {name} too, and it has one "
                         "number and one place", "Show it once and refer to it")
        for step, name in enumerate(section.analyses):
            if name not in study.analyses:
                book.unknown((*place, "analyses", step), "analysis", name, study.analyses)
        if section.template and section.template.removesuffix(".html.j2") not in known:
            book.unknown((*place, "template"), "section template", section.template, known)
        below = study.sections[position + 1:position + 2]
        if not section.template and section.id not in known and not section.exhibits and not section.analyses and not (
                below and below[0].level > section.level):
            book.add("E_UNKNOWN_NAME", (*place, "id"), f"section {section.id} would be empty: it names no exhibits and no "
                     f"analyses, and there is no template of its name{nearest(section.id, known)}",
                     "Name its exhibits or analyses, correct the id, or take the section out")
        placed.update(section.exhibits)
    if study.sections and placed <= set(study.exhibits):  # else a misspelt name may be the missing one
        for name in study.exhibits:
            if name not in placed:
                book.add("E_UNUSED", ("exhibits", name), f"no section shows exhibit {name}",
                         "Name it in the exhibits of a section, or take it out")
