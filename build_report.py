#!/usr/bin/env python3
"""A study's results section, computed from its data.

    study.toml ──► Study ───────────────────────────────────────────────┐
    data files ──► intake ──► derive ──► frames                          │
                                            ▼                            ▼
                     stats/analyses ──► rows ──► Results ──► Style ──► tables, figures, prose
                                             (results.csv)               ▼
                                                   report/assemble ──► HTML ──► PDF, Word

The first word names a command: one file in report/commands, one verb ``run(arguments) -> exit code``. Without
such a word it is ``build``. Only that command is imported. Where the dependencies are missing, ``setup`` makes
``.venv`` beside this file and the command starts again inside it.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False  # as in typing, whose import takes time
if TYPE_CHECKING:
    from typing import TextIO

ROOT = os.path.dirname(os.path.realpath(__file__))
COMMANDS = os.path.join(ROOT, "report", "commands")
VENV = os.path.join(ROOT, ".venv")
STARTED = "RESULTWRIGHT_STARTED"  # set for the moment in which the command starts again inside .venv
NEEDED = ("docx", "jinja2", "lifelines", "matplotlib", "numpy", "openpyxl", "pandas", "pyarrow", "pyreadstat",
          "scipy", "tableone", "weasyprint")
NEEDED_TO_TEST = ("check_jsonschema", "duckdb", "hypothesis", "mypy", "pdfplumber", "pikepdf", "pypdf", "pytest", "ruff",
                  "xdist", "yaml")


def main(argv: list[str]) -> int:
    """Find the command, make sure that its dependencies are there, run it; returns the exit code (see explain)."""
    if sys.version_info < (3, 11):  # noqa: UP036  # whoever starts this with an older one should read a sentence
        return stop(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]} ({sys.executable}).")
    if os.name == "nt":
        return stop("On Windows, run this inside WSL (in a terminal: wsl --install, then start Ubuntu).")
    for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"  # sums in one order, so equal bytes everywhere; and a quicker start
    gc.set_threshold(100_000, 50, 50)  # a build makes many objects that live to its end: looked through seldom
    arguments = [word for word in argv if word != "--no-setup"]
    first = arguments[0] if arguments else "build"
    if first in ("-h", "--help", "help"):
        print(overview())
        return 0
    if first in commands():
        command, arguments = first, arguments[1:]
    elif first.startswith("-") or os.path.exists(first) or os.sep in first:
        command = "build"
    else:
        return stop(f"{first!r} is neither a command nor a study folder{nearest(first)}. -h lists the commands.", 2)
    try:
        if command != "setup" and not ready(command):
            return start_again(command, argv)
        os.environ.pop(STARTED, None)
        if command == "test":
            return test(arguments)
        from importlib import import_module
        return import_module(f"report.commands.{command}").run(arguments)
    except KeyboardInterrupt as stopped:
        return stop("\nStopped. Nothing finished before was changed.", getattr(stopped, "code", 130))
    except Exception as error:
        return explain(error, argv)


def commands() -> list[str]:
    """Every word that may come first: the files in report/commands, and test."""
    return sorted(["test", *(name[:-3] for name in os.listdir(COMMANDS) if name[0].isalpha() and name.endswith(".py"))])


def test(arguments: list[str]) -> int:
    """Run the tests on two processes, the linter and the type checker; with arguments, pytest alone with them."""
    from subprocess import call
    steps = [["pytest", "-n", "2", *arguments]] + ([] if arguments else [["ruff", "check", "."], ["mypy"]])
    codes = [call([sys.executable, "-m", *step], cwd=ROOT) for step in steps]
    return next((code for code in codes if code), 0)


def ready(command: str) -> bool:
    """Does this interpreter have what the command needs? In our own .venv the copy of the lock file answers."""
    if os.path.realpath(sys.prefix) == os.path.realpath(VENV) and os.path.exists(stamp("build")):
        return installed(command)
    from importlib.util import find_spec
    return all(map(find_spec, NEEDED + (NEEDED_TO_TEST if command == "test" else ())))


def lock(command: str) -> str:
    return os.path.join(ROOT, "requirements-test.lock" if command == "test" else "requirements.lock")


def stamp(command: str) -> str:
    return os.path.join(VENV, os.path.basename(lock(command)))


def installed(command: str) -> bool:
    """Was exactly this lock file installed? Set-up leaves a copy of it in .venv as its last step."""
    try:
        with open(lock(command), "rb") as wanted, open(stamp(command), "rb") as present:
            return wanted.read() == present.read()
    except OSError:
        return False


def start_again(command: str, argv: list[str]) -> int:
    """Run the same words inside .venv, made first where it is missing or out of date."""
    python = os.path.join(VENV, "bin", "python")
    if not (installed(command) and os.path.exists(python)):
        if "--no-setup" in argv:
            return stop("Dependencies are missing and --no-setup forbids to install them. Run "
                        "`python build_report.py setup`, or install requirements.lock in an environment of your own.")
        from report.commands import setup
        setup.run(["--test"] if command == "test" else [])
    if os.environ.get(STARTED):  # no second time: better a sentence than a circle
        return stop(f"{python} doesn't find its own packages. Remove the folder .venv, unset PYTHONHOME, try again.")
    os.environ[STARTED] = "1"
    sys.stdout.flush()
    sys.stderr.flush()
    return os.execv(python, [python, os.path.join(ROOT, "build_report.py"), *argv])


def explain(error: Exception, argv: list[str]) -> int:
    """Say in plain words what went wrong, quoting no cell: 2 the study or its data, 3 the machine or the program."""
    if "--debug" in argv:
        import traceback
        traceback.print_exc()
    from report.output import Fault, MachineFailed, no_room
    from stats.findings import Refused, shown
    if isinstance(error, Refused):
        return stop("\n".join(shown(error.problems, "--show-values" in argv)), 2)
    if isinstance(error, MachineFailed):
        return stop(str(error))
    if isinstance(error, OSError):
        return stop(str(MachineFailed.because(error)))
    if no_room(error):
        return stop("The machine ran out of memory. Nothing was written.")
    return stop(f"This is a fault of the program, not of your data: {Fault.of(error)}. "
                "Nothing was written. --debug shows all of it (it may quote cells of your data).")


def terminated(number: int, frame: object) -> None:
    """The handler of SIGTERM, which takes the way of Ctrl-C: what was begun is put away, what runs beside ends."""
    from report.stopped import Terminated
    raise Terminated


def stop(message: str, code: int = 3) -> int:
    print(message, file=sys.stderr)
    return code


def nearest(word: str) -> str:
    from difflib import get_close_matches
    close = get_close_matches(word, commands(), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def overview() -> str:
    """The commands, each with the first line of its file."""
    lines = ["usage: python build_report.py [COMMAND] [STUDY] [options]", "",
             "STUDY is a folder with study.toml; without it, data/cart. Without COMMAND: build.", ""]
    for name in commands():
        line = "Run the tests, the linter and the type checker."
        if name != "test":
            with open(os.path.join(COMMANDS, name + ".py"), encoding="utf-8") as file:
                line = file.readline().strip().strip('"')
        lines.append(f"  {name:<10} {line}")
    return "\n".join([*lines, "", "COMMAND -h shows a command's own options. --no-setup: never install anything."])


class Unheard:
    """Standard output or error that outlives its reader (``| head``): the work goes on in silence."""

    def __init__(self, stream: TextIO | None):
        self.stream = stream or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # open to the end

    def write(self, text: str) -> int:
        try:
            return self.stream.write(text)
        except BrokenPipeError:
            self.hush()
            return len(text)

    def flush(self) -> None:
        try:
            self.stream.flush()
        except BrokenPipeError:
            self.hush()

    def hush(self) -> None:
        """From here on everything goes nowhere, what still waits in the buffer too."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


if __name__ == "__main__":
    for name in ("stdout", "stderr"):
        setattr(sys, name, Unheard(getattr(sys, name)))
    from _signal import SIGTERM, signal  # without the enumerations of the module signal, which take time to make
    signal(SIGTERM, terminated)
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the interpreter's own teardown of scipy and matplotlib takes longer than the build's tables
