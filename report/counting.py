"""A study's data to its results: read, derived, checked and counted, or taken from where they were kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from report import manifest
from stats import cache as kept
from stats import lean
from stats.cache import Cache
from stats.findings import Problem, refuse_if_fatal
from stats.methods.types import Description
from stats.results import Results
from stats.study import paths
from stats.study.types import Study

CODE = ("stats", "requirements.lock", "report/counting.py")  # what decides a result
# parts of a study file that are only ever printed: another title or claim needs no patient to be read
PRINTED: dict[str, Any] = {
    "title": "", "short": "", "design": "", "style": "", "synthetic": False, "language": "", "word_template": "",
    "exhibits": {}, "sections": (), "claims": {},
}


@dataclass(frozen=True)
class Counted:
    """A study's results with the problems met on the way and the definitions that were used."""

    results: Results
    problems: tuple[Problem, ...]
    definitions: Mapping[str, Description]


def count(study: Study, progress: Callable[[str], None] = lambda stage: None, allow_outside: bool = False,
          cache: Cache | None = None, inputs: Mapping[str, str] | None = None,
          anew: Callable[[], None] | None = None) -> Counted:
    """Data files to results. Refused with everything that is wrong with the data, all at once per stage.

    With a cache and the hashes of the study's files, nothing is counted again that was counted before; `anew` is called when
    something is.
    """
    progress("Reading the data")
    cache = cache or Cache(None)
    code = "" if cache.folder is None else kept.key(manifest.code(CODE), manifest.versions(optional(study)))
    key = _key(study, code, allow_outside, inputs or {}) if code else ""
    held = cache.get("results", study.short, key) if key else None
    if held is not None:
        return Counted(Results(kept.rows(held["rows"])), tuple(Problem(**fields) for fields in held["problems"]),
                       {name: Description(**fields) for name, fields in held["definitions"].items()})
    if anew:
        anew()
    counted = _counted(study, progress, allow_outside, cache, code)
    # no cell of the data is kept, and nothing under the hash of a file that was replaced while it was read
    if key and not any(p.value for p in counted.problems) and key == _key(study, code, allow_outside, _hashes(study)):
        cache.put(key, {"rows": kept.written(counted.results.rows), "problems": [asdict(p) for p in counted.problems],
                        "definitions": {name: asdict(one) for name, one in counted.definitions.items()}})
    return counted


def _counted(study: Study, progress: Callable[[str], None], allow_outside: bool, cache: Cache, code: str) -> Counted:
    lean.pandas()
    from stats import derive, disclosure, estimable, intake, run
    from stats.derive.step import bare
    from stats.intake.plausibility import plausible

    if study.patients_at_once:
        return _in_portions(study, allow_outside)
    frames, problems = intake.load(study, allow_outside=allow_outside)
    refuse_if_fatal(problems)
    progress("Deriving and checking")
    frames, met, ran = derive.derive_all(study, frames)
    problems = [*problems, *met, *plausible(study, frames)]
    refuse_if_fatal(problems)
    wanted = run.wanted(study)
    frames = {name: bare(frame) for name, frame in frames.items() if name in wanted}  # the others have done their work
    progress("Counting")
    results = disclosure.released(study, frames, run.run(study, frames, cache=cache, code=code))
    known = derive.definitions()
    problems = disclosure.told(study, problems)
    problems += estimable.findings(results)
    return Counted(results, tuple(problems), {key: known[key] for key in ran})


def _in_portions(study: Study, allow_outside: bool) -> Counted:
    """The same of patients who are never all in memory."""
    from stats import derive, disclosure, estimable, portions

    found = portions.examined(study, allow_outside=allow_outside)
    refuse_if_fatal(found.problems)
    assert found.results is not None  # without an error there are results
    results = disclosure.released(study, {}, found.results)
    known = derive.definitions()
    problems = (*disclosure.told(study, found.problems), *estimable.findings(results))
    return Counted(results, problems, {key: known[key] for key in found.ran})


def _key(study: Study, code: str, allow_outside: bool, inputs: Mapping[str, str]) -> str:
    """What results depend on: code, data, and the study file but for what is only printed. '' if that isn't known."""
    data = {name: inputs.get(name, "") for name in raw_files(study)}
    if not all(data.values()):
        return ""
    bare: dict[str, Any] = asdict(replace(study, **PRINTED))
    bare["arms"] = list(study.arms)
    bare["populations"] = {name: one.where for name, one in study.populations.items()}
    bare["analyses"] = {name: asdict(replace(one, label="")) for name, one in study.analyses.items()}
    del bare["folder"]
    return kept.key("results", code, allow_outside, data, bare)


def _hashes(study: Study) -> dict[str, str]:
    return manifest.inputs(study.folder, raw_files(study))


def optional(study: Study) -> list[str]:
    """Packages beyond the lock file that decide this study's results."""
    return ["duckdb"] if any(frame.file.startswith(paths.DUCKDB) for frame in study.frames.values()) else []


def raw_files(study: Study) -> list[str]:
    """Names of the files that the patients' data are read from, dictionaries of codes included."""
    frames = study.frames.values()
    return [name for frame in frames for name in (frame.file, frame.options.get("dictionary")) if name]
