"""From a bare interpreter to a running command: what is installed, when, and what is said about it."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import build_report
from report.commands import setup
from report.output import MachineFailed

ROOT = Path(build_report.ROOT)
ALONE = ["build_report.py", "report/__init__.py", "report/output.py", "report/manifest.py", "report/pango.py",
         "report/commands/__init__.py", "report/commands/setup.py", "stats/__init__.py", "stats/findings.py"]
MODULES = {"python-docx": "docx", "pytest-xdist": "xdist", "pyyaml": "yaml", "check-jsonschema": "check_jsonschema"}


def pins(name: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9._-]+)==([^ ]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def wanted(part: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["dependencies"] if part == "" else project["optional-dependencies"][part]


def plain(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", requirement).group().lower()


# ── the lock files ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_a_lock_holds_hashes_and_no_addresses(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z])", text.strip())
    assert len(entries) > 30
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_test_lock_holds_all_of_the_other():
    """So that an environment made for the tests builds reports too, with the very same versions."""
    assert pins("requirements.lock").items() <= pins("requirements-test.lock").items()


def test_everything_declared_is_locked_and_looked_for():
    for part, lock, looked_for in (("", "requirements.lock", build_report.NEEDED),
                                   ("test", "requirements-test.lock", build_report.NEEDED_TO_TEST)):
        for name in map(plain, wanted(part)):
            assert name in pins(lock), name
            if name not in ("pandas-stubs", "jsonschema"):  # types only; comes with check-jsonschema
                assert MODULES.get(name, name) in build_report.NEEDED + looked_for, name


def test_what_few_studies_need_is_not_in_everybodys_lock():
    """An optional library would slow every start; it is pinned for the tests."""
    assert "duckdb" not in pins("requirements.lock")
    assert "duckdb" in pins("requirements-test.lock")


# ── finding the command ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def house(tmp_path):
    """A checkout with the little that starting needs, and a command that says where it runs."""
    place = tmp_path / "check out é"
    for name in ALONE:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place / name)
    (place / "report/commands/build.py").write_text(
        '"""Build a report."""\nimport sys\n\n\ndef run(arguments):\n'
        '    print("built", *arguments, "in", sys.prefix, "with", len(sys.modules), "modules")\n    return 0\n')
    (place / "requirements.lock").write_text("small==1\n")
    (place / "requirements-test.lock").write_text("small==1\nprobe==2\n")
    return place


def start(house: Path, *words: str, path: str = "", flags: tuple[str, ...] = ("-S", "-E"), **environment: str):
    """Run build_report.py with an interpreter that has no packages (-S), and only `path` to find programs on."""
    told = {"PATH": path, "HOME": str(house), "LANG": "C.UTF-8", **environment}
    return subprocess.run([sys._base_executable, *flags, str(house / "build_report.py"), *words], env=told, cwd=house,
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_help_needs_nothing_and_lists_each_command(house):
    done = start(house, "-h")
    assert (done.returncode, done.stderr) == (0, "")
    for line in ("build      Build a report.", "setup      Make the environment", "test       Run the tests"):
        assert line in done.stdout
    assert not (house / ".venv").exists()


def test_a_mistyped_command_is_told_the_nearest(house):
    done = start(house, "biuld")
    assert done.returncode == 2
    assert "did you mean 'build'?" in done.stderr
    assert not (house / ".venv").exists()


def test_no_setup_refuses_and_touches_nothing(house):
    done = start(house, "--no-setup")
    assert done.returncode == 3
    assert "--no-setup" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (house / ".venv").exists()


def test_an_old_python_is_named(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    assert build_report.main([]) == 3
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


# ── setting up ──────────────────────────────────────────────────────────────────────────────────────────────────


def program(place: Path, name: str, script: str) -> str:
    """A stand-in for a program, on a PATH of its own."""
    place.mkdir(exist_ok=True)
    file = place / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(place)


@pytest.fixture
def uv(tmp_path):
    """A uv that makes a real, empty environment and writes down what it was asked to install."""
    return program(tmp_path / "bin", "uv", f'''
for last; do :; done
case "$1" in
  venv) exec "{sys._base_executable}" -m venv --without-pip "$last" ;;
  pip) echo "$*" >> "{tmp_path}/asked" ;;
esac''')


def asked(tmp_path: Path) -> list[str]:
    return (tmp_path / "asked").read_text().splitlines()


def test_sets_up_once_says_so_in_one_line_and_runs_there(house, uv, tmp_path):
    first = start(house, "--out", "x", path=uv, flags=("-S", "-E", "-B"))
    assert first.returncode == 0, first.stderr
    said = [line for line in first.stderr.splitlines() if "Pango" not in line]
    assert len(said) == 1
    assert "requirements.lock with uv" in said[0]
    assert f"built --out x in {house / '.venv'}" in first.stdout
    words, = asked(tmp_path)
    assert "--require-hashes" in words
    assert "--compile-bytecode" in words

    assert list(house.glob("report/__pycache__/manifest.*.pyc"))
    assert list(house.glob("stats/__pycache__/findings.*.pyc"))

    second = start(house, path=uv)
    assert (second.returncode, second.stderr) == (0, "")
    assert len(asked(tmp_path)) == 1


def test_a_changed_lock_is_installed_again(house, uv, tmp_path):
    start(house, path=uv)
    (house / "requirements.lock").write_text("small==2\n")
    again = start(house, path=uv)
    assert again.returncode == 0
    assert len(asked(tmp_path)) == 2
    inside = subprocess.run([house / ".venv/bin/python", house / "build_report.py"], capture_output=True, text=True,
                            check=False, env={"PATH": uv})
    assert "built" in inside.stdout
    assert len(asked(tmp_path)) == 2


def test_a_set_up_cut_short_starts_again(house, uv, tmp_path):
    start(house, path=uv)
    (house / ".venv/requirements.lock").unlink()  # what a kill before the last step leaves
    assert start(house, path=uv).returncode == 0
    assert len(asked(tmp_path)) == 2


def test_the_test_environment_serves_the_build_too(house, uv, tmp_path):
    done = start(house, "setup", "--test", path=uv)
    assert done.returncode == 0, done.stderr
    assert "requirements-test.lock" in asked(tmp_path)[0]
    assert start(house, path=uv).returncode == 0
    assert len(asked(tmp_path)) == 1


@pytest.fixture
def pretend(tmp_path, monkeypatch):
    """The set-up with programs that only pretend: `fails` says which of them fail, how often."""
    fails: dict[str, int] = {}
    asked: list[str] = []

    def call(words, environment=None):
        name = "uv" if words[0] == "/bin/uv" else words[words.index("-m") + 1]
        asked.append(name)
        fails[name] = fails.get(name, 0) - 1
        return fails[name] < 0, f"{name} says no"

    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup.shutil, "which", lambda name: "/bin/uv")
    monkeypatch.setattr(setup.os, "geteuid", lambda: 0)
    monkeypatch.setattr(setup, "_call", call)
    monkeypatch.setattr(setup.pango, "ensure", lambda: "")
    monkeypatch.setattr(setup.pango, "apt_install", lambda *names: bool(asked.append(f"apt {names[0]}")) or True)
    return fails, asked, tmp_path / ".venv" / "requirements.lock"


def test_a_uv_that_fails_gives_way_to_pip(pretend):
    fails, asked, stamp = pretend
    fails["uv"] = 1
    assert setup.run([]) == 0
    assert asked == ["uv", "venv", "pip", "compileall"]
    assert stamp.read_bytes() == (ROOT / "requirements.lock").read_bytes()


def test_debians_missing_venv_is_installed_where_that_is_allowed(pretend):
    fails, asked, _ = pretend
    fails |= {"uv": 1, "venv": 1}
    assert setup.run([]) == 0
    assert asked == ["uv", "venv", "apt python3-venv", "venv", "pip", "compileall"]


@pytest.mark.parametrize(("broken", "said"),
                         [("venv", "sudo apt-get install python3-venv"), ("pip", "Check the network")])
def test_a_set_up_that_fails_says_why_and_leaves_no_stamp(pretend, broken, said):
    fails, _, stamp = pretend
    fails |= {"uv": 9, broken: 9}
    with pytest.raises(MachineFailed, match=f"{broken} says no.*{said}"):
        setup.run([])
    assert not stamp.exists()


def test_a_second_set_up_waits_for_the_first(house, tmp_path):
    slow = program(tmp_path / "bin", "uv", f'''
for last; do :; done
case "$1" in
  venv) exec "{sys._base_executable}" -m venv --without-pip "$last" ;;
  pip) /bin/sleep 0.5; echo pip >> "{tmp_path}/asked" ;;
esac''')
    told = {"PATH": slow, "HOME": str(house)}
    both = [subprocess.Popen([sys._base_executable, "-S", "-E", house / "build_report.py"], env=told,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert asked(tmp_path) == ["pip"]


def test_an_interpreter_that_never_finds_its_packages_ends_with_a_sentence(house, uv):
    start(house, path=uv)
    (house / ".venv/bin/python").unlink()
    (house / ".venv/bin/python").symlink_to(sys._base_executable)
    (house / ".venv/pyvenv.cfg").unlink()  # now it starts as if it were the system's
    done = start(house, path=uv, flags=("-S",))
    assert done.returncode == 3
    assert "doesn't find its own packages" in done.stderr


def test_starting_imports_next_to_nothing(house, uv):
    """What stands between the interpreter and the command is paid on every build, also on one with nothing to do."""
    start(house, path=uv)
    python = house / ".venv/bin/python"
    count_modules = [python, "-c", "import sys; print(len(sys.modules))"]
    bare = subprocess.run(count_modules, capture_output=True, text=True, check=True)
    done = start(house, path=uv)
    count = int(re.search(r"with (\d+) modules", done.stdout).group(1))
    assert count - int(bare.stdout) <= 9


# ── when a command fails ────────────────────────────────────────────────────────────────────────────────────────

FAULTS = {
    "refused": ("from stats.findings import Problem, Refused\n    raise Refused([Problem('E_TEST', 'no such level', "
                "'a.csv', 3, 'arm', value='secret')])", 2, "E_TEST a.csv:3:arm: no such level"),
    "machine": ("from report.output import MachineFailed\n    raise MachineFailed('No room', '/x', 'Free some')", 3,
                "No room (/x). Free some."),
    "disk": ("raise OSError(28, 'No space left on device', 'out/a')", 3, "No space left on device (out/a). Free some"),
    "bug": ("raise KeyError('secret')", 3, "a fault of the program, not of your data: KeyError at build.py:"),
    "memory": ("raise MemoryError", 3, "out of memory"),
    "memory for a library": ("raise ImportError('x.so: failed to map segment from shared object')", 3, "out of memory"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_line_with_its_code_and_no_value(house, uv, fault):
    script, code, said = FAULTS[fault]
    (house / "report/commands/build.py").write_text(f'"""Build."""\n\n\ndef run(arguments):\n    {script}\n')
    start(house, "setup", path=uv)
    done = start(house, path=uv)
    assert done.returncode == code
    assert said in done.stderr
    assert "secret" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" in start(house, "--debug", path=uv).stderr


def test_the_exit_code_and_the_last_line_survive_the_quick_end(house, uv):
    (house / "report/commands/build.py").write_text(
        '"""Build."""\n\n\ndef run(arguments):\n    print("last line", end="")\n    return 4\n')
    done = start(house, path=uv)
    assert (done.returncode, done.stdout) == (4, "last line")


def test_sums_are_made_on_one_thread(house, uv):
    (house / "report/commands/build.py").write_text(
        '"""Build."""\nimport os\n\n\n'
        'def run(arguments):\n    print(os.environ["OPENBLAS_NUM_THREADS"])\n    return 0\n')
    assert start(house, path=uv, OPENBLAS_NUM_THREADS="8").stdout == "1\n"


# ── CI ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ci_runs_the_readmes_commands_and_can_be_run():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text(encoding="utf-8")
    assert text.index("build_report.py test") < text.index("python3 build_report.py\n")
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


@pytest.mark.parametrize(("tests", "build", "certified", "code"), [
    (0, 0, 0, 0), (1, 0, 0, 1), (0, 3, 0, 3), (1, 3, 5, 1), (0, 0, 5, 5),
])
def test_ci_installs_what_is_missing_runs_all_and_ends_with_the_tests_last_line(tmp_path, tests, build, certified, code):
    """With stand-ins for every program it starts: nothing is installed, so all is asked for, and asked for once. R is asked
    about every study, and a number of one that differs is a failure."""
    (tmp_path / ".ci").mkdir()
    for name in ("one", "two"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "study.toml").touch()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    note = f'echo "$(basename "$0") $*" >> "{tmp_path}/asked"'
    path = program(tmp_path / "bin", "dpkg-query", "exit 1")
    program(tmp_path / "bin", "apt-get", note)
    program(tmp_path / "bin", "sudo", 'shift; exec "$@"')
    program(tmp_path / "bin", "python3", f'''{note}
case "$2" in
  test) echo "3 passed, 1 skipped in 0.21s"; echo "All checks passed!"; exit {tests} ;;
  data/one) exit {certified} ;;
  data/two) exit 0 ;;
  *) echo "Built build/cart"; exit {build} ;;
esac''')
    done = subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False, cwd="/",
                          env={"PATH": f"{path}:/usr/bin:/bin"})
    assert done.returncode == code, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-2:] == ["Built build/cart", "3 passed, 1 skipped in 0.21s"]
    update, install, *commands = asked(tmp_path)
    assert update == "apt-get update -qq"
    assert "libpango-1.0-0" in install
    assert "poppler-utils" in install
    assert commands[:2] == ["python3 build_report.py test", "python3 build_report.py"]
    certify = "python3 build_report.py data/{0} --certify --formats html --out build/certified/{0}"
    assert commands[2:] == [certify.format("one"), certify.format("two")]
