"""One whole build in this process, and in no other, timed step by step: `python -m benchmarks.steps STUDY OUT [FORMATS]`, JSON.

Steps nest, and each is charged only what the steps inside it are not: the sum is the whole build.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

# module, function, and the name of the step (a function of its arguments where several have one function)
STEPS: tuple[tuple[str, str, str | Callable[..., str]], ...] = (
    ("stats.intake.load", "_read", lambda source, *rest: f"intake: read {source.frame.name}"),
    ("stats.intake.privacy", "scan", "intake: privacy"),
    ("stats.intake.schema", "typed", "intake: types"),
    ("stats.intake.joins", "ids", "intake: identifiers"),
    ("stats.intake.load", "_everybody", "intake: identifiers"),
    ("stats.intake.joins", "days", "intake: days"),
    ("stats.intake.codes", "check", "intake: codes"),
    ("stats.intake.load", "_frame", "intake: frames"),
    *(
        (f"stats.derive.{name}", "derive", f"derive: {name}")
        for name in ("columns", "times", "response", "outcomes", "toxicity", "kinetics")
    ),
    *(
        (f"stats.intake.{name}", "check", f"check: {name.replace('_', ' ')}")
        for name in ("chronology", "lifetimes", "survival_logic", "magnitudes", "outliers", "agreement", "contradictions")
    ),
    ("stats.run", "one", lambda study, analysis, *rest: f"analysis: {analysis.kind} ({analysis.name})"),
    ("stats.estimable", "findings", "estimable"),
    ("stats.results", "Results.__init__", "results: addresses"),
    ("stats.results", "Results.csv", "results: csv"),
    ("stats.results", "Results.json", "results: json"),
    ("report.canvas", "Drawing.__getitem__", lambda drawing, form: f"draw: {drawing.salt}"),
    ("report.assemble", "page_of", "text: assemble"),
    ("report.manifest", "inputs", "manifest: hash"),
)


class Clock:
    """Seconds of cpu by step; a step inside another stops the outer one's clock. `peak` is the largest memory seen."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.peak: dict[str, float] = {}
        self.counted = 0.0
        self._running: list[str] = ["rest"]
        self._since = time.process_time()

    def switch(self, push: str = "") -> None:
        now = time.process_time()
        step = self._running[-1]
        self.spent[step] += now - self._since
        self.peak[step] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self._since = now
        if push:
            self._running.append(push)
        elif len(self._running) > 1:
            self._running.pop()

    def wrap(self, function: Callable[..., Any], name: str | Callable[..., str]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            self.switch(name if isinstance(name, str) else name(*args, **kwargs))
            try:
                return function(*args, **kwargs)
            finally:
                self.switch()

        return timed


def install(clock: Clock) -> None:
    """Put the clock around every step, in the module that defines it and wherever its name was imported to."""
    importlib.import_module("report.build")
    for module_name, path, name in STEPS:
        owner: Any = importlib.import_module(module_name)
        *outer, attribute = path.split(".")
        for part in outer:
            owner = getattr(owner, part)
        original = getattr(owner, attribute)
        timed = clock.wrap(original, name)
        setattr(owner, attribute, timed)
        for module in [module for key, module in sys.modules.items() if key.split(".")[0] in ("report", "stats")]:
            for there in [there for there, value in vars(module).items() if value is original]:
                setattr(module, there, timed)


def _counted(clock: Clock) -> None:
    """Cpu up to the results, whatever its steps."""
    from report.counting import Counting

    original = Counting.counted

    def timed(*args: Any, **kwargs: Any) -> Any:
        before = time.process_time()
        made = original(*args, **kwargs)
        clock.counted += time.process_time() - before
        return made

    setattr(Counting, "counted", timed)  # noqa: B010 - a method, for mypy too


def main(argv: list[str]) -> int:
    study, out, *formats = argv
    started = time.perf_counter()
    clock = Clock()
    install(clock)
    _counted(clock)
    os.cpu_count = lambda: 1  # what else would be done beside it is done here, under the clock
    from report.commands import build

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = build.run([study, "--out", out, "--quiet", "--formats", formats[0] if formats else "html"])
    clock.switch()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "exit": code,
                "wall": time.perf_counter() - started,
                "cpu": time.process_time() + children.ru_utime + children.ru_stime,
                "peak": max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, children.ru_maxrss) / 1024,
                "counted": clock.counted,
                "steps": dict(clock.spent),
                "memory": clock.peak,
            }
        )
    )
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
