"""Words for odd findings say what is true."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from report import plurals, words
from tests.odd.made import SERIES, TWICE, laid, pages, patients, said, samples, voiced


def comparison(**parts):
    side = words.Side(Markup("in X"), Markup("1"))
    return words.Comparison(Markup("survival"), "share", side, side, **({"alpha": 0.05} | parts))


def test_an_interval_of_more_confidence_than_alpha_is_no_disagreement():
    wide = {"estimate": 1.04, "lower": 0.9996, "upper": 1.09, "null": 1.0, "p": 0.052, "alpha": 0.1}
    assert words.verdict(comparison(**wide)) == "split"
    assert words.verdict(comparison(**wide, strict=True)) == "more"
    assert words.verdict(comparison(**(wide | {"p": 0.3}), strict=True)) == "open"


def test_an_interval_of_less_confidence_than_alpha_takes_no_side_alone(tmp_path):
    rest = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nat = [6]\nconfidence = 0.5\n'
    rows = patients(20, os_t=lambda i: 3 + 5 * (i % 2) + i / 100, os_s=lambda i: int(i % 4 < 3))
    text = said(voiced(laid(tmp_path / "s", rest, rows)), "os/difference~6@D:R")
    assert "nothing is claimed" in text
    assert "less confidence" in text


def test_no_event_in_one_group_has_a_direction(tmp_path):
    """The ratio can't be estimated, the test can, and the curves say which is the higher."""
    columns = 'gone = { type = "number" }'
    rest = """[endpoints.rel]
label = "Relapse"
time = "os_t"
status = "gone"
[analyses.rel]
kind = "incidence"
endpoint = "rel"
at = [10]
"""
    rows = patients(24, gone=lambda i: 0 if i % 2 else 1 + (i % 12 == 0), os_t=lambda i: 1 + i / 2)
    text = said(voiced(laid(tmp_path / "s", rest, rows, columns=columns)), "rel/gray@D:R")
    assert text.startswith("The cumulative incidence of relapse was lower in arm D than in arm R (at 10 months 0% vs ")


def test_a_trend_is_not_called_a_difference_among_groups(tmp_path):
    rest = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nby = "grp"\ntrend = true\n'
    rest += '[analyses.resp]\nkind = "proportion"\noutcomes = ["rate"]\nby = "grp"\ntrend = true\n'
    rows = patients(30, grp=lambda i: "xyz"[i % 3])
    voice = voiced(laid(tmp_path / "s", rest, rows, levels='["x", "y", "z"]'))
    assert said(voice, "os/trend@arms").startswith("In the order of the groups, overall survival")
    assert said(voice, "resp/rate.trend@arms").startswith("In the order of the groups, the rate of")


def test_nobodys_follow_up_is_not_everybodys_event(tmp_path):
    rest = '[analyses.fu]\nkind = "followup"\nendpoint = "os"\n'
    html = pages(laid(tmp_path / "s", rest, patients(os_t=lambda i: "", os_s=lambda i: "")))
    assert "Every patient had an event" not in html
    assert "Nobody’s follow-up is known" in Markup(html).striptags()


@pytest.mark.parametrize(("label", "many"), [
    ("Corticosteroids for CRS", True), ("Diabetes", False), ("Sepsis", False), ("B symptoms", True), ("TP53 mutation", False),
    ("Acute GVHD, grades II to IV", False), ("Herpes virus", False), ("Bone metastases at diagnosis", True)])
def test_was_or_were(label, many):
    assert plurals.plural(label) is many


RELAPSE = """[endpoints.rel]
label = "Relapse"
time = "os_t"
status = "os_s"
[analyses.rel]
kind = "incidence"
endpoint = "rel"
at = [{}]
"""
SURVIVAL = """[analyses.{0}]
kind = "survival"
endpoint = "os"
at = [6]
{1}
"""


