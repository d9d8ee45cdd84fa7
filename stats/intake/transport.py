"""SAS, SPSS and Stata files; codes are read, not their labels, and missing values of every kind become empty cells."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np

from stats.intake import calendars, xport
from stats.intake.excel import spelled
from stats.intake.files import ending
from stats.intake.numbers import shortest
from stats.intake.raw import Cells, Raw, coded
from stats.intake.source import Source

READERS = {"xpt": "read_xport", "sas7bdat": "read_sas7bdat", "sav": "read_sav", "dta": "read_dta"}


def read(source: Source) -> Raw | None:
    """The declared columns of a statistics program's file; None after noting why it can't be used."""
    import pyreadstat

    if ending(source) == "xpt" and xport.cut_short(source.path):
        source.note("E_FILE_BROKEN", "the file ends in the middle of a row", remedy="Export it again")
        return None
    if ending(source) == "xpt" and (count := xport.members(source.path)) > 1:
        source.note("E_SHEET_AMBIGUOUS", f"the file holds {count} data sets, and only the first would be read",
                    remedy="Export each to a file of its own")
        return None
    options: dict[str, Any] = {"encoding": source.frame.encoding} if source.frame.encoding else {}
    try:
        data, about = getattr(pyreadstat, READERS[ending(source)])(
            str(source.path), output_format="dict", disable_datetime_conversion=True, **options)
    except UnicodeDecodeError:
        source.note("E_ENCODING", "the texts in the file are not UTF-8",
                    remedy='Declare their encoding, such as "latin-1"')
        return None
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError) as error:
        source.note("E_FILE_BROKEN", f"the file can't be read ({type(error).__name__})", remedy="Export it again")
        return None
    header = list(data)
    positions = source.locate(header)
    if positions is None:
        return None
    types, formats = about.readstat_variable_types, about.original_variable_types
    columns = {name: _cells(_exact(data[head], types.get(head, "")), source.frame.date_format,
                            calendars.reader(ending(source), formats.get(head) or ""))
               for name, head in ((name, header[place]) for name, place in positions.items())}
    count = len(next(iter(columns.values())).codes) if columns else 0
    return Raw(columns, np.arange(count, dtype=np.int64) + 2, tuple(source.unused(header, positions)))


def _exact(values: Any, kind: str) -> Any:
    """Numbers of single precision as the shortest decimals that they stand for: 22.93, not 22.93000030517578."""
    return [shortest(value) if isinstance(value, float) else value for value in values] if kind == "float" else values


def _cells(values: Any, date_format: str, dated: Callable[[float], date | str] | None) -> Cells:
    """Distinct values spelled once; numbers that their format shows as dates are read as `dated` says."""
    places: dict[Any, int] = {}
    codes = np.fromiter((places.setdefault(_key(value), len(places)) for value in values), dtype=np.int32)
    return coded(codes, [_spelled(value, date_format, dated) for _, value in places])


def _key(value: Any) -> tuple[str, Any]:
    """A value with its kind, so that 1, 1.0 and True stay apart and nan equals itself."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "", None
    return type(value).__name__, value


def _spelled(value: Any, date_format: str, dated: Callable[[float], date | str] | None) -> str:
    if value is None:
        return ""
    if isinstance(value, np.generic):
        value = value.item()
    return spelled(dated(value) if dated and isinstance(value, int | float) else value, date_format)
