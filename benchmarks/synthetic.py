"""Studies of any size, invented: `python -m benchmarks.synthetic FOLDER N [--format csv] [--samples 10] [--exact]`.

Two arms, ten covariates, a response, dates of relapse, death and last contact, adverse events, and (with `samples`) a
series of that many values for each patient. The same seed gives the same patients, whatever the format. In `parts` they are
several Parquet files that DuckDB reads, made one after the other, so that there may be more patients than memory.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

STUDY = """# SYNTHETIC data of {n} patients, made by benchmarks/synthetic.py. Nobody in it exists.

[study]
title       = "An invented trial of {n} patients"
short       = "SCALE"
design      = "randomised trial"
data_cutoff = 2024-12-31
day_zero    = "start_date"
reference   = "B"
primary     = "pfs"
style       = "blood"
synthetic   = true
expected_n  = {n}
seed        = 1
{at_once}
[arms]
A = "Experimental"
B = "Control"

[populations]
treated = {{ label = "all treated patients" }}

[frames.subjects]
{subjects}

[frames.subjects.columns]
subject       = {{ type = "id" }}
arm           = {{ type = "arm" }}
age           = {{ type = "number", label = "Age", unit = "years", digits = 0, range = [18, 90], required = true }}
sex           = {{ type = "category", label = "Sex", levels = {{ F = "Female", M = "Male" }} }}
bmi           = {{ type = "number", label = "Body mass index", unit = "kg/m²", digits = 1 }}
ecog          = {{ type = "ordinal", label = "ECOG performance status", levels = ["0", "1", "2"] }}
diagnosis     = {{ type = "category", label = "Diagnosis", levels = ["B-ALL", "DLBCL", "MCL"] }}
prior_lines   = {{ type = "number", label = "Previous lines of therapy", digits = 0 }}
tp53          = {{ type = "flag", label = "TP53 mutation" }}
ldh           = {{ type = "number", label = "Lactate dehydrogenase", unit = "U/L", digits = 0 }}
ferritin      = {{ type = "number", label = "Ferritin", unit = "µg/L", digits = 0 }}
dose          = {{ type = "number", label = "Dose", unit = "×10⁶/kg", digits = 2 }}
response_d28  = {{ type = "category", label = "Response at day 28", levels = ["CR", "CRi", "PR", "NR", "NE"] }}
start_date    = {{ type = "date", label = "Start of treatment", required = true }}
relapse_date  = {{ type = "date", label = "Relapse" }}
death_date    = {{ type = "date", label = "Death" }}
contact_date  = {{ type = "date", label = "Last contact", required = true }}
{exact_columns}
[frames.events]
{events}

[frames.events.columns]
subject = {{ type = "id" }}
term    = {{ type = "category", label = "Event", levels = ["crs", "icans", "infection"], required = true }}
grade   = {{ type = "number", label = "Grade", digits = 0, range = [1, 5], required = true }}
date    = {{ type = "date", label = "Onset", required = true }}
end_date = {{ type = "date", label = "End" }}

[endpoints.pfs]
label  = "Progression-free survival"
short  = "PFS"
{pfs}
unit   = "months"

[endpoints.os]
label  = "Overall survival"
short  = "OS"
start  = "start_date"
event  = ["death_date"]
censor = ["contact_date"]
unit   = "months"

[endpoints.cr]
label     = "CR or CRi at day 28"
column    = "response_d28"
responses = ["CR", "CRi"]

[terms]
crs       = {{ label = "Cytokine release syndrome", short = "CRS", window = [0, 30] }}
icans     = {{ label = "Neurotoxicity", window = [0, 30] }}
infection = {{ label = "Infection", window = [0, 30] }}

[analyses.baseline]
kind      = "characteristics"
variables = ["age", "sex", "bmi", "ecog", "diagnosis", "prior_lines", "tp53", "ldh", "ferritin", "dose"]

[analyses.response]
kind     = "proportion"
outcomes = ["cr"]

[analyses.pfs]
kind     = "survival"
endpoint = "pfs"
at       = [6, 12]
ticks    = [0, 6, 12, 18, 24, 36]

[analyses.os]
kind     = "survival"
endpoint = "os"
at       = [6, 12]
ticks    = [0, 6, 12, 18, 24, 36]

[analyses.safety]
kind   = "adverse-events"
terms  = ["crs", "icans", "infection"]
severe = 3
"""

SERIES = """
[frames.series]
{series}

