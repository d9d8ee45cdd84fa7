"""A report's folder is whole at every moment: the last one, or the new one."""

import importlib.metadata
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest

from report import manifest, output
from report.manifest import complete, faults
from report.output import MachineFailed, Output
from stats.findings import Refused

OLD = {"report.html": "<p>old</p>", "figures/one.svg": "<svg/>"}
NEW = {"report.html": "<p>new</p>", "figures/two.svg": "<svg>2</svg>", "report.pdf": b"%PDF-1.7"}


def build(folder: Path, files: dict, **about) -> None:
    with Output(folder, about) as out:
        for name, content in files.items():
            out.write(name, content)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def in_child(task) -> int:
    """Run task in a forked child; its exit status (negative: the signal that ended it)."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = task() or 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# ── what is written ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_folder_holds_the_files_and_a_manifest_of_them(tmp_path):
    folder = tmp_path / "build" / "study"
    build(folder, NEW, inputs={"study.toml": "ab"})
    assert files(folder) == {*NEW, "manifest.json"}
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert said["about"] == {"inputs": {"study.toml": "ab"}}
    assert said["files"]["report.pdf"] == {"sha256": sha256(b"%PDF-1.7").hexdigest(), "size": 8}
    assert complete(folder) == said
    assert sorted(path.name for path in folder.parent.iterdir()) == ["study"]  # nothing hidden stays behind


def test_equal_content_makes_equal_bytes_without_dates_or_paths(tmp_path):
    for name in ("a", "b c é"):
        build(tmp_path / name / "out", dict(reversed(NEW.items())) if name == "a" else NEW, code="1")
    one, two = ((tmp_path / name / "out" / "manifest.json").read_bytes() for name in ("a", "b c é"))
    assert one == two
    assert str(tmp_path).encode() not in one
    assert not re.search(rb"20\d\d-\d\d", one)


def test_a_new_report_replaces_the_old_and_what_it_no_longer_has(tmp_path):
    build(tmp_path / "out", OLD)
    build(tmp_path / "out", NEW)
    assert files(tmp_path / "out") == {*NEW, "manifest.json"}


def test_a_persons_own_notes_are_carried_over(tmp_path):
    folder = tmp_path / "out"
    build(folder, OLD)
    (folder / "figures" / "notes.txt").write_text("ask about figure 1")
    build(folder, NEW)
    assert (folder / "figures" / "notes.txt").read_text() == "ask about figure 1"
    assert "notes.txt" not in (folder / "manifest.json").read_text()
    assert complete(folder)


def test_a_volatile_file_is_named_without_a_hash_and_does_not_outlive_its_report(tmp_path):
    folder = tmp_path / "out"
    with Output(folder) as out:
        out.write("run.json", "{}", volatile=True)
    said = complete(folder)
    assert said is not None
    assert (said["files"], said["volatile"]) == ({}, ["run.json"])
    build(folder, OLD)
    assert "run.json" not in files(folder)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "manifest.json"])
def test_names_stay_inside(tmp_path, name):
    with pytest.raises(ValueError, match="can't be the name"), Output(tmp_path / "out") as out:
        out.write(name, "x")
    assert not (tmp_path / "out").exists()


def test_a_name_twice_is_a_mistake(tmp_path):
    with Output(tmp_path / "out") as out:
        out.write("a.txt", "x")
        with pytest.raises(ValueError, match=r"a\.txt"):
            out.write("a.txt", "y")


def test_the_root_of_a_disk_is_no_report():
    with pytest.raises(MachineFailed, match="root of a disk"):
        Output("/")


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    build(tmp_path / "link", NEW)
    assert (tmp_path / "link").is_symlink()
    assert complete(tmp_path / "real")


# ── when something fails ────────────────────────────────────────────────────────────────────────────────────────


def test_an_error_leaves_the_old_report_and_nothing_else(tmp_path):
    build(tmp_path / "out", OLD)
    before = (tmp_path / "out").stat().st_ino
    with pytest.raises(TypeError), Output(tmp_path / "out") as out:
        out.write("report.html", None)
    assert (tmp_path / "out").stat().st_ino == before
    assert files(tmp_path / "out") == {*OLD, "manifest.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def kill_at(moment: int, folder: Path, whole_swap: bool) -> int:
    """Build NEW in a child that kills itself at the moment-th thing it asks of the system."""
    def task():
        if not whole_swap:
            output._exchange = lambda one, other: False
        left = moment

        def hook(event, arguments):
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        import ctypes  # noqa: F401  # imported here, so that the moments counted are those of writing
        sys.addaudithook(hook)
        build(folder, NEW)

    return in_child(task)


@pytest.mark.parametrize("whole_swap", [True, False], ids=["one-step", "two-renames"])
def test_a_kill_at_any_moment_leaves_one_whole_report(tmp_path, monkeypatch, whole_swap):
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # matters when the power fails, not when a process does
    folder = tmp_path / "out"
    build(folder, OLD)
    old, seen, moment = complete(folder), set(), 0
    while True:
        moment += 1
        ended = kill_at(moment, folder, whole_swap)
        # without the one-step swap the old report has another name for an instant; the next start mends that
        place = folder if whole_swap or folder.exists() else tmp_path / ".out.resultwright-old"
        now = complete(place)
        assert now is not None, moment
        seen.add("old" if now == old else "new")
        if now != old:
            assert set(now["files"]) == set(NEW)
        build(folder, OLD)  # the next build finds its way, whatever was left behind
        assert [path.name for path in tmp_path.iterdir()] == ["out"], moment
        assert complete(folder) == old
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    assert seen == {"old", "new"}
    assert moment > 40


def test_a_failed_second_rename_brings_the_old_report_back(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    build(folder, OLD)
    monkeypatch.setattr(output, "_exchange", lambda one, other: False)
    real = Path.rename

    def rename(self, target):
        if self.name.endswith("-new"):
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(MachineFailed, match="another disk"):
        build(folder, NEW)
    assert files(folder) == {*OLD, "manifest.json"}


def test_a_full_disk_is_the_machines_fault_and_says_what_to_do(tmp_path):
    build(tmp_path / "out", OLD)

    def task():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            build(tmp_path / "out", {"small.txt": "x", "report.html": "x" * 20_000})
        except MachineFailed as failed:
            (tmp_path / "said").write_text(str(failed))
            return 3
        return 0

    assert in_child(task) == 3
    said = (tmp_path / "said").read_text()
    assert "out/report.html" in said
    assert "ulimit -f" in said
    assert files(tmp_path / "out") == {*OLD, "manifest.json"}
    assert complete(tmp_path / "out")


def test_too_little_room_is_said_before_anything_is_computed(tmp_path, monkeypatch):
    monkeypatch.setattr(output, "ROOM", 1 << 62)
    with pytest.raises(MachineFailed, match=r"less than 64 MB.*--out"), Output(tmp_path / "out"):
        pytest.fail("the block must not start")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_a_folder_that_may_not_be_written_is_named():
    place = Path(tempfile.mkdtemp())
    try:
        place.chmod(0o755)

        def task():
            os.setgid(65534)
            os.setuid(65534)
            try:
                build(place / "out", NEW)
            except MachineFailed as failed:
                return 3 if str(place) in str(failed) and "--out" in str(failed) else 1
            return 0

        assert in_child(task) == 3
        assert list(place.iterdir()) == []
    finally:
        shutil.rmtree(place)


def test_a_folder_with_other_things_in_it_is_refused(tmp_path):
    (tmp_path / "thesis.docx").write_text("three years")
    with pytest.raises(MachineFailed, match="no report of ours"):
        build(tmp_path, NEW)
    assert files(tmp_path) == {"thesis.docx"}


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".DS_Store").touch()
    build(tmp_path / "out", NEW)
    assert complete(tmp_path / "out")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(MachineFailed, match="There is a file"):
        build(tmp_path / "out", NEW)
    assert (tmp_path / "out").read_text() == "x"


def test_bytes_that_the_disk_garbles_are_noticed(tmp_path, monkeypatch):
    build(tmp_path / "out", OLD)
    monkeypatch.setattr(output, "_flush", lambda path: Path(path).is_file() and Path(path).suffix == ".pdf"
                        and Path(path).write_bytes(b"%PDF-9.9"))
    with pytest.raises(MachineFailed, match="other bytes"):
        build(tmp_path / "out", NEW)
    assert files(tmp_path / "out") == {*OLD, "manifest.json"}


# ── two at once ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_build_waits_then_gives_up_then_succeeds(tmp_path, capsys):
    with Output(tmp_path / "out") as out:
        out.write("a.txt", "first")
        with pytest.raises(MachineFailed, match="Another build"), Output(tmp_path / "out", patience=0.1):
            pytest.fail("both hold the folder")
    assert "Waiting for another build of out" in capsys.readouterr().err
    build(tmp_path / "out", NEW)
    assert files(tmp_path / "out") == {*NEW, "manifest.json"}


def test_builds_in_a_row_from_many_processes_never_mix(tmp_path):
    script = ("import sys; sys.path.insert(0, sys.argv[1])\nfrom report.output import Output\n"
              "for i in range(8):\n"
              "    with Output(sys.argv[2]) as out:\n"
              "        for name in 'abc': out.write(name, sys.argv[3] + str(i))\n")
    started = [subprocess.Popen([sys.executable, "-c", script, str(manifest.ROOT), str(tmp_path / "out"), word],
                                stderr=subprocess.DEVNULL) for word in ("x", "y", "z")]
    assert [process.wait() for process in started] == [0, 0, 0]
    assert complete(tmp_path / "out")
    assert len({(tmp_path / "out" / name).read_text() for name in "abc"}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# ── hashes ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_inputs_are_hashed_by_relative_name(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.csv").write_bytes(b"abc")
    (tmp_path / "sub" / "a.csv").write_bytes(b"")
    found = manifest.inputs(tmp_path, [tmp_path / "sub" / "a.csv", "b.csv"])
    assert found == {  # the two values that FIPS 180-4 prints for these messages
        "b.csv": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sub/a.csv": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
    assert list(found) == ["b.csv", "sub/a.csv"]


def test_an_input_that_changes_meanwhile_is_refused(tmp_path):
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_text("1")
    before = manifest.inputs(tmp_path, ["a.csv", "b.csv", "c.csv"])
    manifest.refuse_if_changed(tmp_path, before)
    (tmp_path / "b.csv").write_text("2")
    (tmp_path / "c.csv").unlink()
    with pytest.raises(Refused) as refused:
        manifest.refuse_if_changed(tmp_path, before)
    assert [(p.code, p.file) for p in refused.value.problems] == [("E_INPUT_CHANGED", "b.csv"),
                                                                 ("E_INPUT_CHANGED", "c.csv")]


def test_faults_name_what_was_touched(tmp_path):
    build(tmp_path / "out", NEW)
    said = complete(tmp_path / "out")
    (tmp_path / "out" / "report.html").write_text("<p>nEw</p>")
    (tmp_path / "out" / "report.pdf").unlink()
    assert faults(tmp_path / "out", said) == ["report.html", "report.pdf"]
    assert complete(tmp_path / "out") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 3}'])
def test_a_manifest_that_is_none_is_not_believed(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    assert manifest.read(tmp_path) is None
    assert complete(tmp_path) is None


def test_the_code_hash_follows_every_file_that_decides_and_no_other(tmp_path, monkeypatch):
    for name in ("build_report.py", "requirements.lock", "report/a.py", "stats/b.py", "templates/css/c.css"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(manifest, "ROOT", tmp_path)
    first = manifest.code()
    (tmp_path / "report" / "__pycache__").mkdir()
    (tmp_path / "report" / "__pycache__" / "a.pyc").write_text("x")
    (tmp_path / "README.md").write_text("x")
    assert manifest.code() == first
    (tmp_path / "templates" / "css" / "c.css").write_text("y")
    second = manifest.code()
    (tmp_path / "stats" / "b.py").rename(tmp_path / "stats" / "d.py")
    assert len({first, second, manifest.code()}) == 3


def test_asking_whether_anything_changed_imports_nothing_heavy():
    script = ("import sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules)\nfrom report import manifest\n"
              "manifest.code(); manifest.versions(); print(*(set(sys.modules) - before))")
    done = subprocess.run([sys.executable, "-c", script, manifest.ROOT], capture_output=True, text=True, check=True)
    assert not {"typing", "pathlib", "dataclasses", "inspect", "argparse", "pandas", "numpy"} & set(done.stdout.split())


def test_versions_are_those_that_the_installer_wrote():
    found = manifest.versions()
    for name in ("numpy", "weasyprint", "python-docx"):
        assert found[name] == importlib.metadata.version(name)
    assert found["python"] == sys.version.split()[0]
    assert "pytest" not in found
