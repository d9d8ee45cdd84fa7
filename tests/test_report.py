"""The built report of the shipped study: every number addressed, sentences that follow the data, the same bytes."""

import csv
import re
from datetime import date, timedelta

import pytest

from tests import built, conforms


@pytest.fixture(scope="module")
def cart():
    return built.make(built.CART)


@pytest.fixture(scope="module")
def html(cart):
    return cart.files["report.html"]


def test_every_number_on_the_page_is_a_result_a_reference_or_a_label(html):
    assert conforms.astray(html) == []


def test_every_address_on_the_page_is_a_row_of_the_results(cart):
    assert len(conforms.addresses(cart)) > 300
    assert conforms.unknown(cart) == set()


def test_every_printed_number_is_its_result_rounded(cart):
    assert conforms.misprinted(cart) == []


def test_the_abstract_says_what_its_letters_stand_for(html):
    text = re.sub(r"<[^>]+>", "", html[html.index('<section id="abstract">') : html.index('<section id="methods">')])
    assert "10 in the R group (recipient-derived) and 13 in the D group (donor-derived)." in text


def test_abstract_speaks_in_the_order_of_the_claims(html):
    text = re.sub(r"<[^>]+>", "", html[html.index('<section id="abstract">') : html.index('<section id="methods">')])
    order = [
        "analysis included",
        "standardized mean difference",
        "chimerism of the product",
        "CR or CRi at day 28",
        "Progression-free survival at",
        "Overall survival at",
        "Peak CAR",
        "peak of CAR",
        "Peak interleukin",
        "peak of interleukin",
        "cytokine release syndrome",
        "neurotoxicity",
        "neutropenia",
        "anemia",
        "thrombocytopenia",
        "graft-versus-host",
    ]
    places = [text.find(word) for word in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)


def test_the_claims_get_the_verdicts_the_rules_give_them(cart):
    lines = [line.split(" | ")[1] for line in cart.files["claims.md"].splitlines()[2:]]
    assert lines.count("not shown") == 9  # every "no difference" without a margin
    assert lines[0] == "not shown"
    assert lines[1] == "supported"  # 99.31 ± 0.32 is what the data give
    assert lines[3] == "supported"  # the primary endpoint
    assert lines[4] == "nominal only"  # overall survival is exploratory
    assert lines[-1] == "judgement"


def test_a_second_build_is_the_same(cart):
    again = built.make(built.CART)
    assert set(again.files) == set(cart.files)
    assert [name for name in cart.files if again.files[name] != cart.files[name]] == []


def test_the_order_of_data_rows_does_not_matter(tmp_path, cart):
    folder = built.copy_of(built.CART, tmp_path / "shuffled")
    for path in folder.glob("*.csv"):
        head, *body = path.read_text("utf-8").splitlines()
        path.write_text("\n".join([head, *reversed(body)]) + "\n", "utf-8")
    shuffled = built.make(folder)
    assert shuffled.files["results.csv"] == cart.files["results.csv"]
    assert built.sentences(shuffled.files["report.html"])[:60] == built.sentences(cart.files["report.html"])[:60]


def test_one_death_date_changes_what_it_must_and_nothing_else(tmp_path, cart):
    """A patient who died a month later: overall survival and what counts deaths; nothing of response, kinetics, toxicity."""
    with (built.CART / "subjects.csv").open(encoding="utf-8") as file:
        subjects = list(csv.DictReader(file))
    died = max((s for s in subjects if s["death_date"] and s["relapse_date"]), key=lambda s: s["death_date"])
    folder = built.copy_of(built.CART, tmp_path / "later")
    later = str(date.fromisoformat(died["death_date"]) + timedelta(days=9))
    built.edit(folder / "subjects.csv", {"subject": died["subject"]}, death_date=later, last_contact_date=later)
    made = built.make(folder)
    before, after = built.rows(cart), built.rows(made)
    moved = {key[0].split("/")[0] for key in set(before) | set(after) if repr(before.get(key)) != repr(after.get(key))}
    # overall survival, and the incidence in which death competes; nothing of response, relapse, kinetics or toxicity
    assert moved == {"os", "agvhd_cif"}
    assert any(k not in after for k in before if k[0].startswith("os/curve"))

    spoken = set(built.sentences(made.files["report.html"])) - set(built.sentences(cart.files["report.html"]))
    assert spoken
    told = re.compile(r"overall survival|Abbreviations|^Report |subjects\.csv|acute GVHD|does not exclude", re.I)
    assert [sentence for sentence in spoken if not told.search(sentence)] == []


def test_swapping_the_arms_mirrors_the_numbers_and_the_sentences(tmp_path, cart, html):
    """R and D exchanged everywhere, reference too: every sentence is the old one with the names exchanged."""
    folder = built.copy_of(built.CART, tmp_path / "swapped")
    text = (folder / "study.toml").read_text("utf-8")
    text = text.replace('R = "Recipient-derived"\nD = "Donor-derived"', 'D = "Recipient-derived"\nR = "Donor-derived"')
    text = text.replace('reference   = "D"', 'reference   = "R"').replace("@R:D", "@D:R").replace('@R"', '@D"')
    text = text.replace('expect = "R > D"', 'expect = "X > R"').replace('expect = "D > R"', 'expect = "R > D"')
    text = text.replace('expect = "X > R"', 'expect = "D > R"').replace("printed = { R =", "printed = { D =")
    (folder / "study.toml").write_text(text, "utf-8")
    path = folder / "subjects.csv"
    head, *body = path.read_text("utf-8").splitlines()
    arm = head.split(",").index("arm")

    def swapped(line):
        cells = line.split(",")
        cells[arm] = {"R": "D", "D": "R"}[cells[arm]]
        return ",".join(cells)

    path.write_text("\n".join([head, *map(swapped, body)]) + "\n", "utf-8")
    mirrored = built.sentences(built.make(folder).files["report.html"])

    def exchanged(sentence):
        return re.sub(r"\b([RD]) group", lambda hit: f"{'D' if hit.group(1) == 'R' else 'R'} group", sentence)

    compared = [exchanged(s) for s in built.sentences(html) if " group" in s and "Abbreviations" not in s]
    assert len(compared) > 30
    assert [s for s in compared if s not in mirrored] == []


@pytest.mark.parametrize("style", ["nejm", "lancet", "plain"])
def test_another_journal_prints_the_same_results_in_its_own_signs(style, cart):
    other = built.make(built.CART, style=style)
    assert other.files["results.csv"] == cart.files["results.csv"]
    text = " ".join(t.text for t in built.texts(other.files["report.html"]) if t.address)
    if style == "lancet":
        assert "0·" in text
        assert not re.search(r"\d\.\d", text)
    if style == "nejm":
        assert re.search(r"P\s?=\s?0\.\d", " ".join(built.sentences(other.files["report.html"])))
