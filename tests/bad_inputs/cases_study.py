"""The study file, its claims, its templates, and texts that try to be more than text."""

from __future__ import annotations

from pathlib import Path

from tests.bad_inputs.bends import STUDY, also, event, gone, new, raw, study
from tests.bad_inputs.case import claimed, fine, refused, warned

ABSTRACT = "abstract.txt"
QUOTE = "Progression-free survival at 12 months was higher in R."
PFS = f'quote  = "{QUOTE}"'


def template_link(folder: Path) -> None:
    (folder / "sections" / "results.html.j2").symlink_to("/etc/hostname")


KEYS = (
    refused(
        "toml", "a study file that isn't TOML", "E_TOML", study('short       = "BENT"', 'short       = "BENT'), row=5
    ),
    refused(
        "key-misspelt",
        "a misspelt key",
        "E_UNKNOWN_KEY",
        study("ticks    = [0", "tikcs    = [0"),
        says="did you mean 'ticks'",
    ),
    refused(
        "path-up",
        "a path that climbs out of the study",
        "E_PATH_OUTSIDE",
        study('"events.csv"', '"../../../../../../../../etc/passwd"'),
        hides=("root:",),
    ),
    refused(
        "path-up-csv",
        "the same to a file with a fitting ending",
        "E_PATH_OUTSIDE",
        study('"events.csv"', '"../elsewhere.csv"'),
        says=r"elsewhere\.csv",
    ),
    refused(
        "path-absolute",
        "an absolute path",
        "E_PATH_OUTSIDE",
        study('"events.csv"', '"/etc/hosts.csv"'),
        says="--allow-outside",
    ),
    refused(
        "time-point-negative", "a time point below zero", "E_CONFIG_VALUE", study("at       = [6", "at       = [-6")
    ),
    refused("time-point-word", "a time point in words", "E_CONFIG_VALUE", study("at       = [6", 'at       = ["six"')),
    refused(
        "endpoint-column",
        "an endpoint from a column that isn't there",
        "E_COLUMN_MISSING",
        study('time   = "pfs_months"', 'time   = "pfs_month"'),
        says="did you mean 'pfs_months'",
    ),
    refused(
        "reference",
        "a reference arm that isn't an arm",
        "E_CONFIG_VALUE",
        study('reference   = "D"', 'reference   = "X"'),
        says="R, D",
    ),
    refused("no-study-file", "a folder without a study file", "E_FILE_MISSING", gone(STUDY), says="init"),
    refused(
        "encoding-unknown",
        "an encoding nobody knows",
        "E_CONFIG_VALUE",
        study('file = "events.csv"', 'file = "events.csv"\nencoding = "klingon"'),
    ),
)

CLAIMS = (
    claimed(
        "no-margin",
        "no difference, and no margin",
        "V_NO_MARGIN",
        also(
            '[claims.same]\nquote = "There was no difference in overall survival."\n'
            'type = "no-difference"\nresult = "os/difference~6@R:D"'
        ),
        says="not shown",
        same=True,
    ),
    refused(
        "claim-endpoint",
        "a claim on an endpoint that isn't there",
        "E_UNKNOWN_ENDPOINT",
        also(
            '[claims.efs]\nquote = "Event-free survival was longer."\ntype = "difference"\nresult = "efs/difference~12@R:D"'
        ),
        says="pfs, os",
    ),
    claimed(
        "quote-stale",
        "a quotation that the abstract no longer has",
        "V_STALE_QUOTE",
        new(ABSTRACT, "All patients were followed.\n"),
        column="claims.pfs",
        same=True,
    ),
    claimed(
        "undeclared",
        "a comparison that nobody declared",
        "V_UNDECLARED",
        new(ABSTRACT, f"{QUOTE}\nThe peak of expansion was significantly higher in the R group than in the D group.\n"),
        same=True,
    ),
    claimed(
        "digits",
        "a printed number that is off in its last digit",
        "V_VALUE_MISMATCH",
        study(PFS, f'{PFS}\nprinted = {{ R = "93%" }}'),
        says="R: 93",
        same=True,
    ),
    claimed(
        "negated",
        "a sentence turned into its contrary",
        "V_STALE_QUOTE",
        new(ABSTRACT, QUOTE.replace("was higher", "was not higher") + "\n"),
        same=True,
    ),
    claimed(
        "causal",
        "a word of cause without randomisation",
        "V_CAUSAL_WORDING",
        study(PFS, 'quote  = "Recipient-derived cells improved progression-free survival at 12 months."'),
        says="not randomised",
        same=True,
    ),
)


