"""REDCap's data dictionary: labels, levels and types of the fields, so that the study file needn't repeat them."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

NAMES = {  # heads of a dictionary downloaded from the Designer, and of one fetched through the API
    "name": ("Variable / Field Name", "field_name"),
    "label": ("Field Label", "field_label"),
    "type": ("Field Type", "field_type"),
    "choices": ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations"),
    "format": ("Text Validation Type OR Show Slider Number", "text_validation_type_or_show_slider_number"),
}
INSTRUMENT, EVENT = "redcap_repeat_instrument", "redcap_event_name"
HEADS = {INSTRUMENT: "Repeat Instrument", EVENT: "Event Name"}  # what an export with labels calls them
CHECKED = {"Checked": "1", "Unchecked": "0"}
TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Field:
    """What the dictionary says of one column of the export; `head` is its header in an export with labels."""

    type: str
    label: str
    head: str
    levels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)  # label → code, as an export with labels has them


def read(path: Path) -> dict[str, Field]:
    """Fields by the header they have in the export; a checkbox has one ``NAME___CODE`` for each choice.

    ValueError, with what is wrong, for a file that is no data dictionary.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"the data dictionary can't be read ({type(error).__name__})") from None
    heads = {key: next((name for name in names if rows and name in rows[0]), "") for key, names in NAMES.items()}
    if not heads["name"] or not heads["type"]:
        raise ValueError("this is no REDCap data dictionary: it lacks the column 'Variable / Field Name' or 'Field Type'")
    fields: dict[str, Field] = {}
    for row in rows:
        told = {key: (row.get(head) or "").strip() if head else "" for key, head in heads.items()}
        fields |= _fields(told)
    return fields


def _fields(told: Mapping[str, str]) -> dict[str, Field]:
    label, kind = _plain(told["label"]), told["type"].casefold()
    if kind == "checkbox":
        return {f"{told['name']}___{code.lower().replace('-', '_')}":
                Field("flag", f"{label}: {choice}", f"{label} (choice={choice})", values=CHECKED)
                for code, choice in choices(told["choices"]).items()}
    if kind in ("radio", "dropdown"):
        levels = choices(told["choices"])
        values = {label: code for code, label in levels.items() if label not in levels}
        return {told["name"]: Field("category", label, label, levels, values)}
    return {told["name"]: Field(_type(kind, told["format"].casefold()), label, label)}


def _type(kind: str, validation: str) -> str:
    if kind in ("yesno", "truefalse"):
        return "flag"
    if kind in ("calc", "slider") or validation.startswith(("number", "integer")):
        return "number"
    return "date" if validation.startswith("date_") else "text"


def choices(text: str) -> dict[str, str]:
    """'1, Male | 2, Female' as {'1': 'Male', '2': 'Female'}; labels may hold commas."""
    found: dict[str, str] = {}
    for part in text.split("|"):
        code, comma, label = part.partition(",")
        if comma and code.strip():
            found[code.strip()] = _plain(label)
    return found


def _plain(text: str) -> str:
    """A label without the mark-up that REDCap allows, on one line."""
    return " ".join(TAG.sub(" ", text).split())
