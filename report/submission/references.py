"""The works that the methods rest on, as a BibTeX file and as a numbered list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from report import works
from report.works import Work

LACKING = ("Works without a title here are ones whose title this project doesn't know for certain: let the reference manager "
           "fetch it by journal, volume and page. “et al” stands as it is cited; some journals want every author.")


def bibtex(cited: Sequence[str]) -> str:
    """references.bib: each work once, in the order of citation."""
    entries: list[str] = []
    stems: list[str] = []
    for text in cited:
        work = works.read(text)
        stem = re.sub(r"\W", "", text.split(",")[0].split(" ")[0]) + work.fields.get("year", "")
        same = stems.count(stem)
        stems.append(stem)
        entries.append(_entry(work, stem + (chr(ord("a") + same) if same else "")))
    return "\n".join(entries)


def markdown(cited: Sequence[str]) -> str:
    """references.md: numbered as in the manuscript."""
    lines = [f"{number}. {text.rstrip('.')}." for number, text in enumerate(works.formatted(cited), 1)]
    return "\n".join(["# References", "", *lines, "", LACKING]) + "\n"


def _entry(work: Work, key: str) -> str:
    fields = dict(work.fields) or {"note": work.text}
    if "author" in fields:
        fields["author"] = _authors(fields["author"])
    if work.kind == "techreport":
        fields["institution"] = fields["author"]
    if "title" in fields:  # in braces of its own, or a style would make "GVHD" small
        fields["title"] = f"{{{fields['title']}}}"
    if "pages" in fields:
        fields["pages"] = fields["pages"].replace("–", "--")
    lines = [f"  {name} = {{{_escaped(value)}}}," for name, value in fields.items()]
    return "\n".join([f"@{work.kind}{{{key},", *lines, "}"]) + "\n"


def _authors(text: str) -> str:
    """'Kaplan EL, Meier P' as 'Kaplan, E. L. and Meier, P.'; an institution in braces, as one name."""
    def each() -> Iterator[str]:
        for name in text.split(", "):
            last, _, initials = name.rpartition(" ")
            if name == "et al":
                yield "others"
            elif last and initials.isupper():
                yield f"{last}, {' '.join(f'{letter}.' for letter in initials)}"
            else:
                yield f"{{{name}}}"

    return " and ".join(each())


def _escaped(text: str) -> str:
    return re.sub(r"([&%$#_])", r"\\\1", text)