def test_an_incidence_is_told_of_a_time_at_which_it_is_known(tmp_path):
    """Nobody of arm R is followed for so long as 60 months."""
    rows = patients(20, os_t=lambda i: 2 + i if i % 2 == 0 else 3 + 4 * i, os_s=lambda i: int(i % 4 < 2 and i < 18))
    text = said(voiced(laid(tmp_path / "s", RELAPSE.format("6, 60"), rows)), "rel/gray@D:R")
    assert "at 6 months" in text
    assert "not estimable" not in text


def test_families_that_are_adjusted_are_not_called_unadjusted(tmp_path):
    rest = TWICE.format("one", 'family = "f"') + SURVIVAL.format("os", 'family = "f"') + "[methods]\nmultiplicity = {}\n"
    plain, adjusted = (pages(laid(tmp_path / name, rest.format(f'"{name}"'), patients(20))) for name in ("none", "holm"))
    section = "Comparisons in this section are exploratory and not adjusted for their number."
    assert section not in adjusted  # whose comparisons all are
    assert plain.replace(section, "").count("exploratory and not adjusted for their number") == 2
    assert adjusted.count("exploratory and, outside the declared families, not adjusted for their number") == 2


def test_a_figure_of_several_populations_says_whose_each_is(tmp_path):
    rest = """[populations]
cr = { label = "with a response", where = "cr" }
""" + SURVIVAL.format("os", "") + SURVIVAL.format("few", 'population = "cr"') + """[exhibits.curves]
kind = "survival-curve"
of = ["os", "few"]
[exhibits.shares]
kind = "forest"
of = ["os", "few"]
statistic = "difference"
at = 6
[[sections]]
id = "survival"
title = "Survival"
exhibits = ["curves", "shares"]
"""
    page = pages(laid(tmp_path / "s", rest, patients(24)))
    assert "A, all patients; B, with a response." in page
    assert "Overall survival, all patients" in page
    assert "Overall survival, with a response" in page
    (when,) = re.findall(r"Squares are estimates \(difference at ([^)]*)\)", page)
    assert re.sub(r"\s", " ", when) == "6 months"


