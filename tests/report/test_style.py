"""What numbers look like: thirty of them in every style, and the rules one by one."""

import dataclasses
import itertools
import math
import tomllib
from pathlib import Path

import pytest
from markupsafe import Markup

from report import rules
from report.patterns import parse
from report.style import PatternError, StyleError, load, styles
from tests.report.naming import cell, named, style

HERE = Path(__file__).parent
TABLE = tomllib.loads((HERE / "thirty.toml").read_text("utf-8"))
NAN, INF = math.nan, math.inf


@pytest.mark.parametrize("name", styles())
@pytest.mark.parametrize("number", TABLE["number"], ids=lambda number: number["what"])
def test_thirty_numbers_in_every_style(name, number):
    column = TABLE["same"].get(name, name)
    expected = number.get(column, number.get("all"))
    assert expected is not None, f"thirty.toml says nothing for {name}"
    asked = style(name)
    if number.get("place") == "table":
        asked = asked.in_table
    found = cell(number["address"], **number["stats"])
    assert asked.text(found, number["pattern"]) == expected
    assert asked.show(found, number["pattern"]).striptags() == " ".join(expected.split())


def test_there_are_thirty_and_every_style_is_among_them():
    assert len(TABLE["number"]) == 30
    written = {key for number in TABLE["number"] for key in number} | set(TABLE["same"])
    assert set(styles()) <= written
    assert set(styles()) >= {"blood", "blood-advances", "nejm", "jama", "lancet", "lancet-haematology", "haematologica",
                             "bmt", "leukemia", "frontiers", "plain"}


def test_thousands_of_a_year_are_not_set_apart():
    assert style("plain").text(cell("baseline/hct_year@R", median=2019), "{median}") == "2019"
    assert style("plain").text(cell("baseline/hct_year@R", mean=2019.25), "{mean}") == "2019.3"
    assert style("plain").text(cell("baseline/ldh@R", median=2019), "{median}") == "2,019"


# ---- addresses and markup

def test_a_number_carries_its_address():
    shown = style("jama").show(cell("os/survival~12@R", p=0.8), "rate")
    assert isinstance(shown, Markup)
    assert shown == '<data value="os/survival~12@R">80%</data>'


def test_addresses_labels_and_signs_are_escaped():
    found = cell('baseline/donor=a"b&c<d@R', n=1, N=8, p=0.125)
    shown = style().show(found, "{n} {name} & more", name='<b>"x"</b>')
    assert shown == ('<data value="baseline/donor=a&#34;b&amp;c&lt;d@R">'
                     '1 &lt;b&gt;&#34;x&#34;&lt;/b&gt; &amp; more</data>')
    assert style().show(found, "{n} {name}", name=Markup("<b>x</b>")).endswith("1 <b>x</b></data>")
    assert style().text(found, "{n} {name}", name=Markup("<b>x</b>")) == "1 x"
    small = cell("os/logrank@R:D", p_value=0.0001)
    assert style("jama").p_bare(small) == '<data value="os/logrank@R:D">&lt;.001</data>'


def test_p_in_a_sentence_and_under_a_heading():
    found = cell("os/logrank@R:D", p_value=0.03)
    assert style("jama").p(found) == '<data value="os/logrank@R:D"><i>P</i> = .03</data>'
    assert style("lancet").p(found) == '<data value="os/logrank@R:D">p=0·030</data>'
    assert style("jama").p_bare(found).striptags() == ".03"
    assert style("jama").in_table.text(found, "p") == ".03"
    assert style("jama").p_symbol == "<i>P</i>"
    missing = cell("os/logrank@R:D", "fewer than five patients in a group", p_value=NAN)
    assert style("jama").text(missing, "p") == "P not estimable"
    assert style("jama").in_table.text(missing, "p") == "NE"
    assert style("jama").reason(missing) == "fewer than five patients in a group"


def test_inside_parentheses_parentheses_become_brackets():
    found = cell("response/cr@R", n=9, N=10, p=0.9)
    assert style().aside.text(found, "share") == "9/10 [90%]"
    assert style().aside.in_sentence.text(found, "share") == "9/10 (90%)"


# ---- errors

@pytest.mark.parametrize(("pattern", "said"), [
    ("{pp}", r"os/survival~12@R has no 'pp'.*did you mean 'p'.*it has p, lower"),
    ("{range}", "has no 'range'.*needs min and max"), ("rate-cii", "no pattern 'rate-cii'.*did you mean 'rate-ci'"),
    ("{p:eq", "can't be read"), ("{p_value:equals}", "has no 'p_value'"),
])
def test_a_pattern_that_asks_for_what_is_not_there(pattern, said):
    with pytest.raises(PatternError, match=said):
        style().text(cell("os/survival~12@R", p=0.8, lower=0.4), pattern)