TEXTS = tuple(
    fine(f"text-{name}", f"a term that is {what}", event(content))
    for name, what, content in (
        ("image", "a picture from the disk", '<img src="file:///etc/passwd">'),
        ("script", "a script", "<script>alert(1)</script>"),
        ("formula", "a formula", '=HYPERLINK("http://127.0.0.1/x","y")'),
        ("dollars", "a formula of TeX", "$$"),
        ("style", "a style sheet", '"><style>@import url(file:///etc/passwd);</style>'),
        ("attachment", "an attachment", '<a rel=attachment href="file:///etc/passwd">x</a>'),
        ("sql", "a command to a database", "'; DROP TABLE x;--"),
        ("template", "a template", '{{ "".__class__ }}'),
    )
)

TEMPLATES = (
    warned(
        "bidi",
        "a term that turns the direction of writing",
        "W_BIDI",
        event("\u202eainep"),
        row=48,
        says="U\\+202E",
        hides=("\u202e",),
        same=True,
    ),
    refused(
        "template-class",
        "a section template that climbs into Python",
        "E_TEMPLATE_FORBIDDEN",
        new("sections/results.html.j2", '<p>fine</p>\n{{ "".__class__.__mro__ }}\n'),
        row=2,
    ),
    refused(
        "template-frame",
        "a section template that writes a file",
        "E_TEMPLATE_FORBIDDEN",
        new("sections/results.html.j2", "{{ df.to_csv('PWNED') }}\n"),
        row=1,
    ),
    refused(
        "template-hidden",
        "the same by an attribute's name in a text",
        "E_TEMPLATE_FORBIDDEN",
        new("sections/results.html.j2", "{{ section|attr('__class__') }}\n"),
        row=1,
    ),
    refused(
        "template-include",
        "a section template that includes a file from elsewhere",
        "E_TEMPLATE",
        new("sections/results.html.j2", "{% include '../study.toml' %}\n"),
    ),
    refused(
        "template-digit",
        "a section template that types a number",
        "E_TEMPLATE_NUMBER",
        new("sections/results.html.j2", "<p>80%</p>\n"),
        row=1,
    ),
    *(
        refused(
            f"template-holding-{name}",
            f"a section template with {what}",
            "E_ACTIVE",
            new("sections/results.html.j2", f"<p>Fine.</p>\n{content}\n"),
        )
        for name, what, content in (
            ("script", "a script", "<script>alert('x')</script>"),
            ("picture", "a picture from elsewhere", '<img src="https://example.org/x.png">'),
            ("handler", "a handler", '<p onclick="alert(document)">x</p>'),
            ("link", "a link that runs", '<a href="javascript:alert(document)">x</a>'),
            ("frame", "another page inside", '<iframe src="file:///etc/passwd"></iframe>'),
            ("style", "a style that fetches", '<p style="background: url(https://example.org/x)">x</p>'),
            ("unescaped", "a text that is declared safe", "{{ '<script>' | safe }}alert('x')</script>"),
            ("swapped", "an element made of another", "{{ exhibit('tox-table') | replace('span', 'script') }}"),
        )
    ),
    refused(
        "template-link-outside",
        "a section template that is a link out of the study",
        "E_PATH_OUTSIDE",
        new("sections/x.html.j2", ""),
        template_link,
    ),
    fine(
        "cache",
        "a pickle in a folder called cache",
        new("cache/results.pickle", b"cposix\nsystem\n(S'touch PWNED'\ntR."),
    ),
    refused("settings", "a study file of other bytes than UTF-8", "E_ENCODING", raw(STUDY, lambda d: d + b"# \xff\n")),
)

ALL = (*KEYS, *CLAIMS, *TEXTS, *TEMPLATES)
