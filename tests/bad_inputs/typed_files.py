"""The files of the small study as programs of statistics write them, changed on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd  # before a build loads it without Arrow

from tests.bad_inputs.bends import SUBJECTS, Bend, study


def typed(file: str, ending: str, change: Callable[[Any], Any] = lambda data: data) -> Bend:
    """The file as Parquet, changed as a data frame of texts, or as SAS transport, SPSS or Stata, changed as one of numbers."""

    def bend(folder: Path) -> None:
        import pyreadstat

        made = file.replace(".csv", f".{ending}")
        if ending == "parquet":
            change(pd.read_csv(folder / file, dtype=str, keep_default_na=False)).to_parquet(folder / made, index=False)
        else:
            write = {"xpt": "write_xport", "sav": "write_sav", "dta": "write_dta"}[ending]
            data = pd.read_csv(folder / file, keep_default_na=False, na_values=[""])
            getattr(pyreadstat, write)(change(data), str(folder / made))
        _instead(folder, file, made)

    return bend


def arrow(change: Callable[[Any], Any], file: str = SUBJECTS) -> Bend:
    """The file as Parquet, changed as an Arrow table of texts."""

    def bend(folder: Path) -> None:
        import pandas as pd
        import pyarrow as pa
        from pyarrow import parquet

        made = file.replace(".csv", ".parquet")
        table = pa.Table.from_pandas(pd.read_csv(folder / file, dtype=str, keep_default_na=False))
        parquet.write_table(change(table), folder / made)
        _instead(folder, file, made)

    return bend


def _instead(folder: Path, file: str, made: str) -> None:
    (folder / file).unlink()
    study(f'"{file}"', f'"{made}"')(folder)


def arrow_column(name: str, change: Callable[[Any], Any]) -> Bend:
    """One column of the Arrow table replaced by what comes of it."""
    return arrow(lambda table: table.set_column(table.column_names.index(name), name, change(table.column(name))))


def values(change: Callable[[str], Any], kind: Callable[[], Any] | None = None) -> Callable[[Any], Any]:
    """Every text of an Arrow column changed; `kind` gives the type of what comes of it."""

    def changed(column: Any) -> Any:
        import pyarrow as pa

        return pa.array([change(text) for text in column.to_pylist()], kind() if kind else None)

    return changed


def moment(hour: int = 0, zone: str | None = None) -> Callable[[Any], Any]:
    """Days as timestamps at this hour."""

    def kind() -> Any:
        import pyarrow as pa

        return pa.timestamp("us", tz=zone)

    return values(lambda day: datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC if zone else None), kind)


def real_dates(data: Any) -> Any:
    """A data frame's texts of days as dates."""
    dated = [name for name in data if name.endswith("_date")]
    read = {name: data[name].map(date.fromisoformat, na_action="ignore") for name in dated}
    return data.assign(**read)


def numbers(column: str, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda data: data.assign(**{column: change(data[column].astype(float))})
