"""Whether what a label names is one or many."""

from __future__ import annotations

import re

from markupsafe import Markup

BEYOND = re.compile(r" (?:after|at|before|during|for|from|in|of|on|to|with|within|without)\b|[,(]")  # what is named
NO_PLURALS = {"aids", "ascites", "diabetes", "herpes", "measles", "mumps", "rabies", "shingles"}


def plural(label: str) -> bool:
    """Whether what a label names is many: 'Corticosteroids for CRS', not 'Tuberculosis' nor 'Diabetes'."""
    named = BEYOND.split(label)[0].split(" ")[-1]
    if named.isupper():  # CRS, ICANS
        return False
    named = named.lower()
    return named.endswith("s") and not named.endswith(("ss", "is", "us")) and named not in NO_PLURALS


def was(label: Markup) -> str:
    """The verb of what a label names: 'neutrophils were', 'C-reactive protein was'."""
    return "were" if plural(label.striptags()) else "was"
