"""Peaks below quantification have a rank and half the limit for a median, and no part in what is done on a log scale."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest

from report.cited import References
from report.counting import count
from report.methods_text import sentences as methods
from report.told import Told
from stats.study.read import read
from tests.odd.made import SERIES, laid, pages, patients, said, voiced
from tests.test_replicate import agreed, certificate, rscript  # noqa: F401 (a fixture)

LIMITED = SERIES.replace('scale = "log"', 'scale = "log", lloq = 50')
# Powers of two: a geometric mean is two to the mean of the exponents. P00, P02 … are of arm R, the others of arm D.
R = [8, 10, 12, 14, None, None]
D = [7, 8, 9, 8, 8, None]


def courses(r, d):
    """Two samples of each patient, whose higher one is two to the power given; None lies below quantification."""
    rows = []
    for shift, own in enumerate((r, d)):
        for i, power in enumerate(own):
            for day, share in ((7, 1), (14, 0.5)):
                value = "<50" if power is None else 2**power * share
                rows.append({"subject": f"P{2 * i + shift:02d}", "analyte": "car", "day": day, "value": value})
    return rows


def study(folder, r=R, d=D, **more):
    return laid(folder, LIMITED, patients(2 * max(len(r), len(d))), series=courses(r, d), **more)


def test_the_ratio_is_the_quotient_of_the_geometric_means(tmp_path):
    """R: exponents 8 to 14, mean 11, variance 20/3 of four; D: 7 to 9, mean 8, variance 1/2 of five. With limits by hand."""
    results = count(read(study(tmp_path / "s"))).results
    assert results["car/peak@R"]["geomean"] == pytest.approx(2**11)
    assert results["car/peak@D"]["geomean"] == pytest.approx(2**8)
    ratio = results["car/peak.ratio@D:R"]
    assert ratio["estimate"] == pytest.approx(float(Fraction(2**8, 2**11)))
    u, v = Fraction(20, 3) / 4, Fraction(1, 2) / 5
    df = float((u + v) ** 2 / (u * u / 3 + v * v / 4))
    assert df == pytest.approx(3.36172334696)
    half = 2.99722802974 * math.sqrt(u + v)  # R's qt(0.975, 3.36172334696)
    assert ratio["lower"] == pytest.approx(2 ** (-3 - half))
    assert ratio["upper"] == pytest.approx(2 ** (-3 + half))
    # all twelve have a rank, and a median in which those below count half the limit
    assert results["car/peak@R"]["n"] == 6
    assert results["car/peak@R"]["median"] == (2**8 + 2**10) / 2
    assert results["car/peak@R"]["min"] == 25


def test_r_leaves_the_same_peaks_out(rscript, tmp_path):  # noqa: F811
    for name, r, d in (("some", R, D), ("one left", [9, *[None] * 5], D), ("none left", [None] * 6, D)):
        agreed(certificate(study(tmp_path / name, r, d))[0])


def test_what_is_left_out_is_said(tmp_path):
    page = pages(study(tmp_path / "s"))
    told = "counts as half the limit in medians and rank tests; ratios of geometric means leave it out."
    assert f"A peak below quantification {told}" in page
    assert "Peaks below quantification count as half the limit, and are left out of ratios." in page
    assert "(of geometric means of quantified peaks)" in page
    voice = voiced(tmp_path / "s")
    assert "ratio of geometric means of quantified peaks" in said(voice, "car/peak.test@D:R")


def test_nothing_is_said_of_what_nobody_has(tmp_path):
    page = pages(study(tmp_path / "s", R[:4] * 2, D[:4] * 2))
    assert "half the limit in medians" not in page
    assert "eaks below quantification" not in page
    assert "of quantified peaks" not in page


def test_on_a_linear_scale_there_is_no_ratio_to_leave_anybody_out_of(tmp_path):
    folder = study(tmp_path / "s")
    file = folder / "study.toml"
    file.write_text(file.read_text("utf-8").replace('scale = "log"', 'scale = "linear"'), "utf-8")
    voice = voiced(folder)
    defined = methods(voice, Told.everything(voice), {}, {}, References())["definitions"]
    (told,) = [text for text in defined if "half the limit" in text]
    assert told == "A peak below quantification counts as half the limit in medians, shifts and rank tests."


def test_ranks_that_point_the_other_way_let_nothing_be_claimed(tmp_path):
    """Two of nine in D have far higher peaks than anybody in R, the others none: the ratio is high, the ranks are low."""
    voice = voiced(study(tmp_path / "s", [8, 8, 9, 9, 8, 8, 9, 9, 8], [14, 14.5, *[None] * 7]))
    ratio, test = voice.cell("car/peak.ratio@D:R"), voice.cell("car/peak.test@D:R")
    assert ratio["lower"] > 1
    assert test["p_value"] < 0.05
    text = said(voice, "car/peak.test@D:R")
    assert "with the peaks below quantification the groups rank the other way round, and nothing is claimed" in text
    assert "higher" not in text


def test_a_group_all_below_quantification_is_lower_by_its_ranks(tmp_path):
    """It has no geometric mean and no ratio; the test says what can be said, and does not disagree with itself."""
    text = said(voiced(study(tmp_path / "s", [7, 8, 9, 8, 9, 7, 8, 9], [None] * 8)), "car/peak.test@D:R")
    assert text.startswith("Peak CAR transgene was lower in arm D than in arm R (")
    assert "agree" not in text


@pytest.mark.parametrize(("few", "told"), [(4, False), (5, True)])
def test_the_public_reads_no_geometric_mean_of_few(tmp_path, few, told):
    """Everybody's would tell it, with the other group's."""
    folder = study(tmp_path / "s", [*range(7, 7 + few), *[None] * (12 - few)], [7, 8, 9, 10] * 3)
    results = count(replace(read(folder), privacy="public")).results
    for address, stat in (("peak@R", "geomean"), ("peak@all", "geomean"), ("peak.ratio@D:R", "estimate")):
        assert math.isfinite(results[f"car/{address}"][stat]) == told, address
    assert math.isfinite(results["car/peak@D"]["geomean"])
