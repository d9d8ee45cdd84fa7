"""Files bent at random, a byte or two at a time, and pairs of cases at once: never a fault of the program, never long.

    python -m tests.bad_inputs.fuzz --count 500 --seed 3

A file that still reads as a table may be built: a digit that became another digit is data to any program. What may not
happen is a traceback, the sentence about a fault of the program, an answer after more than ten seconds, a file written
by a refusal, or an exit code that is none of ours.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from tests.bad_inputs import bends, running
from tests.bad_inputs.case import Case

SECONDS = 10
FILES = (bends.SUBJECTS, bends.EVENTS, bends.SERIES, bends.STUDY)
PIECES = (
    b'"',
    b",",
    b";",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"\xef\xbb\xbf",
    b"<",
    b"-",
    b"1e999",
    b"nan",
    b"NA",
    b"[[",
    b"]",
    b"=",
    b"{",
    b"#",
    b"'",
    b"'''",
    b"..",
    b"2020-13-45",
    "\u202e".encode(),
    "\u200b".encode(),
    b" ",
    b"\t",
    b"0",
    b"P01",
)


ODD_CELLS = (
    "",
    "0",
    "-1",
    "1e308",
    "1e-308",
    "0.1",
    "-0",
    "nan",
    "inf",
    "NA",
    "None",
    "2022-01-01",
    "1900-01-01",
    "2023-12-31",
    "99999999",
    "R",
    "D",
    "1",
    "2",
    "5",
    "crs",
    "true",
    "<5",
    ">5",
    "\u202ex",
    "é" * 300,
    "x\ny",
    '"',
    "P01",
    "P23",
    "12:30",
    "=1+1",
)
ODD_VALUES = (
    '""',
    '"x"',
    "0",
    "-1",
    "1e300",
    "nan",
    "inf",
    "true",
    "[]",
    "{}",
    "[1, 2]",
    '["a", "a"]',
    "2023-01-01",
    "12:00:00",
    '"é"',
    "[[]]",
    '["pfs"]',
    '"os"',
    "[0, 0]",
    "[5, 1]",
    '{ a = "b" }',
    '"all"',
    '"R"',
    '"median-iqr"',
    "0.95",
    "[1e9]",
    '"\\u0000"',
)


class TooLong(BaseException):
    """Not an Exception, so that nothing on the way takes it for a finding."""


def bitten(data: bytes, chance: random.Random) -> bytes:
    """One to three bytes flipped, left out or put in, or a stretch cut or doubled."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(max(1, len(data)))
        kind = chance.randrange(6)
        if kind == 0:
            data = data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :] if data else data
        elif kind == 1:
            data = data[:at] + data[at + 1 :]
        elif kind == 2:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at:]
        elif kind == 3:
            data = data[:at] + chance.choice(PIECES) + data[at:]
        elif kind == 4:
            data = data[:at] + data[at + chance.randrange(1, 200) :]
        else:
            data = data[:at] + data[max(0, at - chance.randrange(1, 200)) :]
    return data


def swapped(file: str, chance: random.Random) -> Callable[[Path], None]:
    """One to three cells become another cell of the file or an odd one; in the study file, values or lines."""
    if file != bends.STUDY:

        def cells(rows: bends.Table) -> None:
            for _ in range(chance.randint(1, 3)):
                line = chance.choice(rows[1:])
                at = chance.randrange(len(line))
                line[at] = chance.choice((*ODD_CELLS, chance.choice(chance.choice(rows))))

        return bends.table(file, cells)

    def lines(folder: Path) -> None:
        path = folder / file
        text = path.read_text("utf-8").splitlines()
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(text))
            key, sign, _ = text[at].partition("=")
            if not sign or chance.random() < 0.2:
                text[at] = chance.choice(("", chance.choice(text)))
            elif chance.random() < 0.3:
                text[at] = text[at].replace(
                    *chance.choice(
                        (
                            ("[", "[["),
                            ("12", "0"),
                            ("6", "-6"),
                            ("pfs", "os"),
                            ("number", "category"),
                            ("months", "days"),
                            ("text", "flag"),
                            ("R", "D"),
                            ("date", "id"),
                        )
                    )
                )
            else:
                text[at] = (
                    f"{key}= {chance.choice((*ODD_VALUES, chance.choice(text).partition('=')[2].strip() or '1'))}"
                )
        path.write_text("\n".join(text) + "\n", "utf-8")

    return lines


