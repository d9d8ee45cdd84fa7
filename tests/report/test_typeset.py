"""How a page is typeset: where lines may not end, apostrophes, capitals, the journal's letter for P, how wide tables are."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from report import page
from report.manuscript import plain
from report.names import names
from report.style import load
from report.table import Notes
from report.typeset import JOINER, SPACE, bound, curly
from stats.study.read import read
from tests import built

WHOLE = re.compile(r"<p>(.*)</p>")


def pieces(html: str) -> list[str]:
    """What stands between the places at which a line may end, of a paragraph without tags: spaces, and after a dash."""
    text = WHOLE.fullmatch(bound(f"<p>{html}</p>"))[1]  # type: ignore[index]
    return [piece.replace(JOINER, "").replace(SPACE, " ") for piece in re.split(rf" |(?<=[–/])(?!{JOINER})", text)]


@pytest.mark.parametrize(("text", "whole"), [
    ("range, 1.02–4.48", "range, 1.02–4.48"),
    ("IQR 20,900–44,800", "IQR 20,900–44,800"),
    ("95% CI 10–82", "95% CI 10–82"),
    ("95% CI, 54%–71%", "95% CI, 54%–71%"),
    ("95% CI, .02–.86", "95% CI, .02–.86"),
    ("95% CI, −23 to 28", "95% CI, −23 to 28"),
    ("95% CI, 3.1 to not estimable", "95% CI, 3.1 to not"),
    ("SD, 0.32", "SD, 0.32"),
    ("1996;17:343–346.", "1996;17:343–346."),
    ("149 pg/mL", "pg/mL"),
    ("3.5 10^9/L", "10^9/L"),
    ("the levels 60–70 of age", "60–70"),
])
def test_no_line_ends_inside_a_value(text, whole):
    assert whole in pieces(text)


@pytest.mark.parametrize(("text", "parts"), [
    ("Kaplan–Meier", ["Kaplan–", "Meier"]),
    ("the 95% that", ["the", "95%", "that"]),
    ("from day 3 to day 5", ["from", "day", "3", "to", "day", "5"]),
])
def test_elsewhere_lines_end_as_ever(text, parts):
    assert pieces(text) == parts


def test_a_short_number_breaks_before_its_parenthesis_and_nowhere_else():
    number = '<data class="kept" value="a b/c~1@R">38% (95% CI, 14–63)</data>'
    shown = bound(number)
    assert f">38% (95%{SPACE}CI,{SPACE}14–{JOINER}63)<" in shown
    assert 'value="a b/c~1@R"' in shown
    assert f"<i>P</i>{SPACE}={SPACE}.{JOINER}03<" in bound('<data class="kept" value="a@R"><i>P</i> = .03</data>')


@pytest.mark.parametrize("text", ["mid-P <data value=\"a\">.78</data>", "test .78", "(±.78)", "P < .78", "&lt;.78"])
def test_no_line_ends_after_the_point_before_a_number(text):
    assert f".{JOINER}78" in bound(text)
    assert f".{JOINER}78" not in bound(text.replace(".78", "0.78"))


@pytest.mark.parametrize(("text", "whole"), [
    ("leukemia: 6-mercaptopurine", True), ("5-azacytidine", True), ("(2-chlorodeoxyadenosine)", True),
    ("CD19-directed", False), ("day-28", False), ("28-day", False),
])
def test_no_line_ends_behind_the_number_that_begins_a_name(text, whole):
    assert (f"-{JOINER}" in bound(f"<h1>{text}</h1>")) == whole


def test_marks_of_references_stay_in_one_line():
    marks = '<sup><a class="ref" href="#reference-1">1</a>,<a class="ref" href="#reference-2">2</a></sup>'
    assert f"1</a>,{JOINER}<a" in bound(marks)


@pytest.mark.parametrize("html", [
    '<data value="age=60–70@R">x</data>', "<svg><text>10–82 to 5</text></svg>", '<td><data value="a">1</data> of 2</td>',
])
def test_addresses_drawings_and_texts_stay_as_they_are(html):
    assert bound(html) == html


def test_only_a_cell_that_is_one_number_is_one():
    one = '<td><data value="a/b@R">9/10 (90%)</data></td>'
    assert bound(one) == one.replace("<td>", '<td class="number">')


@pytest.mark.parametrize(("html", "shown"), [
    ("Gray's test", "Gray’s test"), ("Fisher&#39;s test", "Fisher’s test"), ("what data can't tell", "what data can’t tell"),
    ("<p>a\n<b>patient</b>'s</p>", "<p>a\n<b>patient</b>'s</p>"),
    ('<span class="label">Crohn\'s</span>, Gray\'s', '<span class="label">Crohn\'s</span>, Gray’s'),
    ("<q>it's</q> <cite>x's.csv</cite>", "<q>it's</q> <cite>x's.csv</cite>"),
    ("<a title=\"x's\">y</a><svg><text>x's</text></svg>y's", "<a title=\"x's\">y</a><svg><text>x's</text></svg>y’s"),
])
def test_our_own_apostrophes_are_typographic(html, shown):
    assert curly(html) == shown


@pytest.fixture(scope="module")
def made():
    return built.make(built.ROOT / "data" / "single-arm", formats=("html", "docx"))


def test_what_is_read_or_copied_elsewhere_is_not_bound(made):
    """On a screen, too: who copies a number from there gets the number."""
    texts = [text for text in made.files.values() if isinstance(text, str)]
    assert len(texts) > 6
    assert not any(JOINER in text for text in texts)
    assert re.search(r"95% CI, \d+–\d", re.sub("<[^>]+>", "", str(made.files["report.html"])))


def test_what_reads_a_page_as_text_reads_the_same():
    assert plain(bound("<p>95% CI, 10–82; range, −3 to 5</p>")) == "<p>95% CI, 10–82; range, −3 to 5</p>"


def test_no_apostrophe_of_a_report_is_straight(made):
    texts = [text for text in built.texts(str(made.files["report.html"])) if not text.inside("q", "cite", "svg")]
    words = [text.text for text in texts if not text.of_class("label") and re.search(r"\w['’]\w", text.text)]
    assert words
    assert not any("'" in text for text in words)


@pytest.mark.parametrize(("style", "symbol"), [("lancet", "p"), ("nejm", "P"), ("bmt", "<i>p</i>"), ("jama", "<i>P</i>")])
def test_the_letter_of_a_p_value_is_the_journals(style, symbol):
    html = str(built.make(built.CART, style).files["report.html"])
    assert symbol == str(load(style, names(read(built.CART))).p_symbol)
    heads = re.findall(r'<th scope="col">((?:<i>)?[Pp](?:</i>)?)</th>', html)
    assert len(heads) > 5
    assert set(heads) == {symbol}
    named = re.findall(r"(?<![\w-])((?:<i>)?[Pp](?:</i>)?) (?:values?|below|does|lies)\b", html)
    assert len(named) > 4
    assert set(named) == {symbol}
    assert re.search(rf"<caption>.*Every {symbol} value", html)


def test_every_note_begins_with_a_capital():
    notes = Notes("symbols")
    for text in ("exact Wilcoxon rank-sum test", "No values", Markup("<cite>x</cite> values")):
        notes.letter(text)
    assert [str(note).partition("</sup> ")[2] for note in notes.all()] == [
        "Exact Wilcoxon rank-sum test.", "No values.", "<cite>X</cite> values."]


def test_a_unit_is_said_once(made):
    stubs = re.findall(r'<th scope="row"[^>]*>(.*?)</th>(.*?)</tr>', str(made.files["report.html"]))
    rows = {re.sub("<[^>]*>", "", stub): re.sub("<[^>]*>", "", cells) for stub, cells in stubs}
    rates = {stub: cells for stub, cells in rows.items() if stub.startswith("Rate at")}
    assert rates
    assert all(stub.endswith(", %") and "%" not in cells for stub, cells in rates.items())
    means = [stub for stub in rows if stub.startswith("Restricted mean")]
    assert means
    assert all(stub.count("month") == 1 for stub in means)


def test_shares_of_a_column_look_alike_whether_or_not_values_are_missing():
    html = str(built.make(built.CART, "jama").files["report.html"])
    table = html[html.index('id="table-baseline-table"'):].partition("</table>")[0]
    cells = [re.sub("<[^>]*>", "", cell) for cell in re.findall("<td.*?</td>", table)]
    shares = [cell for cell in cells if re.fullmatch(r"\d+(?:/\d+)? \(\d+%?\)", cell)]
    assert {"/" in cell for cell in shares} == {True, False}
    assert not any("%" in cell for cell in shares)


def test_the_contents_name_a_section_as_its_heading_does():
    html = str(built.make(built.CART).files["report.html"])
    assert re.search(r"<h2>[^<]*’", html)
    assert re.findall(r'<li><a href="#[\w-]+">(.*?)</a></li>', html) == re.findall("<h2>(.*?)</h2>", html)


def test_only_words_of_others_are_slanted():
    """Names of files and versions and definitions are upright, and a heading among them looks like any other."""
    rules = dict(re.findall(r"^([\w.]+) \{([^}]*)\}", page.sheet("report"), re.M))
    assert "font-style: normal" in rules["cite"]
    assert "Serif" in rules["h3"]


def test_a_wide_table_reaches_as_far_as_the_window_and_no_farther():
    sheet = page.sheet("report")
    text = float(re.search(r"main, nav { max-width: ([\d.]+)rem", sheet)[1])  # type: ignore[index]
    size, edge = (float(re.search(form, sheet)[1])  # type: ignore[index]
                  for form in (r"html { font: 400 (\d+)px", r"body {[^}]*padding: 0 ([\d.]+)rem"))
    wide = re.search(r"\(min-width: (\d+)rem\) {\s+div.table { width: min-content; min-width: 100%; "
                     r"max-width: calc\(50vw \+ ([\d.]+)rem\)", sheet)
    assert wide is not None
    assert float(wide[2]) == text / 2 - edge  # from the left edge of the text, in the middle, to the edge of the window
    assert int(wide[1]) * 16 >= (text + 2 * edge) * size  # where the text is as wide as it gets
