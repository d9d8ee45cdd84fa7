"""Names that options mention: which columns, endpoints, terms and analytes an analysis or an exhibit can be about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

NAME = re.compile(r"[^\W\d]\w*")


def words(value: Any) -> Iterator[str]:
    """Every text in an option, however deep, and every name in it, as in a condition."""
    if isinstance(value, str):
        yield value
        yield from NAME.findall(value)
    elif isinstance(value, Mapping):
        yield from (word for part in value.values() for word in words(part))
    elif isinstance(value, list | tuple):
        yield from (word for part in value for word in words(part))