def attempt(study: Path, out: Path) -> tuple[str, str]:
    """(what came of it, what was wrong with that) of building a bent study; the second is '' when nothing was."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, ring)
    begun = time.process_time()
    signal.alarm(12 * SECONDS)  # by the wall clock, for a program that waits; the limit itself is processor time
    try:
        outcome = running.build(study, out, "--no-cache")
    except TooLong:
        return "long", f"no answer after {12 * SECONDS} seconds"
    except Exception as error:
        return "crash", f"{type(error).__name__} left the program"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    spent = time.process_time() - begun
    said = outcome.printed
    if "Traceback" in said or "fault of the program" in said or outcome.exit not in (0, 2):
        return "fault", f"exit {outcome.exit}: {said[-300:]}"
    if spent > SECONDS:
        return "long", f"{spent:.0f} seconds"
    if outcome.exit == 2 and out.exists():
        return "written", "a refusal wrote a report"
    if outcome.exit == 2 and not any(line.startswith("E_") for line in outcome.err.splitlines()):
        return "silent", "a refusal without a reason"
    return ("refused" if outcome.exit == 2 else "built"), ""


def bites(count: int, seed: int) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """(what was done, how to do it) for single files bent at random."""
    for number in range(count):
        file = FILES[number % len(FILES)]
        chance = random.Random(f"{seed}/{number}")
        if number // len(FILES) % 2:
            yield f"{file}, seed {seed}, number {number}", swapped(file, chance)
        else:
            yield (
                f"{file}, seed {seed}, number {number}",
                bends.raw(file, lambda data, chance=chance: bitten(data, chance)),
            )


def pairs(count: int, seed: int, cases: Sequence[Case]) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """(which two, how) for two different cases in one study; a pair that can't be made is left out."""
    chance = random.Random(f"{seed}/pairs")
    for _ in range(count):
        one, other = chance.sample(list(cases), 2)

        def both(folder: Path, one: Case = one, other: Case = other) -> None:
            for bend in (*one.bends, *other.bends):
                bend(folder)

        yield f"{one.id} + {other.id}", both


def run(tasks: Iterable[tuple[str, Callable[[Path], None]]], place: Path) -> tuple[Counter[str], list[str]]:
    """How often what came of it, and every failure in words."""
    counts: Counter[str] = Counter()
    failures: list[str] = []
    for name, bend in tasks:
        folder = place / "bent"
        study = running.copy(folder / "study")
        try:
            bend(study)
        except (AssertionError, OSError, ValueError, LookupError, AttributeError):
            counts["impossible"] += 1  # the second change doesn't find what the first took away
            shutil.rmtree(folder)
            continue
        came, wrong = attempt(study, folder / "out")
        counts[came] += 1
        if wrong:
            failures.append(f"{name}: {wrong}")
        shutil.rmtree(folder)
    return counts, failures


def main(words: Sequence[str] | None = None) -> int:
    from tests.bad_inputs.cases import CASES

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=500, help="files bent at random (default: 500)")
    parser.add_argument("--pairs", type=int, default=100, help="pairs of cases (default: 100)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    failed = 0
    with tempfile.TemporaryDirectory() as place:
        outcome = running.build(running.BASE, Path(place) / "out")
    if outcome.exit:
        print(f"The study can't be built even when it isn't bent: {outcome.err}")
        return 1
    with tempfile.TemporaryDirectory() as place:
        for kind, tasks in (
            ("bytes", bites(asked.count, asked.seed)),
            ("pairs", pairs(asked.pairs, asked.seed, list(CASES.values()))),
        ):
            counts, failures = run(tasks, Path(place))
            print(f"{kind}: {', '.join(f'{n} {what}' for what, n in sorted(counts.items()))}")
            print("\n".join(failures), end="\n" if failures else "")
            failed += len(failures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
