"""Each statement of the abstract with its verdict and the wording the data support."""

from __future__ import annotations

from markupsafe import Markup

from report.claims import audit
from report.style import Style
from report.table import Head, Line, Table
from report.voice import Voice
from stats.results import Results


def build(results: Results, style: Style) -> Table:
    """One line per declared claim, in the order of the study file; it shows no analysis in particular, so it takes no `of`."""
    voice = Voice(style.names.study, results, style.in_sentence)
    heads = tuple(Head(Markup(text)) for text in ("Statement of the abstract", "Verdict", "Wording the data support"))
    lines = []
    seen: set[str] = set()
    notes: dict[str, str] = {}
    for found in audit(voice):
        quote = (
            Markup("<q>{}</q>").format(found.claim.quote)
            if found.claim.quote not in seen
            else Markup("the same statement")
        )
        seen.add(found.claim.quote)
        wording = found.wording
        if found.mismatch:
            wording += Markup(" Printed, but not in the data: <q>{}</q>.").format("; ".join(found.mismatch))
        if found.claim.type == "judgement":
            wording = Markup("No number decides this.")
        notes[found.verdict] = found.meaning
        lines.append(Line(quote, (Markup(found.verdict[:1].upper() + found.verdict[1:]), wording)))
    said = (
        Markup("<i>{}</i>: {}.").format(verdict[:1].upper() + verdict[1:], meaning)
        for verdict, meaning in notes.items()
    )
    return Table(heads, tuple(lines), tuple(said))
