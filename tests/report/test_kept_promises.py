"""Keys that say how an endpoint or a section is meant have the effect a reader expects of them."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from report import claims
from report.table import Head, Line, Notes
from report.tables import _columns as columns
from report.tables import kinetics, survival
from report.tables._notes import table
from stats.study.claimed import better
from stats.study.read import examine, read
from stats.study.types import Claim
from tests import built, trial
from tests.odd.made import laid, patients


@pytest.mark.parametrize(
    ("address", "side"),
    [
        ("pfs/difference~12@R:D", 1),
        ("pfs/hazard@R:D", -1),  # more events
        ("pfs/rmst_difference~12@R:D", 1),
        ("relapse/incidence~12@R", -1),
        ("relapse/subhazard@R:D", -1),
        ("response/cr.difference@R:D", 1),
        ("patients/age.shift@R:D", 0),
    ],
)
def test_what_is_better_at_an_address(address, side):
    study = read(built.CART)
    if address.startswith("relapse") and "relapse" not in study.analyses:
        name = next(name for name, one in study.analyses.items() if one.kind == "incidence")
        address = address.replace("relapse", name, 1)
    assert better(study, address) == side


def test_an_endpoint_whose_lower_share_is_better(tmp_path):
    folder = built.copy_of(built.CART, tmp_path / "study")
    text = (folder / "study.toml").read_text("utf-8")
    (folder / "study.toml").write_text(re.sub(r"(\[endpoints\.pfs\]\n)", r'\1better = "lower"\n', text), "utf-8")
    study = read(folder)
    assert better(study, "pfs/difference~12@R:D") == -1
    assert better(study, "pfs/hazard@R:D") == 1


@pytest.mark.parametrize(
    ("said", "incidence", "survival"), [("", -1, 1), ('better = "lower"', -1, 1), ('better = "higher"', 1, -1)]
)
def test_what_is_better_where_codes_of_a_status_compete(tmp_path, said, incidence, survival):
    """An engraftment coded 0, 1, 2 that an analysis of incidence counts: its higher incidence is the better one, if so said."""
    rest = f"""[endpoints.engrafted]
label = "Engraftment"
time = "os_t"
status = "state"
{said}
[analyses.cif]
kind = "incidence"
endpoint = "engrafted"
[analyses.km]
kind = "survival"
endpoint = "engrafted"
"""
    study = read(laid(tmp_path / "s", rest, patients(state=lambda i: i % 3), columns='state = { type = "number" }'))
    assert better(study, "cif/incidence~1@R") == better(study, "cif/subhazard@D:R") == incidence
    assert better(study, "km/survival~1@R") == survival
    assert better(study, "km/hazard@D:R") == incidence


@pytest.fixture(scope="module")
def voice():
    return trial.voice(built.CART)


@pytest.mark.parametrize(
    ("result", "same", "other"),
    [
        ("pfs/difference~12@R:D", "R > D", "R < D"),
        ("pfs/hazard@R:D", "R < D", "R > D"),
        ("relapse_cif/subhazard@R:D", "R < D", "R > D"),
    ],
)
def test_better_than_is_judged_as_the_direction_it_stands_for(voice, result, same, other):
    said = {
        expect: claims.one(voice, Claim("one", "said", "difference", result, expect)).verdict
        for expect in ("R better than D", "D worse than R", "D better than R", "R > D", "R < D")
    }
    assert said["R better than D"] == said["D worse than R"] == said[same]
    assert said["D better than R"] == said[other] != said[same]


def problems(folder, old, new):
    text = (folder / "study.toml").read_text("utf-8")
    assert old in text
    (folder / "study.toml").write_text(text.replace(old, new, 1), "utf-8")
    return [problem.reason for problem in examine(folder)[1] if problem.fatal]


def test_better_than_needs_an_endpoint(tmp_path):
    folder = built.copy_of(built.CART, tmp_path / "study")
    found = problems(
        folder,
        "[claims.",
        '[claims.age]\nquote = "R was better"\ntype = "difference"\n'
        'result = "baseline/age.shift@R:D"\nexpect = "R better than D"\n\n[claims.',
    )
    assert any("is about no endpoint" in reason for reason in found)


def test_a_section_of_level_three_has_a_smaller_heading(tmp_path):
    folder = built.copy_of(built.CART, tmp_path / "study")
    assert problems(folder, 'id = "product"', 'id = "product"\nlevel = 3') == []
    page = built.make(folder).files["report.html"]
    title = next(one.title for one in read(folder).sections if one.id == "product")
    assert f"<h3>{title}</h3>" in page
    assert f"<h2>{title}</h2>" not in page
    assert f"<h2>{next(one.title for one in read(folder).sections if one.id == 'response')}</h2>" in page


def test_the_first_section_is_no_part_of_another(tmp_path):
    folder = built.copy_of(built.CART, tmp_path / "study")
    assert any(
        "2 in the first section" in reason
        for reason in problems(folder, 'id = "abstract"', 'id = "abstract"\nlevel = 3')
    )


def test_other_levels_are_refused(tmp_path):
    folder = built.copy_of(built.CART, tmp_path / "study")
    for level in (1, 4):
        found = problems(folder, "[[sections]]", f'[[sections]]\nid = "x{level}"\nlevel = {level}\n\n[[sections]]')
        assert any("level should be" in reason for reason in found), found


def test_abbreviations_are_explained_under_the_tables_that_use_them(voice):
    """Those that the study gives its endpoints, terms and analytes, those of the field, and the journal's words; no others."""
    number = Markup('<data value="os/median@R">{}</data>')

    def notes(label, cell):
        mine = Notes("letters")
        mine.abbreviate("IQR", "interquartile range")
        heads = (Head(Markup("Measure")), Head(Markup("R group")))
        made = table(columns.voice(voice.results, voice.style), heads, [Line(Markup(label), (cell,))], mine)
        return " ".join(note.striptags() for note in made.notes)

    assert notes("PFS", number.format("1")) == "Abbreviations: PFS, progression-free survival."
    assert notes("Steroids for CRS", number.format("NR")) == "Abbreviations: CRS, cytokine release syndrome; NR, not reached."
    assert notes("Median (IQR)", number.format("1 (NE)")) == "Abbreviations: IQR, interquartile range; NE, not estimable."
    # the same letters in another word, in a level of the study's own, and a short form that is nowhere
    assert notes("POST-OS, NEW", Markup("NE")) == ""


def test_no_table_explains_what_it_does_not_use(voice):
    shown = [survival.build(voice.results, voice.style, of=("pfs", "os")),
             kinetics.build(voice.results, voice.style, of=("il6_kinetics",))]
    for made in shown:
        (said,) = [note.striptags() for note in made.notes if note.startswith("Abbreviations")]
        cells = " ".join(part.striptags() for line in made.lines for part in (line.label, *line.cells))
        rest = " ".join([cells, *(head.label.striptags() for head in made.heads),
                         *(note.striptags() for note in made.notes if not note.startswith("Abbreviations"))])
        for short in re.findall(r"(\S+), ", said.removeprefix("Abbreviations: ")):
            assert re.search(rf"\b{re.escape(short)}\b", rest), short
