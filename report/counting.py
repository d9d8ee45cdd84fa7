"""A study's data to its results: read, derived, checked and counted, or taken from where they were kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from report import manifest
from report.side import Side, possible
from stats import cache as kept
from stats import lean
from stats.cache import Cache
from stats.findings import Problem, refuse_if_fatal
from stats.methods.types import Description
from stats.results import Results
from stats.study import paths
from stats.study.types import Study

STAGES = {"read": "Reading the data", "derive": "Deriving and checking", "count": "Counting"}
PORTION = 500  # rows
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
          cache: Cache | None = None) -> Counted:
    """Data files to results, all in this process. Refused with everything that is wrong with the data, at once per stage."""
    with Counting(study, cache, allow_outside, beside=False) as counting:
        return counting.counted(progress)


class Counting:
    """A study's way from data files to results, which begins at once and beside this process, so that it can load meanwhile
    what writes them down; of the patients nothing comes here but results.

    Where the libraries that count are loaded already, and where there is one processor, it is done here, when it is asked for.
    With a cache nothing is counted again that was counted before; `held` says whether all of it was.
    """

    def __init__(self, study: Study, cache: Cache | None = None, allow_outside: bool = False, beside: bool = True):
        self.study, self.cache, self.allow_outside = study, cache or Cache(None), allow_outside
        self.inputs = manifest.inputs(study.folder, sources(study))
        code = "" if self.cache.folder is None else kept.key(manifest.code(CODE), manifest.versions(optional(study)))
        self._key = _key(study, code, allow_outside, self.inputs) if code else ""
        self._found = self.cache.get("results", study.short, self._key) if self._key else None
        self._work = _Work(study, allow_outside, self.cache, code)
        self._side: Side | None = None
        if self._found is None and beside and possible() and not loaded():
            import numpy  # noqa: F401  # both processes need it: loaded once, they share its memory

            self._side = Side(_Beside(self._work), load)
            for stage in STAGES:
                self._side.ask(stage)

    @property
    def held(self) -> bool:
        return self._found is not None

    def counted(self, progress: Callable[[str], None] = lambda stage: None) -> Counted:
        """The results, once they are there. Refused with everything that is wrong with the data, all at once per stage."""
        if self._found is not None:
            progress(STAGES["read"])
            return _unpacked(self._found)
        told: Any = None
        for stage, title in STAGES.items():
            progress(title)
            told = self._side.answer() if self._side else self._work(stage)
        if self._side is None:
            counted: Counted = told
            value = _packed(counted) if self._key else None
        else:
            self.close()  # its memory is needed now
            (value, found, made, put), *portions = map(json.loads, told)
            value["rows"] = [row for portion in portions for row in portion]
            counted = _unpacked(value)
            self.cache.add(found, made, put)
        # no cell of the data is kept, and nothing under the hash of a file that was replaced while it was read
        if self._key and not any(p.value for p in counted.problems) and self._read_as_hashed():
            self.cache.put(self._key, value)
        return counted

    def _read_as_hashed(self) -> bool:
        names = raw_files(self.study)
        return manifest.inputs(self.study.folder, names) == {name: self.inputs[name] for name in names}

    def close(self) -> None:
        if self._side:
            self._side.close()

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Work:
    """What is done with the patients' data, stage by stage; the last one returns what was counted."""

    def __init__(self, study: Study, allow_outside: bool, cache: Cache, code: str):
        self.study, self.allow_outside, self.cache, self.code = study, allow_outside, cache, code
        self.frames: Mapping[str, Any] = {}
        self.problems: list[Problem] = []

    def __call__(self, stage: str) -> Counted | None:
        load()
        if self.study.patients_at_once:
            return _in_portions(self.study, self.allow_outside) if stage == "count" else None
        made: Counted | None = getattr(self, f"_{stage}")()
        return made

    def _read(self) -> None:
        from stats import intake

        self.frames, problems = intake.load(self.study, allow_outside=self.allow_outside)
        refuse_if_fatal(problems)
        self.problems = list(problems)

    def _derive(self) -> None:
        from stats import derive, run
        from stats.derive.step import bare
        from stats.intake.plausibility import plausible

        self.frames, met, self.ran = derive.derive_all(self.study, self.frames)
        self.problems += [*met, *plausible(self.study, self.frames)]
        refuse_if_fatal(self.problems)
        wanted = run.wanted(self.study)
        # the others have done their work
        self.frames = {name: bare(frame) for name, frame in self.frames.items() if name in wanted}

    def _count(self) -> Counted:
        from stats import derive, disclosure, estimable, run

        rows = run.run(self.study, self.frames, cache=self.cache, code=self.code)
        results = disclosure.released(self.study, self.frames, rows)
        known = derive.definitions()
        problems = [*disclosure.told(self.study, self.problems), *estimable.findings(results)]
        return Counted(results, tuple(problems), {key: known[key] for key in self.ran})


class _Beside:
    """The same in a process of its own, which says what was counted as a few JSON texts: quicker to send than value by value,
    and each value is a text of its own only until its portion is one.
    """

    def __init__(self, work: _Work):
        self.work = work
        work.cache = Cache(work.cache.folder)  # of its own, to say what was found there and what was put

    def __call__(self, stage: str) -> list[str] | None:
        counted = self.work(stage)
        if counted is None:
            return None
        cache, value = self.work.cache, _packed(counted)
        rows = value.pop("rows")
        portions = (rows[at : at + PORTION] for at in range(0, len(rows), PORTION))
        return list(map(json.dumps, ([value, cache.found, cache.made, list(map(str, cache.put_now))], *portions)))


def loaded() -> bool:
    return "pandas" in sys.modules


def load() -> None:
    """Load what counts."""
    lean.pandas()
    from stats import derive, disclosure, estimable, intake, run  # noqa: F401


def _packed(counted: Counted) -> dict[str, Any]:
    return {"rows": kept.written(counted.results.rows), "problems": [asdict(p) for p in counted.problems],
            "definitions": {name: asdict(one) for name, one in counted.definitions.items()}}


def _unpacked(value: Mapping[str, Any]) -> Counted:
    return Counted(Results(kept.rows(value["rows"]), kept=True), tuple(Problem(**fields) for fields in value["problems"]),
                   {name: Description(**fields) for name, fields in value["definitions"].items()})


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


def sources(study: Study) -> list[str]:
    """Every file a report is made from, relative to the study's folder."""
    templates = sorted(f"sections/{path.name}" for path in (study.folder / "sections").glob("*.html.j2"))
    text = manifest.abstract(study.folder)
    return ["study.toml", *raw_files(study), *templates, *(name for name in (text, study.word_template) if name)]


def optional(study: Study) -> list[str]:
    """Packages beyond the lock file that decide this study's results."""
    return ["duckdb"] if any(frame.file.startswith(paths.DUCKDB) for frame in study.frames.values()) else []


def raw_files(study: Study) -> list[str]:
    """Names of the files that the patients' data are read from, dictionaries of codes included."""
    frames = study.frames.values()
    return [name for frame in frames for name in (frame.file, frame.options.get("dictionary")) if name]
