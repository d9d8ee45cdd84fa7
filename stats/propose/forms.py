"""REDCap exports: one file with rows of several instruments and events, taken apart into one table for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stats.propose.tables import Table
from stats.study.redcap import EVENT, HEADS, INSTRUMENT

if TYPE_CHECKING:
    from stats.study.redcap import Field

OWN = (
    "redcap_repeat_instance",
    "redcap_data_access_group",
    "redcap_survey_identifier",
    "Repeat Instance",
    "Data Access Group",
    "Survey Identifier",
)


def apart(table: Table) -> list[Table]:
    """The rows outside of repeating instruments and each instrument's rows, with the columns that have something there."""
    instrument = next((head for head in (INSTRUMENT, HEADS[INSTRUMENT]) if head in table.columns), "")
    event = next((head for head in (EVENT, HEADS[EVENT]) if head in table.columns), "")
    if not instrument and not event:
        return [table]
    found: list[Table] = []
    for name in dict.fromkeys(table.columns[instrument]) if instrument else [""]:
        places = [i for i in range(table.rows) if not instrument or table.columns[instrument][i] == name]
        keys = {"instrument": (name,)} if instrument else {}
        if not event or name:
            found.append(_only(table, places, keys, (instrument, event)))
            continue
        events = list(dict.fromkeys(table.columns[event][i] for i in places))
        for one in events:
            at = [i for i in places if table.columns[event][i] == one]
            found.append(
                _only(table, at, {**keys, **({"event": (one,)} if len(events) > 1 else {})}, (instrument, event))
            )
    return found


def _only(table: Table, places: Sequence[int], keys: Mapping[str, Sequence[str]], heads: Sequence[str]) -> Table:
    found = table.at(places)
    columns = {head: cells for head, cells in found.columns.items() if head not in (*heads, *OWN) and any(cells)}
    return replace(found, columns=columns, keys=keys)


def told(head: str, dictionaries: Mapping[str, Mapping[str, Field]]) -> tuple[str, str, Field] | None:
    """(dictionary, field, what it says) of a column, by its name or, in an export with labels, by its label."""
    for file, fields in dictionaries.items():
        if head in fields:
            return file, head, fields[head]
        for name, one in fields.items():
            if one.head == head:
                return file, name, one
    return None
