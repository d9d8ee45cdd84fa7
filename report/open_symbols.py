"""What a legend says of the open symbols of a figure, which stand on the limit of quantification."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stats.groups import ALL
from stats.results import Results, limit_of


def lying(results: Results, analyses: Sequence[str]) -> str:
    """Where the values lie that stand as open symbols on the limit: samples may have limits of their own above it."""
    apart = False
    for name in analyses:
        lloq = results[f"{name}/lloq@{ALL}"]["value"] if f"{name}/lloq@{ALL}" in results else math.inf
        found = (limit_of(note) for cell in results.select(name, "patient") for note in cell.notes.values())
        apart = apart or any(limit is not None and limit[0] == "<" and limit[1] > lloq for limit in found)
    return f"open symbols lie below it{', or below a higher limit of their samples' if apart else ''}"
