"""What two of our processes say to each other, as JSON: plain values, bytes, paths, a study, and faults that have words for
people.

Nothing that is read here can run anything, whoever wrote it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from report.output import Fault, MachineFailed
from stats.findings import Problem, Refused


def packed(value: Any) -> bytes:
    """A value as bytes; TypeError for anything that is no plain value."""
    return json.dumps(_plain(value), ensure_ascii=False).encode("utf-8", "surrogatepass")


def unpacked(data: bytes) -> Any:
    """The value again."""
    return _made(json.loads(data.decode("utf-8", "surrogatepass")))


def _plain(value: Any) -> Any:
    """[kind, content], but for what JSON has itself."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode("ascii")]
    if isinstance(value, Path):
        return ["path", str(value)]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, Refused):
        return ["refused", [asdict(problem) for problem in value.problems]]
    if isinstance(value, MachineFailed):
        return ["machine", [value.reason, value.path, value.remedy, value.code]]
    if isinstance(value, Fault):
        return ["fault", [value.kind, value.place, value.trace]]
    if isinstance(value, MemoryError):
        return ["memory", None]
    if isinstance(value, Mapping):
        return ["mapping", [[_plain(key), _plain(item)] for key, item in value.items()]]
    if isinstance(value, Sequence):
        return ["list" if isinstance(value, list) else "tuple", [_plain(item) for item in value]]
    if type(value).__name__ in _parts():
        return [type(value).__name__, [[one.name, _plain(getattr(value, one.name))] for one in fields(value)]]
    raise TypeError(f"a {type(value).__name__} is no plain value")


def _made(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, content = value
    if kind == "bytes":
        return base64.b64decode(content)
    if kind == "path":
        return Path(content)
    if kind == "refused":
        return Refused([Problem(**fields) for fields in content])
    if kind == "machine":
        return MachineFailed(*content)
    if kind == "fault":
        return Fault(*content)
    if kind == "memory":
        return MemoryError()
    if kind == "mapping":
        return {_made(key): _made(item) for key, item in content}
    if kind == "date":
        return date.fromisoformat(content)
    if kind in ("list", "tuple"):
        made = [_made(item) for item in content]
        return made if kind == "list" else tuple(made)
    return _parts()[kind](**{name: _made(item) for name, item in content})


@cache
def _parts() -> Mapping[str, Callable[..., Any]]:
    """What a study is made of, by name."""
    from stats.study import types

    return {one.__name__: one for one in (types.Study, types.From, types.Column, types.Frame, types.Population, types.Check,
                                          types.Endpoint, types.Term, types.Analyte, types.Analysis, types.Exhibit,
                                          types.Section, types.Claim, Problem)}
