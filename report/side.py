"""Work in a process beside this one: it starts early, loads what it needs, and waits for what it is to work on, one question
after the other.

Only between our own two processes, over pipes that nobody else can open; nothing of it is ever on a disk.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from report.output import Fault, MachineFailed, no_room
from report.wire import packed, unpacked
from stats.findings import Refused

PARENT_DEATH = 1  # PR_SET_PDEATHSIG of prctl(2)
TWIN = -1  # in place of a child's number, which only the child knows that it was split off
_held: set[int] = set()  # ends of pipes to children: one that a later child held too would never seem closed


class Side:
    """`work(question)` in a child process that first does `prepare()`; where there are no child processes, in this one.

    On one processor nothing is gained, unless the work must be kept `apart` from what this process remembers.
    What `work` raises is raised by `answer`. The child dies with its parent, even at work: it never outlives a build.

    `twins` are so many more processes, split off the first when it has prepared, so that what takes long is loaded once; they
    end with it.
    """

    def __init__(self, work: Callable[..., Any], prepare: Callable[[], object] = lambda: None, apart: bool = False,
                 twins: int = 0):
        self.work = work
        self.questions: deque[tuple[Any, ...]] = deque()  # to be answered here, where there are no child processes
        self.child = 0
        self.twins: list[Side] = []
        self._ask = self._answers = -1  # ends of pipes
        self.owed, self.heard = 0, False  # questions that the child hasn't answered yet; whether it ever did
        self._came: deque[Any] = deque()  # answers that were read before anybody asked for them
        if not possible(apart):
            return
        sys.stdout.flush()
        sys.stderr.flush()
        pipes = [(os.pipe(), os.pipe()) for _ in range(1 + twins)]
        parent = os.getpid()
        self.child = os.fork()
        if not self.child:
            try:
                _live(parent, pipes, work, prepare)
            finally:
                os._exit(0)  # without the parent's own business at its end
        with suppress(OSError):
            os.setpgid(self.child, self.child)  # twins are of its group, and end with it
        for number, ((asked, ask), (answers, answered)) in enumerate(pipes):
            os.close(asked)
            os.close(answered)
            side = Side.__new__(Side) if number else self
            _widen(ask)
            os.set_blocking(ask, False)  # what has no room waits in `_tell`
            side._ask, side._answers = ask, answers
            _held.update((ask, answers))
            if number:
                side.work, side.questions, side.child, side.twins = work, deque(), TWIN, []
                side.owed, side.heard, side._came = 0, False, deque()
                self.twins.append(side)

    def ask(self, *question: Any) -> None:
        """Hand over what to work on, and go on with something else; answers come in the order of the questions."""
        if self.child:
            self._tell(packed(question))
            self.owed += 1
        else:
            self.questions.append(question)

    def answer(self) -> Any:
        """What came of the first question that isn't answered yet; waits for it. MachineFailed when the child is gone."""
        if not self.child:
            return self.work(*self.questions.popleft())
        try:
            raised, value = self._came.popleft() if self._came else _receive(self._answers)
            self.owed, self.heard = self.owed - 1, True
        except EOFError:
            self.close()
            raise MachineFailed(
                "A part of the program was ended from outside; perhaps the memory ran out",
                remedy="Close other programs and build again",
            ) from None
        if raised:
            raise value
        return value

    def ready(self) -> bool:
        """Whether an answer is there, so that taking it wouldn't wait (where there is no child, the work itself is the wait)."""
        return bool(self.questions or self._came) or (self.child != 0 and bool(select.select([self._answers], [], [], 0)[0]))

    def _tell(self, data: bytes) -> None:
        """Write a question, and read meanwhile: the child may be at an answer for which its pipe has no room left."""
        view = memoryview(_measured(data))
        while view:
            there, room, _ = select.select([self._answers], [self._ask], [])
            try:
                if there:
                    self._came.append(_receive(self._answers))
                elif room:
                    view = view[os.write(self._ask, view) :]
            except (BrokenPipeError, EOFError):
                return  # whoever should read is gone; waiting for its answer will say so

    def close(self) -> None:
        """End the child and its twins, whatever they are doing. Those that wait end by themselves, and their time is counted."""
        busy = not self.heard or any(side.owed for side in (self, *self.twins))
        for twin in self.twins:
            twin.close()
        if self.child:
            _let_go(self._ask, self._answers)
        if self.child not in (0, TWIN):
            if busy:
                os.killpg(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        self.child = 0

    def __enter__(self) -> Side:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def possible(apart: bool = False) -> bool:
    """Whether there are child processes: elsewhere the libraries of a process that was split in two may not be used again."""
    return sys.platform.startswith("linux") and (apart or (os.cpu_count() or 1) > 1)


def first_ready(sides: Sequence[Side]) -> int:
    """Which of these, of whom each was asked something, has an answer first; waits for it."""
    for number, side in enumerate(sides):
        if not side.child or side._came:
            return number
    there = select.select([side._answers for side in sides], [], [])[0]
    return next(number for number, side in enumerate(sides) if side._answers in there)


def _live(parent: int, pipes: Sequence[tuple[tuple[int, int], tuple[int, int]]], work: Callable[..., Any],
          prepare: Callable[[], object]) -> None:
    """The child's life: prepare, split off the twins, then serve; a twin's life from there on."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_DFL)  # being stopped is the parent's to explain
    with suppress(OSError):
        os.setpgid(0, 0)
    _end_with(parent)
    _let_go(*_held, *(end for (_, ask), (answers, _) in pipes for end in (ask, answers)))
    with suppress(Exception):  # what is missing will be missed by the work, and then it is said
        prepare()
    twins: list[int] = []
    mine, first = 0, os.getpid()
    for number in range(1, len(pipes)):
        twins.append(os.fork())
        if not twins[-1]:
            mine, twins = number, []
            _end_with(first)
            break
    for number, ((asked, _), (_, answered)) in enumerate(pipes):
        if number != mine:
            os.close(asked)
            os.close(answered)
    (asked, _), (_, answered) = pipes[mine]
    _widen(answered)
    _serve(asked, answered, work)
    for twin in twins:
        os.waitpid(twin, 0)


def _end_with(parent: int) -> None:
    """Have the system end this process with its parent, whatever it is doing then."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended already
        os._exit(0)


def _widen(pipe: int) -> None:
    """Room for questions and answers that nobody waits for yet."""
    with suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)


def _let_go(*ends: int) -> None:
    for end in ends:
        os.close(end)
        _held.discard(end)


def _serve(asked: int, answered: int, work: Callable[..., Any]) -> None:
    """Wait, work, answer, until nobody asks any more."""
    while True:
        try:
            question = _receive(asked)
        except EOFError:
            return
        try:
            answer = (False, work(*question))
        except (Refused, MachineFailed) as error:
            answer = (True, error)
        except OSError as error:
            answer = (True, MachineFailed.because(error))
        except Exception as error:  # not every exception can be sent
            answer = (True, MemoryError() if no_room(error) else Fault.of(error))
        _send(answered, answer)


def _measured(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big") + data


def _send(pipe: int, value: Any) -> None:
    view = memoryview(_measured(packed(value)))
    try:
        while view:
            view = view[os.write(pipe, view) :]
    except BrokenPipeError:
        pass  # whoever should read is gone; waiting for its answer will say so


def _receive(pipe: int) -> Any:
    return unpacked(_read(pipe, int.from_bytes(_read(pipe, 8), "big")))


def _read(pipe: int, size: int) -> bytes:
    parts = []
    while size:
        part = os.read(pipe, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
