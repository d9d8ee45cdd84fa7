"""Studies made from nothing: a study file over the whole grammar of docs/study-file.md with small data to it, and faults put in.

`studies(faults=0)` keeps to the grammar; the data are as small and odd as real ones can be (nobody, one patient, ties, empty
cells, an arm without patients), so that such a study may still be refused, but only with a finding.
"""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import strategies as st

from tests.bad_inputs.made_analyses import analyses, claims, endpoints, methods, populations, some
from tests.bad_inputs.made_exhibits import exhibits
from tests.bad_inputs.made_faults import spoilt_cells, spoilt_file
from tests.bad_inputs.made_files import Made, Rows

LABELS = (
    "Fever",
    "Größe",
    "Sample of CD34+",
    "Age & weight",
    "<b>bold</b>",
    "µ-chain",
    "{{ x }}",
    "細胞",
    "Dr. Who's",
    "a\u0301b",
)

HEADS = {
    "subjects.csv": (
        "subject",
        "arm",
        "age",
        "dose",
        "sex",
        "stage",
        "marker",
        "start",
        "relapse",
        "death",
        "last",
        "months",
        "state",
        "comment",
    ),
    "series.csv": ("subject", "analyte", "day", "value"),
    "events.csv": ("subject", "term", "grade", "day", "end_day"),
    "screening.csv": ("subject", "consented", "treated", "why"),
}


def _label() -> st.SearchStrategy[dict[str, str]]:
    return st.one_of(st.just({}), st.sampled_from(LABELS).map(lambda label: {"label": label}))


@st.composite
def _columns(draw: st.DrawFn) -> dict[str, Any]:
    def column(kind: str, **keys: Any) -> dict[str, Any]:
        return {"type": kind, **draw(_label()), **keys}

    summary = {"summary": st.sampled_from(["median-iqr", "median-range", "mean-sd"])}
    levels = st.sampled_from([["F", "M"], {"F": "Female", "M": "Male"}, ["F", "M", "X"]])
    columns = {
        "subject": {"type": "id"},
        "arm": {"type": "arm"},
        "age": column(
            "number", unit="years", **draw(some(digits=st.integers(0, 3), range=st.just([0, 110]), **summary))
        ),
        "dose": column(
            "number", **draw(some(digits=st.integers(0, 9), unit=st.sampled_from(["mg", "10⁶/kg", "%"]), **summary))
        ),
        "sex": column("category", levels=draw(levels)),
        "stage": column(
            "ordinal", levels=draw(st.sampled_from([["0", "1", "2"], {"0": "none", "1": "some", "2": "much"}]))
        ),
        "marker": column("flag"),
        **{name: column("date") for name in ("start", "relapse", "death", "last")},
        "months": column("number", unit="months"),
        "state": column("number"),
        "comment": {"type": "text"},
    }
    picks = st.sampled_from(["first", "last", "min", "max", "mean", "peak", "tmax", "count", "first-day", "last-day"])
    more = some(
        wait=st.just({"type": "number", "between": ["start", "relapse"]}),
        early=st.fixed_dictionaries({"pick": picks}).map(
            lambda of: {"type": "number", "from": {"frame": "series", "analyte": "copies", "day": [0, 20], **of}}
        ),
        fever=st.just({"type": "flag", "from": {"frame": "events", "where": "grade >= 2", "pick": "any"}}),
    )
    return columns | draw(more)


