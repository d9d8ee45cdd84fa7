"""Numbers in, numbers out: pure functions that import nothing of ours outside this folder.

Each module keeps `DESCRIPTIONS`: method key to how a paper describes it, beside the code that computes it. The Methods
paragraph is made of the keys that ran.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from stats.methods.types import Description


@cache
def descriptions() -> dict[str, Description]:
    """Every method's description by key; a key described twice is refused."""
    found: dict[str, Description] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        for key, description in getattr(importlib.import_module(f"{__name__}.{module}"), "DESCRIPTIONS", {}).items():
            if key in found:
                raise ValueError(f"method {key!r} is described twice")
            found[key] = description
    return found