def test_other_refusals():
    with pytest.raises(PatternError, match="unknown; there are"):
        style().text(cell("os/logrank@R:D", p_value=0.1), "{p_value:equals}")
    with pytest.raises(PatternError, match="numbers are results"):
        style().text(cell("os/events@R", n=1), "{n} of {total}", total=10)
    with pytest.raises(PatternError, match="has no time"):
        style().text(cell("os/events@R", n=1), "{at}")
    with pytest.raises(StyleError, match=r"no style 'blod' \(did you mean 'blood'\?\)"):
        load("blod", named())


# ---- percentages

@pytest.mark.parametrize(("n", "total", "shown"), [
    (1, 99, "1%"), (1, 100, "1.0%"), (9, 28, "32%"), (1, 1000, "0.1%"), (99, 99, "100%"), (1, 3, "33%"),
    (23, 200, "11.5%"),
])
def test_decimals_by_denominator(n, total, shown):
    assert style("jama").text(cell("response/cr@R", n=n, N=total, p=n / total), "rate") == shown


def test_a_rate_without_denominator_takes_it_from_the_groups():
    rate = cell("os/survival~12@R", p=0.8123, lower=0.7, upper=0.9)
    contrast = cell("os/difference~12@R:D", estimate=0.2347, lower=0.1, upper=0.3)
    assert style(sizes={"R": 150, "D": 60, "all": 210}).text(rate, "rate") == "81.2%"
    assert style(sizes={"R": 60, "D": 150, "all": 210}).text(rate, "rate") == "81%"
    assert style(sizes={"R": 150, "D": 60, "all": 210}).text(contrast, "difference") == "23\u00a0percentage points"
    assert style(sizes={"R": 150, "D": 160, "all": 310}).text(contrast, "difference") == "23.5\u00a0percentage points"
    assert style().text(cell("os/survival~12@R", p=0.8123, at_risk=120), "rate") == "81.2%"


def test_the_exact_share_is_rounded_not_its_float():
    # 57/200 = 28.5 %: as a float just below
    assert style().text(cell("response/cr@R", n=57, N=200, p=57 / 200), "{p}") == "28.5"
    assert style().text(cell("response/cr@R", n=23, N=80, p=0.2875), "{p}") == "29"


def test_one_percentage_point():
    one, less = (cell("os/difference~12@R:D", estimate=value, lower=-0.05, upper=0.01) for value in (0.01, -0.01))
    assert style().text(one, "difference") == "1\u00a0percentage point"
    assert style().text(less, "difference") == "−1\u00a0percentage point"
    assert style().text(one, "span-points") == "−5 to 1\u00a0percentage points"


# ---- what can't be printed as a number

def test_nothing_is_known():
    empty = cell("response/cr@R", "no patients", n=0, N=0, p=NAN, lower=NAN, upper=NAN)
    assert style("jama").text(empty, "share") == "0/0 (not estimable)"
    assert style("jama").in_table.text(empty, "share-ci") == "0/0 (NE; NE)"
    assert style("jama").reason(empty) == "no patients"
    assert style("jama").reason(cell("response/cr@R", n=1, N=1, p=1)) == ""


def test_one_limit_is_unknown():
    found = cell("os/median@R", estimate=5.2, lower=3.14, upper=NAN)
    assert style("jama").text(found, "time-ci") == "5.2\u00a0months (95% CI, 3.1 to not estimable)"
    assert style("jama").in_table.text(found, "time-ci") == "5.2 (3.1 to NE)"


@pytest.mark.parametrize(("value", "shown"), [
    (0.203, "0.203"), (-0.203, "−0.203"), (0.2, "0.20"), (0.1996, "0.20"), (0.21, "0.21")])
def test_a_distance_that_counts_as_far_apart_prints_so(value, shown):
    """Above 0.2 is above 0.2 in print too."""
    assert style().text(cell("baseline/age.smd@R:D", estimate=value), "{estimate}") == shown


def test_a_limit_that_is_kept_back_is_not_joined_by_a_dash():
    """The dash that stands for it would double the other."""
    known = cell("os/median@R", "withheld: few", median=4.6, lower=3.0, upper=math.nan)
    assert style().in_table.text(known, "{median} ({interval})") == "4.6 (3.0 to –)"


def test_neither_limit_is_known():
    found = cell("baseline/age.smd@R:D", estimate=0.41, lower=NAN, upper=NAN)
    assert style("jama").text(found, "estimate-ci") == "0.41 (95% CI, not estimable)"


# ---- the side of no difference

