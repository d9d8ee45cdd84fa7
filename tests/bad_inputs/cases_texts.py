"""Texts and identifiers as people and programs spoil them."""

from __future__ import annotations

from tests.bad_inputs.bends import (
    EVENTS,
    SUBJECTS,
    cell,
    column,
    event,
    ids,
    raw,
    renamed,
    row,
    study,
    table,
)
from tests.bad_inputs.case import Case, fine, refused, repaired, warned


def encoded(name: str) -> Case:
    change = study('file = "events.csv"', f'file = "events.csv"\nencoding = "{name}"')
    return refused(f"codec-{name}", f"the codec {name}, which is of no text file", "E_CONFIG_VALUE", change)


IDENTIFIERS = (
    refused(
        "id-space-inside",
        "a no-break space inside the identifiers of one file",
        "E_ORPHAN_ID",
        ids(lambda name: name.replace("P0", "P\u00a00"), EVENTS),
        says="did you mean 'P01'",
    ),
    refused(
        "id-invisible",
        "a zero-width space inside the identifiers of one file",
        "E_ORPHAN_ID",
        ids(lambda name: f"{name[0]}\u200b{name[1:]}", EVENTS),
    ),
    refused(
        "id-two-lines", "an identifier of two lines", "E_CONTROL_CHAR", ids(lambda n: "P\n05" if n == "P05" else n)
    ),
    refused(
        "id-case",
        "identifiers in small letters in one file",
        "E_ORPHAN_ID",
        ids(str.lower, EVENTS),
        says="did you mean 'P01'",
    ),
    refused(
        "id-apostrophe",
        "an apostrophe that marked a text in a spreadsheet",
        "E_ORPHAN_ID",
        ids(lambda name: f"'{name}", EVENTS),
    ),
    refused("ids-in-one-cell", "two patients in one cell", "E_ORPHAN_ID", cell(EVENTS, 3, "subject", "P01;P02"), row=3),
    fine("id-comma", "a comma inside the identifiers", ids(lambda name: name.replace("P", "P,"))),
    fine("id-not-available", "a patient called NA", ids(lambda name: "NA" if name == "P05" else name)),
    fine("id-all", "a patient called all", ids(lambda name: "all" if name == "P05" else name)),
    refused("arm-wide", "a full-width letter for an arm", "E_LEVEL", cell(SUBJECTS, 5, "arm", "Ｒ"), says="mean 'R'"),
    refused(
        "response-cyrillic",
        "a Cyrillic С in CR",
        "E_LEVEL",
        cell(SUBJECTS, 2, "best_response", "СR"),
        row=2,
        says="did you mean 'CR'",
    ),
    refused(
        "arm-labels",
        "arms by their labels",
        "E_LEVEL",
        column(SUBJECTS, "arm", {"R": "Recipient-derived", "D": "Donor-derived"}.__getitem__),
        row=2,
        says='the label of R.*"Recipient-derived" = "R"',
    ),
    repaired("space-no-break", "no-break spaces behind the arms", "R_TRIM", column(SUBJECTS, "arm", "{}\u00a0".format)),
    repaired("space-wide", "ideographic spaces before the arms", "R_TRIM", column(SUBJECTS, "arm", "\u3000{}".format)),
)

TEXTS = (
    refused("vertical-tab", "a vertical tab", "E_CONTROL_CHAR", cell(SUBJECTS, 3, "comment", "a\x0bb"), row=3),
    fine("comment-two-lines", "a comment of two lines", cell(SUBJECTS, 3, "comment", "a\nb")),
    fine("inch", "a quote inside a bare cell", raw(SUBJECTS, lambda d: d.replace(b"second opinion", b'5" scar', 1))),
    fine("line-ends-mac", "line ends of an old Mac", raw(SUBJECTS, lambda d: d.replace(b"\n", b"\r"))),
    fine("line-ends-mixed", "line ends of two systems", raw(SUBJECTS, lambda d: d.replace(b"\n", b"\r\n", 5))),
    *(
        warned(f"text-{name}", f"a term with {what}", code, event(content), row=48, column="term", same=True)
        for name, what, code, content in (
            ("line-separator", "a separator of lines", "W_BIDI", "sep\u2028sis"),
            ("filler", "a letter that nobody sees", "W_BIDI", "sepsis\u3164"),
            ("lost-letter", "the sign for a lost letter", "W_ENCODING", "Sj\ufffdgren"),
            ("garbled", "UTF-8 that was read as Latin-1", "W_ENCODING", "Sj\u00c3\u00b6gren"),
        )
    ),
    warned(
        "encoding-wrong",
        "a UTF-8 file that is declared Latin-1",
        "W_ENCODING",
        event("Sjögren"),
        study('file = "events.csv"', 'file = "events.csv"\nencoding = "latin-1"'),
        row=48,
        same=True,
    ),
    *map(encoded, ("undefined", "idna", "punycode", "unicode_escape", "rot13")),
    refused(
        "utf-16-bare", "UTF-16 without its mark", "E_ENCODING", raw(SUBJECTS, lambda d: d.decode().encode("utf-16-le"))
    ),
    refused("utf-32", "UTF-32", "E_ENCODING", raw(SUBJECTS, lambda d: d.decode().encode("utf-32"))),
    refused("zeros", "nothing but zero bytes", "E_ENCODING", raw(SUBJECTS, lambda d: bytes(3000))),
    refused(
        "quotes-windows",
        "typographic quotes of Windows",
        "E_ENCODING",
        raw(SUBJECTS, lambda d: d.replace(b"second", b"\x93second", 1)),
        row=4,
    ),
    refused("white", "nothing but white space", "E_EMPTY_FILE", raw(SUBJECTS, lambda d: b" \n\n \n")),
    repaired("tabs", "tabs in a .csv", "R_DELIM", raw(SUBJECTS, lambda d: d.replace(b",", b"\t"))),
    refused(
        "separator-line",
        "the line sep=, above the header",
        "E_COLUMN_MISSING",
        raw(SUBJECTS, lambda d: b"sep=,\n" + d),
        says="header_row = 2",
    ),
    fine("comma-last", "a comma behind every row", raw(SUBJECTS, lambda d: d.replace(b"\n", b",\n"))),
    refused(
        "joined",
        "two exports in one file, with a mark between them",
        "E_SECOND_TABLE",
        raw(SUBJECTS, lambda d: d + b"\xef\xbb\xbf" + d),
        row=25,
    ),
    refused(
        "header-again",
        "the header once more",
        "E_SECOND_TABLE",
        table(SUBJECTS, lambda rows: rows.insert(9, list(rows[0]))),
    ),
    refused(
        "header-two-lines",
        "a column name of two lines",
        "E_COLUMN_MISSING",
        renamed(SUBJECTS, "os_event", "os\nevent"),
        says=r"os\\nevent",
    ),
    repaired(
        "header-no-break", "a no-break space behind a name", "R_HEADER_SPACE", renamed(SUBJECTS, "arm", "arm\u00a0")
    ),
    *(
        refused(f"summary-{number}", f"the row {words}", "E_SUMMARY_ROW", row(SUBJECTS, *words.split("|")), row=25)
        for number, words in enumerate(
            ("Mean (SD)||48.2", "Median [IQR]||46", "Mean ± SD||48", "Summe||1097", "N = 23", "* one excluded")
        )
    ),
)

ALL = (*IDENTIFIERS, *TEXTS)
