"""What makes WeasyPrint quicker changes no byte of what it makes."""

import subprocess
import sys

import pytest

from report import page, pango, pdf_haste
from tests import built

pytestmark = pytest.mark.skipif(bool(pango.missing()), reason="Pango is not on this machine")

LONG = """Immunophenotyping of peripheral blood mononuclear cells, cryopreserved within twenty-four hours, followed
internationally standardised recommendations; disagreements were resolved by consensus, and
10.5281/zenodo.1234567890abcdefghijklmnopqrstuvwxyz was cited. AVATAR Type fiction: office affluent 12.5 × 10⁹/L (95% CI,
44–97), p = .03. """
STYLE = """body { font: 10pt/1.4 'Source Serif 4', serif; width: 9cm }
table { border-collapse: collapse; font-family: 'Source Sans 3', sans-serif; width: 100% } td { border-bottom: 1px solid #999 }
.apart { border-collapse: separate; border-spacing: 2px } .apart td { padding: 2% .5em; border: calc(1px + .1em) solid }
:root { --wide: .3em } .spaced { letter-spacing: var(--wide); font-variant-numeric: tabular-nums }
.round { border-radius: 3mm 0 10% 0; background: #eee; margin-inline-start: 1cm; padding-block: 2mm }
.small { font-variant-caps: small-caps; font-feature-settings: "onum" } .narrow { width: 2cm; overflow-wrap: anywhere }
.first::first-letter { font-size: 200%; float: left } .first::first-line { font-weight: bold }
.cut { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; width: 4cm } .two { line-clamp: 2 }
.half { height: 50%; background: #ddd }"""
STYLES = [  # of the same text, and of one in which little differs
    "text-align: justify; hyphens: auto", "text-align: justify; word-spacing: 2pt", "hyphens: auto; width: 3cm",
    "hyphens: manual", "text-indent: 2em; text-align: right", "letter-spacing: -.3pt",
    "letter-spacing: 1pt; word-spacing: -1pt; width: 50%", "text-decoration: underline overline",
    "text-decoration: line-through; color: #060", "word-break: break-all; width: 3cm",
    "white-space: pre-wrap; tab-size: 3", "white-space: pre; width: 2cm", "white-space: pre-line; width: 4cm", "direction: rtl",
    "font-kerning: none; font-variant-ligatures: none", "font-stretch: condensed; font-style: italic; font-weight: 600",
    "line-height: calc(1em + 2px)", "line-height: 1.9; font-size: 7.3pt", "text-transform: uppercase; column-count: 2",
    "hyphenate-character: '~'; hyphens: auto; width: 2.5cm; hyphenate-limit-chars: 4 2 2", "opacity: .5; position: relative"]
SAME = "AV fi 1.07 internationally\tstandardised"
ALONE = [  # of one text, whose setting each of these changes by itself
    "", "font-family: 'Source Sans 3'", "font-style: italic", "font-weight: bold", "font-size: 9pt", "font-kerning: none",
    "font-variant-caps: all-small-caps", "font-variant-ligatures: none", "font-variant-position: super",
    "font-variant-numeric: oldstyle-nums", "font-feature-settings: 'tnum'", "font-variation-settings: 'wght' 500",
    "letter-spacing: 1pt", "word-spacing: 3pt", "text-decoration: underline", "white-space: pre", "white-space: nowrap",
    "overflow-wrap: anywhere", "word-break: break-all", "tab-size: 2; white-space: pre", "hyphens: auto", "direction: rtl",
    "hyphens: auto; hyphenate-character: '~'", "hyphens: auto; hyphenate-limit-chars: 9 5 5", "line-height: 2",
    "hyphens: auto; hyphenate-limit-zone: 50%", "width: 3cm", "width: 1cm", "text-align: justify", "text-indent: 1cm"]
WORDS = ["–", "0", "12 (40%)", "12 (40%)", "a\u00adb", "word ", "two\nlines\tand a tab", "שלום עולם 12", "مرحبا 3",
         "\u4e2d\u6587\u4e2d", "x\u2028y", "", " ", "fi ffi AV", "a\u00a0b  c", "1.0 \u2060", "\U0001f600",
         "Immuno\u00adphenotyping"]


def cells(words: list[str]) -> str:
    return "".join(f"<tr><th scope='row'>{word}</th>{''.join(f'<td>{one}</td>' for one in words[:4])}<td>{word}</td></tr>"
                   for word in words)


def drawing() -> str:
    words = ["0", "0", "10", "Survival", "AV fi", "0", "–", "–"]
    ways = ["", "font-weight='bold'", "text-anchor='end'", "letter-spacing='2'", "transform='rotate(9)'", "", "dx='1 2'",
            "font-family='Source Sans 3'"]
    texts = "".join(f'<text x="{5 + 3 * i}" y="{8 * i + 8}" style="fill: #00{i}; font-size: {6 + i % 3}px" {way}>{word}</text>'
                    for i, (word, way) in enumerate(zip(words, ways)))
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90" width="30mm" height="30mm">'
            f'<rect width="50%" height="1em"/>{texts}</svg>')