@st.composite
def _patients(draw: st.DrawFn, arms: list[str]) -> dict[str, Rows]:
    """At most twelve patients, few different values each, and a third of the cells empty where they may be."""

    def cell(*choices: str) -> str:
        return draw(st.sampled_from((*choices, "")))

    files: dict[str, Rows] = {name: [dict(zip(head, head, strict=True))] for name, head in HEADS.items()}
    for number in range(draw(st.sampled_from([8, 1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 0]))):
        name = f"P{number:02}"
        start = datetime.date(2020, 1, 6) + datetime.timedelta(draw(st.sampled_from([0, 0, 7, 300])))
        days = draw(st.sampled_from([0, 1, 28, 90, 90, 200, 400, 900]))
        timed = draw(
            st.sampled_from([("", ""), *((time, state) for time in ("0", "0.5", "3", "6", "12.5") for state in "0112")])
        )
        last = str(start + datetime.timedelta(days))
        row = (
            name,
            draw(st.sampled_from(arms)),
            cell("34", "34", "51", "70"),
            cell("0", "1.5", "2", "2.25"),
            cell("F", "M"),
            cell("0", "1", "2"),
            cell("0", "1"),
            str(start),
            draw(st.sampled_from(["", "", str(start + datetime.timedelta(days // 2))])),
            draw(st.sampled_from(["", last])),
            last,
            *timed,
            cell("x"),
        )
        files["subjects.csv"].append(dict(zip(HEADS["subjects.csv"], row, strict=True)))
        for day in draw(st.sets(st.sampled_from([0, 1, 7, 14, 28]), max_size=4)):
            if day <= days:
                row = (name, "copies", str(day), draw(st.sampled_from(["0", "8.1", "8.1", "9", "12", "<5"])))
                files["series.csv"].append(dict(zip(HEADS["series.csv"], row, strict=True)))
        for day in draw(st.sets(st.sampled_from([0, 3, 9, 20]), max_size=2)):
            if day <= days:
                row = (
                    name,
                    draw(st.sampled_from(["crs", "rash"])),
                    cell("1", "2", "3", "4"),
                    str(day),
                    str(min(day + 4, days)),
                )
                files["events.csv"].append(dict(zip(HEADS["events.csv"], row, strict=True)))
        files["screening.csv"].append(dict(zip(HEADS["screening.csv"], (name, "1", "1", ""), strict=True)))
    for number in range(draw(st.integers(0, 2))):
        row = (f"S{number}", draw(st.sampled_from("01")), "0", cell("x"))
        files["screening.csv"].append(dict(zip(HEADS["screening.csv"], row, strict=True)))
    return files


@st.composite
def studies(draw: st.DrawFn, faults: int = 0) -> Made:
    """A study over the grammar, with so many things then made wrong in its file or its cells."""
    arms = ["A", "B", "C", "D"][: draw(st.sampled_from([1, 2, 2, 2, 3, 4]))]
    head = {
        "title": draw(st.sampled_from(LABELS)),
        "short": "MADE",
        "data_cutoff": datetime.date(2024, 12, 31),
        "day_zero": "start",
    }
    optional = some(
        design=st.sampled_from(
            ["retrospective cohort", "prospective cohort", "single-arm trial", "randomised trial", "registry"]
        ),
        reference=st.sampled_from(arms),
        style=st.sampled_from(["plain", "blood", "nejm", "jama"]),
        confidence=st.sampled_from([0.9, 0.95, 0.99]),
        alpha=st.sampled_from([0.01, 0.05]),
        synthetic=st.booleans(),
        seed=st.integers(0, 9),
        ctcae=st.sampled_from(["5.0", "6.0"]),
        privacy=st.sampled_from(["journal", "public", "internal"]),
        smallest_count=st.integers(2, 6),
    )
    window = {"window": st.sampled_from([[0, 30], [1, 14], [0, 0]])}
    asked = draw(analyses(arms))
    file: dict[str, Any] = {
        "study": head | draw(optional),
        "arms": {arm: f"{draw(st.sampled_from(LABELS))} {arm}" for arm in arms},
        "populations": draw(populations()),
        "frames": {"subjects": {"file": "subjects.csv", "columns": draw(_columns())}}
        | {name: {"file": f"{name}.csv"} for name in ("series", "events")},
        "endpoints": draw(endpoints()),
        "terms": {
            "crs": draw(_label()) | draw(some(short=st.just("CRS"), **window)),
            "rash": draw(_label()) | draw(some(**window)),
            "worst": {"label": "Worst stage", "from": "stage"},
        },
        "analytes": {
            "copies": {
                "lloq": 5,
                **draw(_label()),
                **draw(some(scale=st.sampled_from(["linear", "log"]), uloq=st.just(12), **window)),
            }
        },
        "methods": draw(methods()),
        "analyses": asked,
        "claims": draw(claims(asked, arms)),
    }
    if any(of["kind"] == "flow" for of in asked.values()):
        flags = {name: {"type": "flag"} for name in ("consented", "treated")}
        file["frames"]["screening"] = {
            "file": "screening.csv",
            "columns": {
                "subject": {"type": "id"},
                **flags,
                "why": {"type": "category", "levels": {"x": "Other reasons"}},
            },
        }
    file |= draw(exhibits(asked))
    if "primary" not in file["study"] and draw(st.booleans()):
        first = [name for name, of in asked.items() if of["kind"] == "survival"]
        file["study"] |= {"primary": first[0]} if first else {}
    made = Made({block: of for block, of in file.items() if of or block == "arms"}, draw(_patients(arms)))
    for _ in range(faults):
        draw(st.sampled_from([spoilt_file, spoilt_file, spoilt_file, spoilt_cells]))(draw, made)
    return made
