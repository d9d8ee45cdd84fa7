"""A proposal as study.toml, every guess marked `# ?` for the person who knows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from stats.intake.dates import ISO
from stats.propose import wide
from stats.propose.cells import UNCLEAR, month_first
from stats.propose.columns import Guess
from stats.propose.study import Endpoint, Part, Proposal

BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
INTRODUCTION = """# Proposed from the data files by `init`. Nothing in it is certain: every line with "# ?" is a guess.
# Go through them, correct what is wrong, take the "# ?" away, and run `python build_report.py check` on this folder.
"""


def write(proposal: Proposal, title: str, today: date) -> str:
    """The text of study.toml. `today` stands for the data cut-off where the files hold no date."""
    lines = [INTRODUCTION, *_study(proposal, title, today), "", *_arms(proposal), ""]
    for part in proposal.parts:
        lines += [*_frame(part), ""]
    for endpoint in proposal.endpoints:
        lines += [*_endpoint(endpoint), ""]
    for block, levels in proposal.levels.items():
        if levels:
            lines += [
                f"[{block}]",
                *(f"{_key(name)} = {_keys(keys)}  # ? {_about(block)}" for name, keys in levels.items()),
                "",
            ]
    lines += _analyses(proposal)
    lines += [
        "# Without [exhibits] and [[sections]] the report arranges itself: a table or figure for each analysis.",
        "#",
        "# [claims.first]                     # what the abstract says, held against the results by `audit`",
        '# quote  = "a sentence of the abstract, letter for letter"',
        '# type   = "difference"',
        '# result = "an address, as in results.csv"',
    ]
    return "\n".join(lines) + "\n"


def _study(proposal: Proposal, title: str, today: date) -> Iterator[str]:
    yield "[study]"
    yield f"title       = {_text(title)}  # ? the title of the paper"
    yield f"short       = {_text(title.upper()[:20])}  # ? a short name for headers"
    yield 'design      = "retrospective cohort"  # ? or prospective cohort, single-arm trial, randomised trial, registry'
    if proposal.cutoff:
        yield f"data_cutoff = {proposal.cutoff.isoformat()}  # ? the latest date in the files; enter the day the data were cut"
    else:
        yield f"data_cutoff = {today.isoformat()}  # ? the files hold no dates; enter the day the data were cut"
    if proposal.day_zero:
        yield f"day_zero    = {_text(proposal.day_zero)}  # ? the date from which days are counted"
    if len(proposal.arms) > 1:
        yield f"reference   = {_text(proposal.reference)}  # ? the arm that the others are compared with"
    yield 'style       = "plain"  # ? a journal: see templates/styles'
    yield f"seed        = {(proposal.cutoff or today):%Y%m%d}"
    yield f"expected_n  = {proposal.patients}  # ? patients in the file now; another number is refused"
    yield '# primary   = "…"                  # the one analysis that is primary; everything else is labelled exploratory'


def _arms(proposal: Proposal) -> Iterator[str]:
    yield "[arms]  # in the order in which they are to be shown"
    for key, label in proposal.arms.items():
        yield f"{_key(key)} = {_text(label)}  # ?"
    if proposal.candidates:
        first = (
            "Other columns with a few values each"
            if len(proposal.arms) > 1
            else "No column is called an arm or a group. These have a few values each"
        )
        yield f"# ? {first}: {', '.join(proposal.candidates)}"


def _frame(part: Part) -> Iterator[str]:
    table = part.table
    yield f"[frames.{part.frame}]{'' if part.frame == 'subjects' else '  # ? what this file records'}"
    yield f"file = {_text(table.file)}"
    keys = {
        "sheet": table.sheet,
        "cells": table.cells,
        "delimiter": table.delimiter,
        "encoding": table.encoding,
        "decimal": next((column.decimal for column in part.columns if column.decimal), ""),
    }
    if table.header:
        rows = table.header[0] if len(table.header) == 1 else list(table.header)
        yield f"header_row = {rows}  # ? the row{'s' if len(table.header) > 1 else ''} of the column names"
    for key, value in keys.items():
        if value:
            about = f" left out: {', '.join(table.left_out)}" if key == "cells" and table.left_out else ""
            yield f"{key} = {_text(value)}{'' if key in ('sheet', 'delimiter') else '  # ?' + about}"
    for key, (value, about) in part.keys.items():
        yield f"{key} = {_text(value)}{f'  # ? {about}' if about else ''}"
    yield from _formats(part)
    levels = {
        cell
        for column in part.columns
        for cell in column.distinct
        if column.type in ("category", "ordinal") and cell not in column.missing
    }
    said = dict.fromkeys(cell for column in part.columns for cell in column.missing)
    missing = [cell for cell in said if cell not in levels]  # one list for the whole file: a level elsewhere stays one
    if missing:
        yield f"missing = [{', '.join(map(_text, missing))}]  # ? cells that were taken for missing values"
    yield f"[frames.{part.frame}.columns]"
    for column in part.columns:
        yield _column(column, part.frame)
    person = next((column for column in part.columns if column.name == "subject"), None)
    if person is None:
        yield "# ? No column identifies the patients: each row counts as one."
    names = wide.names(part.wide)
    for analyte, days in part.wide.items():
        yield f"[frames.{part.frame}.wide.{_key(names[analyte])}]  # ? days beside each other, as the column names say"
        yield from (f"{_text(head)} = {day:g}" for head, day in days.items())


def _formats(part: Part) -> Iterator[str]:
    """The formats of the dates. Where nothing tells day and month apart both stand there as comments: a build without a
    choice is refused, and a wrong choice is not."""
    dated = [column for column in part.columns if column.type == "date"]
    kept = list(dict.fromkeys(form for column in dated for form in column.date_formats))
    if kept in ([], [ISO]):
        return
    unclear = {form for column in dated for form in column.unclear if form in UNCLEAR}
    if not unclear:
        yield f"date_format = {_listed(kept)}  # ?"
        return
    yield "# ? Day and month can't be told apart. Take the # away before the line that holds:"
    yield f"# date_format = {_listed(kept)}"
    yield f"# date_format = {_listed([month_first(form) if form in unclear else form for form in kept])}"


def _listed(formats: Sequence[str]) -> str:
    return _text(formats[0]) if len(formats) == 1 else f"[{', '.join(map(_text, formats))}]"


def _column(column: Guess, frame: str) -> str:
    about = "; ".join(column.doubts)
    if not column.type:
        return f"# {column.source}: left out, {about}"
    keys: dict[str, str] = {"type": _text(column.type)}
    if column.origin:
        keys["from"] = column.origin
    elif column.source != column.name:
        keys["source"] = _text(column.source)
    if column.day_one:
        keys["day_one"] = "true"
    if column.type not in ("id", "arm"):
        keys["label"] = _text(column.label)
    if column.unit and column.type == "number":
        keys["unit"] = _text(column.unit)
    if column.digits is not None and column.type == "number":
        keys["digits"] = str(column.digits)
    if column.type in ("category", "ordinal"):
        keys["levels"] = _levels(column.levels)
    if column.values:
        keys["values"] = _table(column.values)
    if "day zero" in column.doubts:
        keys["required"] = "true"
    body = ", ".join(f"{key} = {value}" for key, value in keys.items())
    return f"{_key(column.name)} = {{ {body} }}  # ? {about}".rstrip()


def _endpoint(endpoint: Endpoint) -> Iterator[str]:
    yield f"[endpoints.{_key(endpoint.name)}]  # ? {'; '.join(endpoint.doubts)}".rstrip()
    yield f"label = {_text(endpoint.label)}"
    for key, value in endpoint.keys.items():
        if isinstance(value, tuple):
            yield f"{key} = [{', '.join(_text(item) for item in value)}]"
        elif isinstance(value, Mapping):
            yield f"{key} = {{ {', '.join(f'{name} = {json.dumps(list(codes))}' for name, codes in value.items())} }}"
        else:
            yield f"{key} = {_text(str(value))}"


def _analyses(proposal: Proposal) -> Iterator[str]:
    if proposal.baseline:
        more = f"  # ? not taken: {', '.join(proposal.more)}" if proposal.more else "  # ? in this order"
        yield from (
            "[analyses.baseline]",
            'kind = "characteristics"',
            f"variables = [{', '.join(map(_text, proposal.baseline))}]{more}",
            "",
        )
    shares = [one.name for one in proposal.endpoints if not one.timed]
    if shares:
        yield from ("[analyses.response]", 'kind = "proportion"', f"outcomes = [{', '.join(map(_text, shares))}]", "")
    timed = [one for one in proposal.endpoints if one.timed]
    for one in timed:
        kind = (
            "incidence" if "competing" in one.keys or any("competing" in doubt for doubt in one.doubts) else "survival"
        )
        at = {"days": "[100, 365]", "weeks": "[52]", "months": "[12]", "years": "[1]"}[str(one.keys["unit"])]
        yield from (
            f"[analyses.{_key(one.name)}]",
            f'kind = "{kind}"',
            f"endpoint = {_text(one.name)}",
            f"at = {at}  # ? times to report",
            "",
        )
    first = next((one.name for one in timed if one.name == "os"), timed[0].name if timed else "")
    if first:
        yield from ("[analyses.followup]", 'kind = "followup"', f"endpoint = {_text(first)}", "")
    if proposal.levels.get("terms"):
        names = list(proposal.levels["terms"])
        yield from (
            "[analyses.toxicity]",
            'kind = "adverse-events"',
            f"terms = [{', '.join(map(_text, names))}]  # ?",
            "",
        )
    for name in proposal.levels.get("analytes", {}):
        yield from (f"[analyses.{_key('kinetics_' + name)}]", 'kind = "kinetics"', f"analyte = {_text(name)}  # ?", "")


def _about(block: str) -> str:
    return (
        "add grading and window = [0, 30]" if block == "terms" else 'add unit, lloq, scale = "log" and window = [0, 28]'
    )


def _keys(keys: Mapping[str, object]) -> str:
    body = ", ".join(
        f"{key} = {_text(value) if isinstance(value, str) else f'{value:g}'}" for key, value in keys.items()
    )
    return f"{{ {body} }}"


def _levels(levels: Mapping[str, str]) -> str:
    return (
        f"[{', '.join(map(_text, levels))}]" if all(key == label for key, label in levels.items()) else _table(levels)
    )


def _table(pairs: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{_key(key)} = {_text(value)}" for key, value in pairs.items()) + " }"


def _key(text: str) -> str:
    return text if text and set(text) <= BARE else _text(text)


def _text(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
