"""What a case is: a change to the small study, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.bad_inputs.bends import Bend

EXITS = {"ok": 0, "repair": 0, "warn": 0, "not_estimable": 0, "error": 2, "claim": 4}


@dataclass(frozen=True)
class Case:
    """`code` is the finding that must be told ('' none); `row` and `column` where; `says` a pattern its line fits.

    `hides` are texts that nothing printed or written may hold; `same` whether results.csv must be that of the unbent
    study; `values` statistics it must have otherwise ('address statistic' → value; nan = not estimable).
    """

    id: str
    what: str
    bends: tuple[Bend, ...]
    status: str
    code: str = ""
    row: int | None = None
    column: str = ""
    says: str = ""
    hides: tuple[str, ...] = ()
    same: bool | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    @property
    def exit(self) -> int:
        return EXITS[self.status]

    @property
    def equal(self) -> bool:
        return self.status in ("ok", "repair") if self.same is None else self.same


def case(id: str, what: str, *bends: Bend, **expected: object) -> Case:
    status = str(expected.pop("status"))
    return Case(id, what, bends, status, **expected)  # type: ignore[arg-type]


def refused(id: str, what: str, code: str, *bends: Bend, **more: object) -> Case:
    return case(id, what, *bends, status="error", code=code, **more)


def repaired(id: str, what: str, code: str, *bends: Bend, **more: object) -> Case:
    return case(id, what, *bends, status="repair", code=code, **more)


def warned(id: str, what: str, code: str, *bends: Bend, **more: object) -> Case:
    return case(id, what, *bends, status="warn", code=code, **more)


def unknown(id: str, what: str, code: str, *bends: Bend, **more: object) -> Case:
    return case(id, what, *bends, status="not_estimable", code=code, **more)


def fine(id: str, what: str, *bends: Bend, **more: object) -> Case:
    return case(id, what, *bends, status="ok", **more)


def claimed(id: str, what: str, code: str, *bends: Bend, **more: object) -> Case:
    return case(id, what, *bends, status="claim", code=code, options=("--audit",), **more)
