"""Check this machine: arithmetic against fractions, R and lifelines; packages, fonts, PDF, disk."""

from __future__ import annotations

import argparse
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from report import fonts, manifest, pango, plain

EXACT = 1e-12  # relative: a fraction is the same number whatever the machine
ITERATED = 1e-8  # relative: what two converged iterations owe each other
NEEDED = 64 << 20  # bytes that a build wants free
SIGNS = "µ≥≤×⁶⁻–−αβ√é✓"  # characters that reports of this field print


@dataclass(frozen=True)
class Checked:
    """One line of the table. `fatal` where a failure means that reports would be wrong or couldn't be built."""

    area: str
    what: str
    found: str
    good: bool
    fatal: bool = True


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_report.py selftest",
        description=__doc__,
        epilog="Exit 0: reports built here are right and complete; 3: something is missing.",
    )
    parser.add_argument("--quiet", action="store_true", help="print only what failed")
    parser.add_argument("--debug", action="store_true", help="show a traceback when a check itself fails")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 all well, 3 something on this machine is not."""
    asked = arguments().parse_args(argv)
    found: list[Checked] = []
    for area, checks in CHECKS.items():
        try:
            found += checks()
        except Exception as error:
            if asked.debug:
                raise
            found.append(Checked(area, "the check itself", f"failed: {type(error).__name__}", good=False))
    rows = [
        (one.area, one.what, one.found, "ok" if one.good else "WRONG" if one.fatal else "note")
        for one in found
        if not (asked.quiet and one.good)
    ]
    print("\n".join(plain.table(("Area", "Check", "Found", ""), rows)))
    wrong = sum(one.fatal and not one.good for one in found)
    if not asked.quiet:
        print(f"\n{len(found)} checks, {wrong or 'none'} wrong.")
    return 3 if wrong else 0


def _same(area: str, what: str, ours: float, expected: float | Fraction, tolerance: float) -> Checked:
    good = math.isclose(ours, float(expected), rel_tol=tolerance, abs_tol=1e-14)
    shown = str(expected) if isinstance(expected, Fraction) else f"{expected:.10g}"
    return Checked(area, what, shown if good else f"{ours!r} instead of {shown}", good)


def by_hand() -> Iterator[Checked]:
    """Cases small enough for a pencil."""
    from report.rounding import half_up
    from stats.methods import balance, descriptive, proportions, ranks, survival, tables
    from stats.methods.aalen_johansen import aalen_johansen

    cases: list[tuple[str, float, Fraction]] = []
    curve = survival.kaplan_meier([2, 3, 3, 5, 5, 7, 8], [1, 1, 0, 1, 1, 0, 1])
    # at risk 7, 6, 4, 1 when somebody dies
    cases += [
        (
            "Kaplan–Meier with ties, at 5 of 8",
            survival.at(curve, 5).p,
            Fraction(6, 7) * Fraction(5, 6) * Fraction(2, 4),
        ),
        ("median of that curve", survival.quantile(curve).estimate, Fraction(5)),
    ]
    # arms die at 1, 3 and 2, 4: observed 2, expected 1/2 + 1/3 + 1/2, variance 1/4 + 2/9 + 1/4
    cases.append(
        (
            "log-rank statistic of four deaths",
            survival.logrank([1, 3, 2, 4], [1, 1, 1, 1], [1, 1, 0, 0]).statistic,
            Fraction(2, 3) ** 2 / (Fraction(1, 4) + Fraction(2, 9) + Fraction(1, 4)),
        )
    )
    cases.append(("restricted mean to 5", survival.rmst([2, 4], [1, 1], 5).estimate, 2 + Fraction(1, 2) * 2))
    incidence = aalen_johansen([1, 2, 3], [1, 2, 1])
    cases.append(
        ("cumulative incidence, one competing event", float(incidence.incidence[-1]), Fraction(1, 3) + Fraction(1, 3))
    )
    cases += [
        ("Fisher's exact test, 3/3 against 0/3", tables.fisher([[3, 0], [0, 3]]).p_value, Fraction(2, 20)),
        ("rank-sum test, 1 2 3 against 4 5 6", ranks.rank_sum([1, 2, 3], [4, 5, 6]).p_value, Fraction(2, 20)),
        ("Hodges–Lehmann shift", ranks.hodges_lehmann([1, 2, 3], [4, 6, 8]).estimate, Fraction(-4)),
        ("quartile of 1 2 3 4, type 7", descriptive.quantile([1, 2, 3, 4], 0.25), Fraction(7, 4)),
        ("limit of 0 of 1 (Clopper–Pearson)", proportions.clopper_pearson(0, 1).upper, 1 - Fraction(25, 1000)),
        (
            "balance of 1/2 and 1/4, squared",
            balance.smd_levels([5, 5], [2, 6]).estimate ** 2,
            Fraction(1, 16) / Fraction(7, 32),
        ),
        ("one eighth in percent, rounded half up", float(half_up(Fraction(100, 8), 0)), Fraction(13)),
    ]
    for what, ours, expected in cases:
        yield _same("by hand", what, ours, expected, EXACT)


def against_r() -> Iterator[Checked]:
    """Values that R 4.2.2 with survival 3.5-3 gives on data that come with lifelines."""
    from lifelines.datasets import load_rossi, load_waltons

    from stats.methods import regression, survival

    flies = load_waltons()
    mutant = (flies["group"] == "miR-137").to_numpy(float)
    part = flies[mutant == 1]
    at = survival.at(survival.kaplan_meier(part["T"], part["E"]), 33)
    yield _same("R", "waltons: survival at 33 days", at.p, 0.176470588235294, 1e-13)
    yield _same("R", "waltons: its lower limit, log-log", at.lower, 0.0716231999528835, ITERATED)
    test = survival.logrank(flies["T"], flies["E"], mutant)
    yield _same("R", "waltons: log-rank statistic", test.statistic, 122.249125573006, ITERATED)
    fit = regression.cox(flies["T"], flies["E"], mutant[:, None])
    yield _same("R", "waltons: Cox coefficient (Efron)", float(fit.coef[0]), 2.05253515448498, ITERATED)
    yield _same("R", "waltons: its standard error", float(fit.se[0]), 0.216974003734906, ITERATED)
    arrests = load_rossi()
    test = survival.logrank(arrests["week"], arrests["arrest"], arrests["fin"])
    yield _same("R", "rossi: log-rank P", test.p_value, 0.0501161174090057, ITERATED)


def second_opinion() -> Iterator[Checked]:
    """lifelines on the same data, where its defaults are safe."""
    from lifelines.datasets import load_waltons

    from stats.methods.second_opinion import disagreements

    flies = load_waltons()
    found = disagreements(flies["T"], flies["E"], (flies["group"] == "miR-137").to_numpy(float))
    said = ", ".join(one.quantity for one in found) or "curves, log-rank and Cox agree"
    yield Checked("lifelines", "waltons: every step, P and ratio", said, not found)


def packages() -> Iterator[Checked]:
    """What is installed against the lock file; other versions give the same numbers, but maybe other bytes."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Checked("packages", "Python 3.11 or newer", version, sys.version_info >= (3, 11))
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    with open(os.path.join(manifest.ROOT, "requirements.lock"), encoding="utf-8") as file:
        lines = [
            Requirement(line.strip().rstrip("\\ ")) for line in file if "==" in line and not line.startswith((" ", "#"))
        ]
    # a line may be meant for another Python or another system
    meant = [line for line in lines if line.marker is None or line.marker.evaluate()]
    wanted = {canonicalize_name(line.name): str(line.specifier).removeprefix("==") for line in meant}
    found = manifest.versions()
    others = [
        f"{name} {found.get(name, 'missing')} (locked {value})"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    yield Checked("packages", f"{len(wanted)} as locked", ", ".join(others[:4]) or "all", not others, fatal=False)


def printing() -> Iterator[Checked]:
    """Fonts, Pango, and a page set twice with the same bytes."""
    files = fonts.files()
    yield Checked("printing", "fonts of the project", f"{len(files)} files", len(files) >= 4)
    lacking = "".join(fonts.missing(SIGNS))
    yield Checked("printing", f"signs {SIGNS}", f"missing {lacking}" if lacking else "all", not lacking, fatal=False)
    gap = pango.missing()
    yield Checked(
        "printing",
        "Pango, for PDF",
        f"{gap} is missing: {pango.remedy()}" if gap else pango.version() or "found",
        not gap,
    )
    if not gap:
        from report import pdf

        page = "<!DOCTYPE html><html lang='en'><head><title>t</title></head><body><h1>One page</h1><p>é ≥ 5 µg</p></body></html>"
        one, two = (pdf.write(page, {}, title="t", identifier="0" * 16) for _ in range(2))
        yield Checked(
            "printing", "the same PDF twice", f"{len(one)} bytes" if one == two else "two different files", one == two
        )


def disk() -> Iterator[Checked]:
    """May a report be written where one would be?"""
    place = Path("build") if Path("build").is_dir() else Path()
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix=".selftest-") as folder:
            one, two = Path(folder) / "one", Path(folder) / "two"
            one.write_bytes(b"x")
            one.rename(two)
            written = two.read_bytes() == b"x"
        yield Checked(
            "disk", f"writing in {place.resolve()}", "works" if written else "gives back other bytes", written
        )
    except OSError as error:
        yield Checked("disk", f"writing in {place.resolve()}", error.strerror or type(error).__name__, good=False)
    free = shutil.disk_usage(place).free
    yield Checked("disk", "64 MB free", f"{free >> 20} MB", free >= NEEDED)


CHECKS: dict[str, Callable[[], Iterator[Checked]]] = {
    "by hand": by_hand,
    "R": against_r,
    "lifelines": second_opinion,
    "packages": packages,
    "printing": printing,
    "disk": disk,
}