def test_a_limitation_says_who_was_compared(tmp_path):
    """Of three groups the widest interval is that of two of them, in those who were asked."""
    rest = """[populations]
old = { label = "over 35 years", where = "age > 35" }
""" + TWICE.format("resp", 'by = "grp"\npopulation = "old"')
    rows = patients(60, grp=lambda i: "xyz"[i % 3], cr=lambda i: i // 3 % 2)
    page = re.sub("<[^>]+>", "", pages(laid(tmp_path / "s", rest, rows, levels='["x", "y", "z"]')))
    (found,) = re.findall(r"Intervals are wide: for CR \(([^)]*)\)", page)
    assert found.startswith("patients over 35 years, the subgroup")
    assert " against " in found


def test_survival_with_competing_events_says_that_they_are_censored(tmp_path):
    rest = """[endpoints.rel]
label = "Relapse"
time = "os_t"
status = "gone"
status_values = { censored = ["0"], event = ["1"], competing = ["2"] }
[analyses.rel]
kind = "survival"
endpoint = "rel"
at = [6]
"""
    rows = patients(30, gone=lambda i: i % 3)
    page = re.sub("<[^>]+>", "", pages(laid(tmp_path / "s", rest, rows, columns='gone = { type = "number" }')))
    assert "In Kaplan–Meier and Cox analyses of relapse patients were censored at a competing event" in page
    assert "the share without an event (relapse; competing events censored)" in page
    assert "competing event" not in pages(laid(tmp_path / "t", SURVIVAL.format("os", "")))


def test_what_is_kept_back_is_not_called_unknown(tmp_path):
    """The range of follow-up is somebody's, and the verdicts rest on few events: the public reads nothing false instead."""
    rest = """[endpoints.os2]
label = "Survival again"
time = "os_t"
status = "os_s"
[analyses.fu]
kind = "followup"
endpoint = "os"
[analyses.same]
kind = "sensitivity"
endpoints = ["os", "os2"]
"""
    page = pages(laid(tmp_path / "s", rest, patients(40), study='privacy = "public"'))
    assert "Nobody's follow-up" not in page
    assert "Under none of them" not in page
    assert "Median follow-up (reverse Kaplan–Meier) was" in page


CODED = """[endpoints.rel]
label = "Relapse"
time = "os_t"
status = "rel_s"
"""
INCIDENCE = CODED + """[analyses.cif]
kind = "incidence"
endpoint = "rel"
at = [6]
[exhibits.t]
kind = "incidence"
title = "Incidence"
of = "cif"
[exhibits.f]
kind = "incidence-curve"
title = "Incidence"
of = "cif"
"""
CODES = "status_values = { event = [1], competing = [2], censored = [0] }"


def relapses(folder, rest, codes):
    return laid(folder, rest, patients(rel_s=lambda i: i % codes), columns='rel_s = { type = "number" }')


def test_where_nothing_competes_no_competing_event_is_spoken_of(tmp_path):
    page = pages(relapses(tmp_path / "s", INCIDENCE, 2))
    told = re.sub(r"<[^>]+>", " ", page.partition("Statistical analysis")[0])
    assert "The cumulative incidence of" in told
    assert "ompeting" not in told


@pytest.mark.parametrize("declared", [False, True])
def test_where_one_competes_it_is_told_in_text_table_and_figure(tmp_path, declared):
    """Codes 2 and above compete without a word in the study file."""
    text = INCIDENCE.replace('status = "rel_s"', f'status = "rel_s"\n{CODES if declared else ""}')
    page = pages(relapses(tmp_path / "s", text, 3))
    told = re.sub(r"<[^>]+>", " ", page)
    for sentence in ("that of the competing event was", "Competing events, n", "dotted lines show the competing event"):
        assert sentence in told


@pytest.mark.parametrize("codes", [2, 3])
def test_survival_says_that_events_coded_as_competing_were_censored(tmp_path, codes):
    rest = CODED + '[analyses.km]\nkind = "survival"\nendpoint = "rel"\nat = [6]\n'
    page = re.sub(r"<[^>]+>", "", pages(relapses(tmp_path / "s", rest, codes)))
    assert ("share without an event (relapse; competing events censored)" in page) == (codes == 3)
    assert ("patients were censored at a competing event" in page) == (codes == 3)


def test_a_forest_says_which_analysis_has_no_estimate(tmp_path):
    rest = """[analyses.every]
kind = "survival"
endpoint = "os"
[analyses.rate]
kind = "proportion"
outcomes = ["rate"]
label = "Response rate"
[exhibits.f]
kind = "forest"
title = "Hazards"
of = ["every", "rate"]
statistic = "hazard"
"""
    page = pages(laid(tmp_path / "s", rest))
    assert "Not shown, as there is no hazard ratio: response rate." in page


def test_where_no_side_is_taken_it_is_the_time_to_the_peak_that_did_not_differ(tmp_path):
    series = [{"subject": f"P{i:02d}", "analyte": "car", "day": day, "value": 10 + (day == 7 + i // 2 % 3) * i}
              for i in range(12) for day in (7, 8, 9)]
    said_of = said(voiced(laid(tmp_path / "s", SERIES, series=series)), "car/tmax.test@D:R")
    assert said_of.startswith("The time to the peak of CAR transgene did not differ significantly")


def test_of_whom_a_measure_is_known_is_said(tmp_path):
    """Two patients are sampled from day 7 to 14 only, which is no area of 28 days; four aren't at all."""
    series = [{"subject": f"P{i:02d}", "analyte": "car", "day": day, "value": 10 + i + day}
              for i in range(20) for day in ((1, 7, 14, 28) if i > 1 else (7, 10, 14))]
    page = re.sub(r"<[^>]+>", "", pages(laid(tmp_path / "s", SERIES, patients(24), series=series)))
    assert "CAR transgene was measured in 20 of 24 patients" in page
    assert "Exposure to CAR transgene (area under the curve) is known in 18 patients: 9 in" in page
    table = page[page.index("Time to peak, day") :]
    assert "Patients, n101020" in table
    assert "Patients, n9918" in table
    assert "curve,  ×" not in table  # the unit of the analyte isn't known


def test_an_area_that_nobody_has_is_not_passed_over(tmp_path):
    series = [row for day in (7, 10, 14) for row in samples([day + i for i in range(12)], day)]
    page = re.sub(r"<[^>]+>", "", pages(laid(tmp_path / "s", SERIES, series=series)))
    assert "Exposure to CAR transgene (area under the curve) is known in no patient." in page
    assert "Area under the curve of CAR transgene is known in no patient." in page


def test_an_interval_beside_the_test_that_decides_is_not_contradicted():
    """The rank test over all grades finds nothing, while the rate of severe ones differs by its interval."""
    found = comparison(p=0.24, apart=True, effect=Markup("difference 50 percentage points"), lean=0.1)
    assert words.verdict(found) == "split"
    assert "nothing is claimed" in words.sentence(found)


@pytest.mark.parametrize(("label", "inside"), [
    ("An event within 60 days", "an event within 60 days"), ("A fall in glucose", "a fall in glucose"),
    ("No event", "no event"), ("A-type", "A-type"), ("IL-6", "IL-6"), ("Hb", "Hb")])
def test_a_short_first_word_of_a_label_is_lower_inside_a_sentence(label, inside):
    assert words.lower_first(label) == inside


def test_a_difference_of_means_is_no_shift(tmp_path):
    rest = '[analyses.base]\nkind = "characteristics"\nvariables = ["fev"]\n'
    column = 'fev = { type = "number", label = "FEV1", summary = "mean-sd" }'
    text = said(voiced(laid(tmp_path / "s", rest, patients(24, fev=lambda i: 50 + i), columns=column)), "base/fev.shift@D:R")
    assert "difference in means" in text
    assert "shift" not in text


def test_a_primary_analysis_without_a_label_is_not_called_by_its_key(tmp_path):
    page = re.sub(r"<[^>]+>", "", pages(laid(tmp_path / "s", TWICE.format("resp", ""), study='primary = "resp"')))
    assert "The primary analysis is that of CR;" in page


def test_a_rate_told_apart_by_its_interval_is_exploratory_too(tmp_path):
    """As many die in either arm, in one of them three at once and the others late, in the other all at five months: neither the
    curves nor the means up to six months are told apart, but the rates at six months are."""
    months = {"R": lambda k: 0.1 * (1 + k) if k < 3 else 10 + k if k < 12 else 24, "D": lambda k: 4.5 + 0.1 * k if k < 12 else 24}
    rows = patients(40, os_t=lambda i: months["RD"[i % 2]](i // 2), os_s=lambda i: int(i // 2 < 12))
    made = laid(tmp_path / "s", SURVIVAL.format("os", ""), rows)
    text = str(Markup(pages(made)).striptags())
    assert "Overall survival did not differ significantly" in text
    assert "Restricted mean overall survival up to 6 months did not differ significantly" in text
    assert "Overall survival at 6 months was lower in arm D than in arm R" in text
    assert "Comparisons in this section are exploratory and not adjusted for their number." in text


def test_follow_up_that_is_reached_nowhere_is_told_of_once(tmp_path):
    """Nearly all die, so that hardly anybody is censored."""
    rest = '[analyses.fu]\nkind = "followup"\nendpoint = "os"\n'
    text = Markup(pages(laid(tmp_path / "s", rest, patients(12, os_s=lambda i: int(i not in (0, 1)))))).striptags()
    said = "was not reached (95% CI 2.0 months to not reached); neither was it in any of the groups."
    assert f"Median follow-up (reverse Kaplan–Meier) {said}" in text
