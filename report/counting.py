"""A study's data to its results: read, derived, checked and counted, or taken from where they were kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from report import manifest
from report.counter import load, start
from report.side import Side
from stats import cache as kept
from stats.arriving import Arriving
from stats.cache import Cache
from stats.findings import Problem, refuse_if_fatal
from stats.methods.types import Description
from stats.results import STUDY, Results, Row, as_kept
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

    side: the process that counts, if it was started; `beside` says whether one is started otherwise.
    """

    def __init__(self, study: Study, cache: Cache | None = None, allow_outside: bool = False, beside: bool = True,
                 side: Side | None = None):
        self.study, self.cache, self.allow_outside = study, cache or Cache(None), allow_outside
        self.inputs = manifest.inputs(study.folder, sources(study))
        code = "" if self.cache.folder is None else kept.key(manifest.code(CODE), manifest.versions(optional(study)))
        self._key = _key(study, code, allow_outside, self.inputs) if code else ""
        self._found = self.cache.get("results", study.short, self._key) if self._key else None
        self._work = _Work(study, allow_outside, self.cache, code)
        self._side: Side | None = None
        if self.held:
            if side:
                side.close()
        elif beside:
            self._side = side or start()
        if self._side:
            self._side.ask("read", study, allow_outside, self.cache.folder, code)
            for question in ("derive", *("piece" for _ in _pieces(study)), "rest"):
                self._side.ask(question)

    @property
    def held(self) -> bool:
        return self._found is not None

    def counted(
        self, progress: Callable[[str], None] = lambda stage: None, meanwhile: Callable[[Arriving], bool] = lambda so_far: False
    ) -> Counted:
        """The results, once they are there. Refused with everything that is wrong with the data, all at once per stage.

        meanwhile: does a piece of work with what is there so far, and says whether there was one.
        """
        if self._found is not None:
            progress(STAGES["read"])
            return _unpacked(self._found)
        answer = self._side.answer if self._side else None
        for stage, work in (("read", self._work.read), ("derive", self._work.derive)):
            progress(STAGES[stage])
            (answer or work)()
        progress(STAGES["count"])
        if self._side is None:
            counted = self._work.counted()
            value = _packed(counted) if self._key else {}
        else:
            counted, value = self._arrived(self._side, meanwhile)
            self.close()  # its memory is needed now
        # no cell of the data is kept, and nothing under the hash of a file that was replaced while it was read
        if self._key and not any(p.value for p in counted.problems) and self._read_as_hashed():
            self.cache.put(self._key, value)
        return counted

    def _arrived(self, side: Side, meanwhile: Callable[[Arriving], bool]) -> tuple[Counted, dict[str, Any]]:
        """What the process beside this one counts, piece by piece."""
        results = Arriving(later=[analysis.name for analysis in self.study.analyses.values() if analysis.family])
        rows: list[list[Any]] = []

        def answer() -> Any:
            while not side.ready() and meanwhile(results):
                pass
            return side.answer()

        for name in _pieces(self.study):
            piece = json.loads(answer())
            if piece is not None:
                results.add(kept.rows(piece), name)
                rows += piece
        (value, found, made, put), *portions = map(json.loads, answer())
        piece = [row for portion in portions for row in portion]
        results.end(kept.rows(piece))
        self.cache.add(found, made, put)
        value["rows"] = rows + piece
        return _unpacked(value, results), value

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
    """What is done with the patients' data, stage by stage."""

    def __init__(self, study: Study, allow_outside: bool, cache: Cache, code: str):
        self.study, self.allow_outside, self.cache, self.code = study, allow_outside, cache, code
        self.frames: Mapping[str, Any] = {}
        self.problems: list[Problem] = []
        self._rows: list[Row] = []
        self._shown: Callable[[Row], Row] | None = None  # how a row is told by itself, where it can be

    def read(self) -> None:
        load()
        if self.study.patients_at_once:
            return
        from stats import intake

        self.frames, problems = intake.load(self.study, allow_outside=self.allow_outside)
        refuse_if_fatal(problems)
        self.problems = list(problems)

    def derive(self) -> None:
        if self.study.patients_at_once:
            return
        from stats import derive, disclosure, run
        from stats.derive.step import bare
        from stats.intake.plausibility import plausible

        self.frames, met, self.ran = derive.derive_all(self.study, self.frames)
        self.problems += [*met, *plausible(self.study, self.frames)]
        refuse_if_fatal(self.problems)
        wanted = run.wanted(self.study)
        # the others have done their work
        self.frames = {name: bare(frame) for name, frame in self.frames.items() if name in wanted}
        self._shown = disclosure.by_itself(self.study)
        self._pieces = run.pieces(self.study, self.frames, self.cache, self.code)

    def piece(self) -> list[Row] | None:
        """The rows of the next analysis, told while others are still to come; None where what is told depends on those."""
        if self._shown is None:
            return None
        rows = next(self._pieces)
        self._rows += rows
        return [self._shown(as_kept(row)) for row in rows]

    def counted(self) -> Counted:
        """All, those rows too that were told already."""
        if self.study.patients_at_once:
            return _in_portions(self.study, self.allow_outside)
        from stats import derive, disclosure, estimable

        for rows in self._pieces:
            self._rows += rows
        results = disclosure.released(self.study, self.frames, Results(self._rows))
        known = derive.definitions()
        problems = [*disclosure.told(self.study, self.problems), *estimable.findings(results)]
        return Counted(results, tuple(problems), {key: known[key] for key in self.ran})


class Beside:
    """The same in a process of its own, which says what was counted as JSON texts, quicker to send than value by value: a text
    for each analysis, and for what comes last a text for so many rows, so that few values are texts at once.
    """

    def __init__(self) -> None:
        self.work: _Work
        self.told = 0  # rows

    def read(self, study: Study, allow_outside: bool, folder: Path | None, code: str) -> None:
        # the cache is one of its own, to say what was found there and what was put
        self.work = _Work(study, allow_outside, Cache(folder), code)
        self.work.read()

    def derive(self) -> None:
        self.work.derive()

    def piece(self) -> str:
        rows = self.work.piece()
        self.told += len(rows or ())
        return json.dumps(None if rows is None else kept.written(rows))

    def rest(self) -> list[str]:
        counted, cache = self.work.counted(), self.work.cache
        rows = kept.written(counted.results.rows[self.told :])
        portions = (rows[at : at + PORTION] for at in range(0, len(rows), PORTION))
        about = [_told(counted), cache.found, cache.made, list(map(str, cache.put_now))]
        return list(map(json.dumps, (about, *portions)))


def _packed(counted: Counted) -> dict[str, Any]:
    return {"rows": kept.written(counted.results.rows), **_told(counted)}


def _told(counted: Counted) -> dict[str, Any]:
    """What was counted, but for the rows."""
    return {"problems": [asdict(p) for p in counted.problems],
            "definitions": {name: asdict(one) for name, one in counted.definitions.items()}}


def _unpacked(value: Mapping[str, Any], results: Results | None = None) -> Counted:
    """results: those of the rows, if they were made already."""
    return Counted(Results(kept.rows(value["rows"]), kept=True) if results is None else results,
                   tuple(Problem(**fields) for fields in value["problems"]),
                   {name: Description(**fields) for name, fields in value["definitions"].items()})


def _pieces(study: Study) -> list[str]:
    """What rows are told of one after the other (stats.run.pieces), but for what is counted over all analyses."""
    return [STUDY, *study.analyses]


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