[frames.series.columns]
subject = {{ type = "id" }}
analyte = {{ type = "category", label = "Analyte", levels = ["cells"], required = true }}
date    = {{ type = "date", label = "Sample", required = true }}
value   = {{ type = "number", label = "Value" }}

[analytes]
cells = {{ label = "Cells in blood", unit = "copies/µg DNA", scale = "log", lloq = 50, window = [1, 28] }}

[analyses.kinetics]
kind    = "kinetics"
analyte = "cells"
"""

DATES = """start  = "start_date"
event  = ["relapse_date", "death_date"]
censor = ["contact_date"]"""
EXACT = """time   = "pfs_months"
status = "pfs_event"\
"""
EXACT_COLUMNS = """pfs_months    = { type = "number", label = "Time to relapse or death", unit = "months" }
pfs_event     = { type = "number", label = "Relapse or death" }
"""
DAYS = (0, 3, 5, 7, 10, 14, 17, 21, 28, 42)  # of the series, of which a patient has the first `samples`
FIRST = "2018-01-01"


def write(
    folder: Path,
    n: int,
    form: str = "parquet",
    *,
    samples: int = 0,
    exact: bool = False,
    seed: int = 1,
    parts: int = 0,
    at_once: int = 0,
) -> Path:
    """The study in `folder`. `exact` gives progression-free survival as a time that no two patients share.

    `at_once` is how many patients the study lets into memory together (0: all of them).
    """
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    names = ("subjects", "events", *(["series"] if samples else []))
    for part, first in enumerate(range(0, n, -(-n // max(parts, 1)))):
        size = min(-(-n // max(parts, 1)), n - first)
        draw = np.random.default_rng([seed, part] if part else seed)
        who = np.char.add("S", np.char.zfill(np.arange(first, first + size).astype(str), 7))
        control = draw.random(size) < 0.5
        start = np.datetime64(FIRST) + draw.integers(0, 1400, size).astype("timedelta64[D]")
        subjects, days = _subjects(draw, who, control, start, exact)
        tables = [subjects, _events(draw, who, start)]
        if samples:
            tables.append(_series(draw, who, control, start, days, samples))
        for name, table in zip(names, tables, strict=True):
            (folder / name).mkdir(exist_ok=True) if parts else None
            _save(folder / name / f"part-{part:04}" if parts else folder / name, form, table)
    origin = 'source = "duckdb:{}/*.parquet"' if parts else f'file = "{{}}.{form}"'
    told = {name: origin.format(name) for name in names}
    told |= {"pfs": EXACT if exact else DATES, "exact_columns": EXACT_COLUMNS if exact else ""}
    told["at_once"] = f"patients_at_once = {at_once}\n" if at_once else ""
    (folder / "study.toml").write_text((STUDY + (SERIES if samples else "")).format(n=n, **told), encoding="utf-8")
    return folder


def _subjects(draw: Any, who: Any, control: Any, start: Any, exact: bool) -> tuple[dict[str, Any], Any]:
    import numpy as np
    import pyarrow as pa

    n = len(who)
    age = np.clip(draw.normal(48 + 2 * control, 14, n), 18, 89).round()
    risk = np.where(control, 1.5, 1.0) * np.exp(0.012 * (age - 48))
    relapse = draw.exponential(420 / risk) + 35
    death = np.maximum(relapse + draw.exponential(300, n), 40)
    follow = draw.uniform(150, 1100, n)
    end = np.minimum(death, follow)
    time = np.minimum(relapse, follow)
    relapsed, died = relapse < follow, death < follow

    def date(day: Any, there: Any) -> Any:
        return pa.array(start + np.floor(day).astype("timedelta64[D]"), mask=~there)

    def missing(values: Any, share: float) -> Any:
        return pa.array(values, mask=draw.random(n) < share)

    found = {
        "subject": who,
        "arm": _pick(("A", "B"), control.astype(int)),
        "age": age,
        "sex": _pick(("F", "M"), draw.random(n) < 0.56),
        "bmi": missing(draw.normal(24, 3.5, n).clip(14).round(1), 0.03),
        "ecog": _pick(("0", "1", "2"), draw.choice(3, n, p=(0.4, 0.45, 0.15))),
        "diagnosis": _pick(("B-ALL", "DLBCL", "MCL"), draw.choice(3, n, p=(0.6, 0.3, 0.1))),
        "prior_lines": draw.poisson(2.2, n) + 1.0,
        "tp53": missing((draw.random(n) < 0.25).astype("int8"), 0.04),
        "ldh": draw.lognormal(5.6, 0.5, n).round(),
        "ferritin": missing(draw.lognormal(6.7, 0.9, n).round(), 0.03),
        "dose": draw.lognormal(0.4, 0.4, n).round(2),
        "response_d28": _pick(("CR", "CRi", "PR", "NR", "NE"), draw.choice(5, n, p=(0.5, 0.2, 0.1, 0.15, 0.05))),
        "start_date": start,
        "relapse_date": date(relapse, relapsed),
        "death_date": date(death, died),
        "contact_date": date(end, np.ones(n, dtype=bool)),
    }
    if exact:
        found |= {"pfs_months": (time / 30.4375).round(6), "pfs_event": relapsed.astype("int8")}
    return found, end


def _events(draw: Any, who: Any, start: Any) -> dict[str, Any]:
    """About two episodes for each patient, all within thirty days and before anybody's death."""
    import numpy as np

    parts = []
    for place, none in enumerate((0.2, 0.7, 0.5)):
        has = np.flatnonzero(draw.random(len(who)) >= none)
        day = draw.integers(0, 20, len(has))
        grade = draw.choice(4, len(has), p=(0.4, 0.3, 0.2, 0.1)) + 1.0
        parts.append((has, np.full(len(has), place), grade, day, day + draw.integers(1, 9, len(has))))
    owner, term, grade, day, end = (np.concatenate(column) for column in zip(*parts))
    return {
        "subject": who[owner],
        "term": _pick(("crs", "icans", "infection"), term),
        "grade": grade,
        "date": start[owner] + day.astype("timedelta64[D]"),
        "end_date": start[owner] + end.astype("timedelta64[D]"),
    }


