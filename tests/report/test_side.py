"""A process beside the build: answers, faults, its end; and the page as paper needs it."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import is_dataclass
from datetime import date

import pytest

from report import wire
from report.output import Fault, MachineFailed
from report.printed import lightened
from report.side import Side
from report.typeset import JOINER, bound
from report.wire import packed, unpacked
from stats.findings import Problem, Refused
from stats.study import types
from stats.study.read import read
from tests import built
from tests.built import ROOT


def test_the_answer_is_that_of_the_work():
    with Side(lambda a, b: a + b) as side:
        side.ask("x" * 300_000, "y")  # more than a pipe holds
        assert side.answer() == "x" * 300_000 + "y"


def test_neither_waits_for_the_other_to_read():
    """Questions and answers that no pipe has room for, asked before the first answer is taken; ended if it takes for ever."""
    program = (
        "from report.side import Side\n"
        "with Side(lambda text: text * 2) as side:\n"
        "    for _ in range(8):\n"
        "        side.ask('x' * 1_000_000)\n"
        "    assert side.ready()\n"
        "    assert [len(side.answer()) for _ in range(8)] == [2_000_000] * 8\n"
        "    assert not side.ready()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize("processors", [1, 2])
def test_questions_are_answered_in_their_order_by_one_who_remembers(monkeypatch, processors):
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    seen: list[int] = []

    def work(number: int) -> tuple[int, ...]:
        seen.append(number)
        return tuple(seen)

    with Side(work) as side:
        for number in range(3):
            side.ask(number)
        assert [side.answer() for _ in range(3)] == [(0,), (0, 1), (0, 1, 2)]


def test_the_next_question_is_answered_after_a_fault():
    with Side(lambda divisor: 6 // divisor) as side:
        side.ask(0)
        side.ask(2)
        with pytest.raises((Fault, ZeroDivisionError), match="division"):
            side.answer()
        assert side.answer() == 3


def test_the_work_is_done_in_another_process():
    with Side(os.getpid) as side:
        side.ask()
        assert side.answer() != os.getpid() or os.cpu_count() == 1 or not sys.platform.startswith("linux")


def test_without_child_processes_the_work_is_done_here(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with Side(os.getpid) as side:
        side.ask()
        assert side.answer() == os.getpid()


@pytest.mark.parametrize("error", [
    Refused([Problem("E_ASSET", "not part of the report", value="x")]),
    MachineFailed("No PDF", "/x", "Install it", "E_PDF_ENGINE"),
])
def test_what_the_work_raises_is_raised_whole(error):
    def work():
        raise error

    with Side(work) as side:
        side.ask()
        with pytest.raises(type(error)) as met:
            side.answer()
    assert str(met.value) == str(error)
    assert vars(met.value) == vars(error)


def test_a_fault_of_the_program_is_named():
    class Odd(Exception):  # can't be sent: the other process doesn't know it
        pass

    def work():
        raise Odd("so it is")

    with Side(work) as side:
        side.ask()
        with pytest.raises(Fault, match=r"^Odd at test_side\.py:\d+\n") as met:
            side.answer()
    assert "so it is" not in str(met.value)  # it may quote a cell
    assert "so it is" in met.value.trace


@pytest.mark.parametrize(("error", "kind", "said"), [
    (OSError(errno.ENOSPC, "No space left on device", "/x"), MachineFailed, "No space left on device (/x). Free some space"),
    (MemoryError(), MemoryError, ""),
    (ImportError("liba.so: failed to map segment from shared object"), MemoryError, ""),
])
def test_a_fault_of_the_machine_is_one_here_too(error, kind, said):
    def work():
        raise error

    with Side(work) as side:
        if not side.child:
            pytest.skip("no child processes here")
        side.ask()
        with pytest.raises(kind) as met:
            side.answer()
    assert said in str(met.value)


def test_the_first_can_end_before_the_second():
    """A child that held the other's pipes would keep it waiting for questions for ever."""
    first = Side(len)
    with Side(len) as second:
        first.ask("ab")
        assert first.answer() == 2
        begun = time.monotonic()
        first.close()
        assert time.monotonic() - begun < 5
        second.ask("abc")
        assert second.answer() == 3


def test_a_child_that_was_killed_is_a_fault_of_the_machine():
    with Side(lambda: os.kill(os.getpid(), signal.SIGKILL)) as side:
        if not side.child:
            pytest.skip("no child processes here")
        side.ask()
        with pytest.raises(MachineFailed, match="ended from outside"):
            side.answer()


def test_what_fails_while_it_prepares_is_said_by_the_work():
    def fail() -> None:
        raise ImportError("no such library")

    with Side(fail, fail) as side:
        side.ask()
        with pytest.raises((Fault, ImportError), match="no such library"):
            side.answer()


