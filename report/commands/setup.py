"""Make the environment: .venv beside build_report.py, from the lock file.

Standard library only: this runs before anything is installed. It uses uv where that is on PATH, otherwise pip; every
package is checked against the hash in the lock file. Its last step leaves a copy of the lock file in .venv, so
that the next start knows by one comparison that nothing is to be done, and a set-up cut short starts again.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from report import pango
from report.output import MachineFailed

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def run(arguments: list[str]) -> int:
    """Install requirements.lock (or, with --test, requirements-test.lock), and Pango where that is ours to do."""
    parser = argparse.ArgumentParser(prog="build_report.py setup", description="Make .venv from the lock file.")
    parser.add_argument("--test", action="store_true", help="also what the tests need")
    test = parser.parse_args(arguments).test
    lock = ROOT / ("requirements-test.lock" if test else "requirements.lock")
    try:
        VENV.mkdir(exist_ok=True)
        with open(VENV / ".set-up", "w", encoding="utf-8") as handle:  # not .lock: that one is uv's own
            fcntl.flock(handle, fcntl.LOCK_EX)  # a second set-up waits, and then finds everything done
            if not _done(lock):
                tool = shutil.which("uv")
                name = "uv" if tool else "pip"
                print(f"Setting up .venv from {lock.name} with {name}; this happens once and takes a minute.",
                      file=sys.stderr, flush=True)
                if not (tool and _with_uv(tool, lock)):
                    _with_pip(lock)
                # our own modules like everybody else's, also where Python is told to leave no compiled ones behind
                _call([str(PYTHON), "-m", "compileall", "-q", str(ROOT / "report"), str(ROOT / "stats")])
                _stamp(lock)
    except OSError as error:
        raise MachineFailed.because(error, VENV) from error
    problem = pango.ensure()
    if problem:
        print(problem, file=sys.stderr)
    return 0


def _done(lock: Path) -> bool:
    copy = VENV / lock.name
    return PYTHON.exists() and copy.exists() and copy.read_bytes() == lock.read_bytes()


def _stamp(lock: Path) -> None:
    """Say what is installed now. requirements-test.lock holds all of requirements.lock, so it stands for both."""
    wanted = ("requirements.lock", "requirements-test.lock") if "test" in lock.name else ("requirements.lock",)
    for name in ("requirements.lock", "requirements-test.lock"):
        (VENV / name).unlink(missing_ok=True)
    for name in wanted:
        shutil.copyfile(ROOT / name, VENV / (name + ".part"))
        os.replace(VENV / (name + ".part"), VENV / name)


def _with_uv(tool: str, lock: Path) -> bool:
    """False when uv can't do it (a shim without a program behind it, a broken cache): then pip has a try."""
    quiet = {**os.environ, "UV_LINK_MODE": "copy"}
    steps = [[tool, "venv", "--quiet", "--allow-existing", "--python", _base(), str(VENV)],
             [tool, "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", "--compile-bytecode",
              "--requirement", str(lock)]]
    return all(_call(step, quiet)[0] for step in steps)


def _with_pip(lock: Path) -> None:
    worked, said = _call([_base(), "-m", "venv", str(VENV)])
    if not worked and os.geteuid() == 0 and pango.apt_install("python3-venv"):  # Debian keeps it apart
        worked, said = _call([_base(), "-m", "venv", str(VENV)])
    if not worked:
        raise MachineFailed(f"Python can't make an environment: {said}", VENV,
                            "On Debian and Ubuntu: sudo apt-get install python3-venv. Then run this again")
    worked, said = _call([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
                          "--require-hashes", "--compile", "--requirement", str(lock)])
    if not worked:
        raise MachineFailed(f"The dependencies could not be installed: {said}", VENV,
                            "Check the network (or the proxy) and run this again; finished parts are kept")


def _base() -> str:
    """The interpreter behind this one, in case this one belongs to the .venv that is being remade."""
    return getattr(sys, "_base_executable", "") or sys.executable


def _call(words: list[str], environment: dict[str, str] | None = None) -> tuple[bool, str]:
    """Run one program; whether it worked, and the last lines it said."""
    try:
        done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    except OSError as error:
        return False, str(error)
    said = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return done.returncode == 0, " / ".join(said[-3:])