BODY = f"""<h1 id="a">Results</h1>
{"".join(f'<p style="width: 2.2cm; {one}">{SAME}</p>' for one in ALONE)}
<p lang="de" style="width: 2.2cm; hyphens: auto">{SAME}</p><div class="two"><p>{LONG}</p></div>
{"".join(f'<p style="{style}">{LONG}{LONG[:60]}</p>' for style in STYLES)}
{"".join(f'<p style="{style}">{"<br/>".join(WORDS)}</p>' for style in STYLES)}
<p class="first">{LONG}</p><p class="small">{LONG}<sup>1</sup> and <sub>2</sub></p><p class="spaced round">{LONG}</p>
<p class="cut">{LONG}</p><p class="cut" style="width: 2cm">{LONG}</p>
<p style="white-space: nowrap">{LONG}</p><p>{LONG}</p>
<div style="height: 2cm"><p class="half">0</p></div><div style="height: 3cm"><p class="half">0</p></div>
<div class="narrow">{LONG} 12 (40%)</div>
<p>See <a href="#a">Results</a>, <b>0</b>, <i>0</i>, 0, <a href="https://doi.org/10.1000/182"><u>a work</u></a>.</p>
<table><thead><tr><th scope="col" colspan="2">A</th><th scope="col">0</th></tr></thead><tbody>{cells(WORDS)}</tbody></table>
<table class="apart"><tbody>{cells(WORDS)}</tbody></table><div style="display: flex; gap: 1em"><p>{LONG}</p><p>0</p></div>
<ul><li>0</li><li style="float: right; width: 30%">{LONG}</li><li>{LONG}</li></ul><figure>{drawing()}{drawing()}</figure>"""
PLAINLY = """
import contextlib, sys
sys.path.insert(0, sys.argv[1])
import weasyprint
from report import fonts, pdf, pdf_engine, pdf_haste
if sys.argv[2] == "plainly":  # as WeasyPrint would do it by itself
    pdf.own_fonts = lambda: None
else:
    fonts.use()
    pdf_haste.hasten(weasyprint.__version__)
about = {"title": "", "authors": [], "language": "en", "dated": ""}
page = open(sys.argv[3], encoding="utf-8").read()
for role, closed in (("part", True), ("whole", True), ("part", False)):  # the last one with fonts of its own
    said = []
    print(sorted(pdf.lay(page, {}, about=about, role=role, closed=closed, warn=said.append).items()), said)
"""


def laid(how: str, path: object) -> list[str]:
    return subprocess.run([sys.executable, "-c", PLAINLY, str(built.ROOT), how, str(path)],
                          capture_output=True, text=True, check=True).stdout.splitlines()


def test_haste_changes_no_byte(tmp_path):
    """Of a page with everything that the setting of a text depends on, in our own style sheet and out of it."""
    path = tmp_path / "page.html"
    head = f'<head><title></title>{page.head(sheets=("report",))}<style>{STYLE}</style></head>'
    path.write_text(f'<html lang="en">{head}<body class="part"><main>{BODY}</main></body></html>', "utf-8")
    plainly, quickly = laid("plainly", path), laid("in haste", path)
    assert len(plainly) == 3
    assert [one == other for one, other in zip(plainly, quickly, strict=True)] == [True] * 3


def test_another_weasyprint_is_left_as_it_is():
    code = """import weasyprint
from weasyprint.text import line_break
from report import pdf_haste
plain = line_break.split_first_line, line_break.Layout.setup, weasyprint.css.CSS
pdf_haste.hasten("70.1")
assert plain == (line_break.split_first_line, line_break.Layout.setup, weasyprint.css.CSS)
pdf_haste.hasten(pdf_haste.KNOWN)
assert not set(plain) & {line_break.split_first_line, line_break.Layout.setup, weasyprint.css.CSS}"""
    subprocess.run([sys.executable, "-c", code], cwd=built.ROOT, check=True)


def test_the_weasyprint_that_is_pinned_is_the_one_that_is_hastened():
    assert f"\nweasyprint=={pdf_haste.KNOWN} " in (built.ROOT / "requirements.lock").read_text("utf-8")


def test_a_dictionary_of_hyphens_read_in_haste_is_the_whole_one():
    """All patterns of every language that the library has, and where words of pages are broken."""
    code = f"""import pyphen
from report import pdf_haste_hyphens
plain = pyphen.HyphDict.__init__
pdf_haste_hyphens.hasten()
quick, in_haste = pyphen.HyphDict.__init__, set()
for language, path in pyphen.LANGUAGES.items():
    whole, read = object.__new__(pyphen.HyphDict), object.__new__(pyphen.HyphDict)
    plain(whole, path)
    quick(read, path)
    for word in {LONG.split()!r}:
        assert whole.positions(word) == read.positions(word), (language, word)
    assert whole.patterns.keys() == read.patterns.keys(), language
    assert all(read.patterns.get(letters) == values for letters, values in whole.patterns.items()), language
    assert whole.maxlen == read.maxlen
    if type(read.patterns) is not dict:
        in_haste.add(language)
assert {{"en", "en_US"}} < in_haste < set(pyphen.LANGUAGES)"""
    subprocess.run([sys.executable, "-c", code], cwd=built.ROOT, check=True)