def test_nothing_stays_when_the_build_is_broken_off():
    with Side(time.sleep) as side:
        child = side.child
        side.ask(60)
    if child:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_twins_are_prepared_once_and_end_with_the_first(tmp_path):
    prepared = tmp_path / "prepared"

    def prepare() -> None:
        prepared.write_text(str(os.getpid()) + (prepared.read_text() if prepared.exists() else ""))

    with Side(lambda wait: (time.sleep(wait), os.getpid())[1], prepare, twins=2) as first:
        sides = [first, *first.twins]
        if not first.child:
            pytest.skip("no child processes here")
        for side in sides:
            side.ask(0)
        numbers = [side.answer() for side in sides]
        assert len(set(numbers)) == 3
        assert prepared.read_text() == str(numbers[0])
        for side in sides:
            side.ask(60)
    end = time.monotonic() + 10
    while any(map(_lives, numbers)) and time.monotonic() < end:
        time.sleep(0.02)
    assert not any(map(_lives, numbers))


def test_where_there_are_no_children_there_are_no_twins(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with Side(len, twins=1) as side:
        assert side.twins == []


@pytest.mark.parametrize("at_work", [False, True])
def test_nothing_stays_when_the_parent_is_killed(at_work):
    """Killed while the child waits, and while it is at something long: it ends too."""
    asked = "side.ask(60); time.sleep(0.5); " if at_work else ""
    script = (f"import os, signal, time; from report.side import Side; side = Side(time.sleep); print(side.child, flush=True); "
              f"{asked}os.kill(os.getpid(), signal.SIGKILL)")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False,
                          cwd=os.path.dirname(os.path.dirname(os.path.dirname(__file__))))
    child = int(done.stdout)
    end = time.monotonic() + 10
    while child and _lives(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not (child and _lives(child))


def _lives(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


NUMBER = '<data value="a/b@R">9/10 (90%)</data>'
KEPT = '<data class="kept" value="a/b@R">9</data>'


@pytest.mark.parametrize(("page", "paper"), [
    (f"<p>In {NUMBER} of them</p>", "<p>In 9/10 (90%) of them</p>"),
    (f"<p>In {KEPT} of them</p>", "<p>In 9 of them</p>"),
    (f"<td>{NUMBER}</td>", '<td class="number">9/10 (90%)</td>'),
    (f"<td>{KEPT}</td>", '<td class="number">9</td>'),
    (f"<td>{NUMBER} vs {NUMBER}</td>", "<td>9/10 (90%) vs 9/10 (90%)</td>"),
    (f"<td>{NUMBER}</td><td></td><td>{KEPT}</td>", '<td class="number">9/10 (90%)</td><td></td><td class="number">9</td>'),
    ('<th><span class="label">Age <i>x</i></span></th>', "<th>Age <i>x</i></th>"),
    ('<span class="fingerprint">1f</span>', '<span class="fingerprint">1f</span>'),
    ("an end.<sup>1</sup>", f"an end.{JOINER}<sup>1</sup>"),
    ("x <sup>1</sup>", "x <sup>1</sup>"),
])
def test_paper_loses_elements_only(page, paper):
    found = lightened(bound(page))
    assert found == paper
    bare = re.compile(r"<[^>]*>")
    assert bare.sub("", found).replace(JOINER, "") == bare.sub("", page)


@pytest.mark.parametrize("value", [
    None, True, -3, 0.1, "é\u202e", b"\x00\xff", ("a", (1, ("bytes", "path"))), {"a": (1, b"x"), "list": ()},
    [1, ("a", [2])], date(2025, 4, 30), {("a", 1): [date(2025, 4, 30)]}, types.Population("a", "A"),
    (Problem("W_LETTER", "no 京", "study.toml", 3),),
])
def test_values_come_back_from_the_other_process_as_they_were(value):
    assert unpacked(packed(value)) == value


@pytest.mark.parametrize("name", sorted(path.parent.name for path in (ROOT / "data").glob("*/study.toml")))
def test_a_study_comes_back_as_it_was(name):
    """With its warnings, which don't count when two studies are compared, and lists that are no tuples."""
    study = read(ROOT / "data" / name)
    there = unpacked(packed(study))
    assert there == study
    assert there.noted == study.noted
    assert repr(there) == repr(study)


def test_a_study_with_a_warning_comes_back_with_it(tmp_path):
    folder = built.copy_of(ROOT / "data" / "cart", tmp_path / "s")
    text = (folder / "study.toml").read_text("utf-8")
    (folder / "study.toml").write_text(text.replace('label = "Age"', 'label = "年龄"'), "utf-8")
    study = read(folder)
    assert [problem.code for problem in study.noted] == ["W_LETTER"]
    assert unpacked(packed(study)).noted == study.noted


def test_every_part_of_a_study_can_be_sent():
    parts = {one for one in vars(types).values() if is_dataclass(one)}
    assert {one.__name__ for one in parts} <= set(wire._parts())


def test_what_is_no_plain_value_is_not_sent():
    with pytest.raises(TypeError, match="no plain value"):
        packed(object())