@pytest.mark.parametrize(("address", "lower", "upper", "shown"), [
    ("os/hazard@R:D", 0.2, 0.99996, "0.20–0.99996"), ("os/hazard@R:D", 0.2, 0.99999996, "0.20–1.00"),
    ("os/hazard@R:D", 1.0004, 3.0, "1.0004–3.00"), ("os/hazard@R:D", 1.0, 3.0, "1.00–3.00"),
    ("os/difference~12@R:D", 0.0004, 0.3, "0.04–30"), ("os/difference~12@R:D", 0.0, 0.3, "0–30"),
    ("baseline/age.shift@R:D", 0.04, 7.0, "0.04–7"), ("os/rmst_difference~12@R:D", -3.0, -0.02, "−3.0 to −0.02"),
])
def test_a_limit_never_rounds_onto_no_difference(address, lower, upper, shown):
    assert style().text(cell(address, estimate=1.5, lower=lower, upper=upper), "interval") == shown


@pytest.mark.parametrize(("alpha", "p", "shown"), [
    (0.05, 0.0499, ".0499"), (0.025, 0.0246, ".02"), (0.03, 0.0296, ".0296"), (0.05, 0.05, ".05"),
    (0.05, 0.04999999, ".05"), (0.01, 0.00996, ".00996"), (0.01, 0.0094, ".009"),
])
def test_p_below_alpha_prints_below_alpha(alpha, p, shown):
    assert style("jama", alpha=alpha).text(cell("os/logrank@R:D", p_value=p), "p-bare") == shown


# ---- numbers by their columns

@pytest.mark.parametrize(("address", "stats", "pattern", "shown"), [
    ("baseline/age@R", {"min": 0, "max": 60.0}, "range", "0–60"),
    ("baseline/dose@R", {"median": 2.35, "q1": 1.0, "q3": 3.125}, "median-iqr", "2.35 (IQR 1.0–3.1)"),
    ("baseline/weight@R", {"mean": 71.25, "sd": 8.0}, "mean-sd-unit", "71.25\u00a0kg (SD 8.00)"),
    ("baseline/weight.shift@R:D", {"estimate": 2.5, "lower": -1.25, "upper": 6.25}, "estimate-ci",
     "2.50 (95% CI −1.25 to 6.25)"),
    ("baseline/ldh@R", {"median": 1234.5, "q1": 245.51, "q3": 0.05}, "median-iqr", "1,235 (IQR 246–0.05)"),
    ("baseline/age.shift@R:D", {"estimate": -3.5, "lower": -12, "upper": 4}, "estimate-ci", "−3.5 (95% CI −12 to 4)"),
    ("toxicity/crs.onset@R", {"median": 4.5, "q1": 3, "q3": 6}, "day-iqr", "day\u00a04.5 (IQR 3–6)"),
    ("followup/range@all", {"min": 1.04, "max": 38.25}, "min-to-max", "1.0 to 38.3\u00a0months"),
    ("relapse/median@all", {"estimate": 91.5, "lower": 30, "upper": INF}, "time-ci",
     "91.5\u00a0days (95% CI 30 to not reached)"),
    ("car/lloq@all", {"value": 50}, "{value}\u00a0{unit}", "50\u00a0copies/µg DNA"),
    ("car/peak@R", {"min": 0, "max": 50}, "range", "0–50.0"),
    ("os/hazard@R:D", {"estimate": 0.0042}, "estimate", "0.004"),
    ("os/hazard@R:D", {"estimate": 0.00002}, "estimate", "<0.001"),
    ("os/hazard@R:D", {"estimate": 9.996}, "estimate", "10.0"),
    ("os/hazard@R:D", {"estimate": 12.0, "lower": 0.11, "upper": 6.4e7}, "estimate-ci", "12.0 (95% CI 0.11 to >10,000)"),
    ("car/peak.ratio@R:D", {"estimate": 3e4, "lower": 2e4, "upper": 5e4}, "interval", "20,000–50,000"),
    ("os/logrank@R:D", {"statistic": 4.567}, "statistic", "4.57"),
    ("toxicity/crs.superiority@R:D", {"estimate": 0.625}, "estimate", "0.63"),
    ("baseline/balance@R:D", {"n": 3, "N": 20, "threshold": 0.2}, "{n} of {N} above {threshold}", "3 of 20 above 0.2"),
    ("study/confidence@all", {"p": 0.975}, "{p}%", "97.5%"),
    ("study/alpha@all", {"p_value": 0.05}, "p-bare", "0.05"),
    ("study/enrolment@all", {"first": 202004, "last": 202411}, "period", "April 2020 to November 2024"),
    ("study/tests.expected@all", {"expected": 0.65}, "{expected}", "0.7"),
    ("os/survival~12@R", {"p": 0.5}, "{p}% at {at}", "50% at 12\u00a0months"),
    ("os/survival~1@R", {"p": 0.5}, "{at}, {at:bare}", "1\u00a0month, 1"),
    ("car/course~7@R", {"median": 1}, "day {at:bare}", "day 7"),
])
def test_each_measure(address, stats, pattern, shown):
    assert style().text(cell(address, **stats), pattern) == shown


