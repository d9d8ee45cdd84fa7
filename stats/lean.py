"""Libraries loaded without what they would load on their own account."""

from __future__ import annotations

import gc
import sys
import textwrap


def pandas() -> None:
    """Load pandas without Arrow, which it takes along where it is installed: a fifth of its time and a sixth of its memory.

    No column of ours is Arrow's. What reads Parquet or large text files imports Arrow itself, and finds it; only pandas' own
    reader and writer of Parquet are not to be had in this process. Nor are its help texts indented as they were meant: that
    took another fifth of the time, and nobody reads them here.
    """
    if "pandas" in sys.modules or "pyarrow" in sys.modules:
        return
    sys.modules["pyarrow"] = None  # type: ignore[assignment] # what the language offers to say that a module isn't there
    dedent = textwrap.dedent
    textwrap.dedent = str  # type: ignore[assignment] # leaves a text as it is
    collects = gc.isenabled()
    gc.disable()  # a hundred thousand objects are made here, and all of them stay
    try:
        import pandas  # noqa: F401
    finally:
        del sys.modules["pyarrow"]
        textwrap.dedent = dedent
        gc.freeze()
        if collects:
            gc.enable()