def _series(draw: Any, who: Any, control: Any, start: Any, last: Any, samples: int) -> dict[str, Any]:
    """The first `samples` of the planned days, each shifted by up to a day; nothing after a patient's last day."""
    import numpy as np

    n = len(who)
    planned = np.array([*DAYS, *range(DAYS[-1] + 7, DAYS[-1] + 7 * max(1, samples), 7)][:samples])
    day = planned + draw.integers(0, 2, (n, samples))
    level = draw.lognormal(8 - 0.4 * control, 1.2, n)[:, None]
    value = level * np.minimum(day + 0.2, 10) / (1 + day / 8) ** 2 * draw.lognormal(0, 0.3, day.shape)
    kept = day <= last[:, None]
    owner = np.broadcast_to(np.arange(n)[:, None], day.shape)[kept]
    return {
        "subject": who[owner],
        "analyte": _pick(("cells",), np.zeros(len(owner), dtype=int)),
        "date": start[owner] + day[kept].astype("timedelta64[D]"),
        "value": value[kept].round(1),
    }


def _pick(words: tuple[str, ...], places: Any) -> pa.DictionaryArray:
    import numpy as np
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(np.asarray(places, dtype="int32"), list(words))


def _save(stem: Path, form: str, columns: dict[str, np.ndarray]) -> None:
    import pyarrow as pa
    from pyarrow import csv, parquet

    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    if form == "parquet":
        parquet.write_table(table, stem.with_suffix(".parquet"))
        return
    plain = pa.table(
        {
            name: column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
            for name, column in zip(table.column_names, table.columns)
        }
    )
    csv.write_csv(plain, stem.with_suffix(".csv"), csv.WriteOptions(quoting_style="needed"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synthetic", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("n", type=lambda text: int(float(text)), help="patients, such as 1e6")
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--samples", type=int, default=0, help="values of the series for each patient")
    parser.add_argument("--exact", action="store_true", help="progression-free survival as times that nobody shares")
    parser.add_argument("--parts", type=int, default=0, help="so many Parquet files for DuckDB, made one after the other")
    parser.add_argument("--at-once", type=int, default=0, help="patients_at_once of the study")
    asked = parser.parse_args()
    write(
        asked.folder,
        asked.n,
        asked.format,
        samples=asked.samples,
        exact=asked.exact,
        parts=asked.parts,
        at_once=asked.at_once,
    )


if __name__ == "__main__":
    main()