def test_confidence_is_the_study_s():
    found = cell("os/survival~12@R", p=0.8, lower=0.4, upper=0.9)
    assert style("jama", confidence=0.9).text(found, "rate-ci") == "80% (90% CI, 40%–90%)"
    assert style("jama", confidence=0.9).level == "90"


def test_an_axis_speaks_the_journal_s_signs():
    assert [style("lancet").tick(value) for value in (0.2, -1.5, 10000, 0.30000000000000004)] == [
        "0·2", "−1·5", "10\u202f000", "0·3"]


@pytest.mark.parametrize(("name", "letters"), [
    ("blood", ["A", "B"]), ("bmt", ["a", "b"]), ("frontiers", ["(A)", "(B)"]),
])
def test_panels(name, letters):
    assert [style(name).panel(i) for i in (0, 1)] == letters


# ---- the style files

@pytest.mark.parametrize("name", styles())
def test_every_pattern_of_every_style_can_be_read(name):
    asked = style(name)
    for pattern in (*asked.rules.patterns.values(), *asked.rules.cells.values()):
        assert any(name for _, name, _ in parse(pattern)), pattern
    assert set(asked.rules.cells) <= set(asked.rules.patterns)


@pytest.mark.parametrize("name", styles())
def test_figures_can_be_told_apart(name):
    figure = style(name).figure
    looks = [(figure["colours"][i % len(figure["colours"])], figure["dashes"][i % len(figure["dashes"])],
              figure["markers"][i % len(figure["markers"])]) for i in range(24)]
    assert len(set(looks)) == 24
    assert len({look[1:] for look in looks[:12]}) == 12, "colour aside"
    grey = [_lightness(colour) for colour in figure["colours"]]
    assert abs(grey[0] - grey[1]) > 20, "the two arms of most studies, in grey"
    assert all(abs(a - b) > 6 for a, b in itertools.pairwise(grey))
    assert max(grey) < 75, "readable on white"
    assert figure["widths"]["single"] <= figure["widths"]["middle"] <= figure["widths"]["double"]
    assert min(figure["size"], figure["small"]) >= 5


@pytest.mark.parametrize("name", styles())
def test_a_style_file_says_what_is_verified(name):
    text = (rules.FOLDER / f"{name}.toml").read_text("utf-8")
    assert name == "plain" or "erified" in text
    assert f"`{name}`" in (HERE.parent.parent / "docs" / "journals.md").read_text("utf-8")


def test_a_style_is_a_value():
    one, other = style("blood"), style("blood")
    assert one == other
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.place = "table"
    assert one.in_table.in_table == one.in_table != one == one.in_table.in_sentence


@pytest.fixture
def folder(tmp_path):
    """Style files of one's own beside the plain one."""
    (tmp_path / "plain.toml").write_text((rules.FOLDER / "plain.toml").read_text("utf-8"), "utf-8")

    def write(name, text):
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
        return tmp_path
    return write


@pytest.mark.parametrize(("text", "said"), [
    ('like = "plain"\n[p]\nsymbl = "p"', r"\[p\] symbl is unknown \(did you mean 'symbol'\?\)"),
    ('like = "plain"\n[colour]\nx = 1', "colour is unknown"), ('like = "plian"', "did you mean 'plain'"),
    ('title = "x"', r"the table \[p\] is missing"), ("like = 1 2", "is not TOML"),
    ('like = "own"', "own is like itself"),
    ('like = "plain"\n[interval]\npercent = "both"', "it can be each, last, none"),
    ('like = "plain"\n[cells]\nratee = "{p}"', "overrules no pattern.*did you mean 'rate'"),
    ('like = "plain"\n[figure]\ncolours = ["#000000"]', "at least six"),
])
def test_a_style_file_with_a_mistake_is_refused(folder, text, said):
    place = folder("own", text)
    rules.read.cache_clear()
    with pytest.raises(StyleError, match=said):
        rules.read("own", place)


def test_a_journal_is_one_file(folder):
    place = folder("own", 'like = "plain"\ntitle = "Own"\n[p]\ndigits = [[0, 3]]\n'
                          '[numbers]\ndecimal = ","\npercent_sign = "\u202f%"')
    own = rules.read("own", place)
    asked = dataclasses.replace(style(), rules=own)
    assert asked.title == "Own"
    assert asked.text(cell("os/logrank@R:D", p_value=0.0312), "p") == "P = 0,031"
    assert asked.text(cell("response/cr@R", n=1, N=8, p=0.125), "share") == "1/8 (13\u202f%)"


def _lightness(colour):
    """CIE L* of #rrggbb."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y
