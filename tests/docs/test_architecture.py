"""docs/architecture.md: the journey of a number is true, files and types are where it says."""

import ast
import csv
import re

import pytest

from report import prose, words
from report.names import names
from report.style import load
from report.voice import Voice
from stats import derive, intake
from tests.docs.pages import ROOT, code, read, rows, section

PAGE = read("architecture.md")
ADDRESS = "pfs/difference~12@R:D"


def test_types_are_where_the_page_says():
    for kinds, files, *_ in rows(section(PAGE, "## The central types")):
        found = set()
        for path in re.findall(r"`([\w/]+\.py)`", files):
            tree = ast.parse((ROOT / path).read_text("utf-8"))
            found |= {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        for kind in re.findall(r"`(\w+)`", kinds):
            assert kind in found, kind


def test_rooms_exist():
    for room, *_ in rows(section(PAGE, "## The rooms")):
        assert (ROOT / room.strip("`")).exists(), room


def test_six_rules_with_a_test_each():
    rules = rows(section(PAGE, "## Six rules"))
    assert [rule[:2] for rule, _ in rules] == [f"{i}." for i in range(1, 7)]
    for _, tests in rules:
        paths = re.findall(r"`(tests/[\w/.]+)`", tests)
        assert paths
        assert all((ROOT / path).exists() for path in paths)


def test_the_patient_of_the_journey(counted):
    study, _ = counted
    with (ROOT / "data/cart/subjects.csv").open(encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    for cell in (first["subject"], first["infusion_date"], first["relapse_date"]):
        assert cell in PAGE
    assert first["arm"] == "D"
    frames, _ = intake.load(study)
    frames, _, _ = derive.derive_all(study, frames)
    patient = frames["subjects"].set_index("subject").loc[first["subject"]]
    assert patient["pfs.time"] == pytest.approx(116 / 30.4375)
    assert f"{patient['pfs.time']:.3f}" in PAGE
    assert patient["pfs.status"] == 1


def test_the_rows_the_words_and_the_markup_of_the_journey(counted):
    study, results = counted
    (block,) = code("csv", re.sub(r"^   ", "", PAGE, flags=re.MULTILINE))
    assert set(block.splitlines()) <= set(results.csv().splitlines())
    voice = Voice(study, results, load(study.style, names(study), results))
    compared = prose.compare(voice, results[ADDRESS])
    assert (words.verdict(compared), compared.scale, compared.null) == ("more", "share", 0)
    sentence = prose.finding(voice, ADDRESS)
    plain = " ".join(sentence.striptags().replace("\N{NO-BREAK SPACE}", " ").split())
    assert plain in " ".join(PAGE.split())
    (markup,) = code("html", re.sub(r"^   ", "", PAGE, flags=re.MULTILINE))
    assert markup.strip() in str(sentence).replace("\N{NO-BREAK SPACE}", " ").replace(' class="kept"', "")
    pattern = voice.style.pattern("effect-points-ci").replace("\N{NO-BREAK SPACE}", " ")
    assert pattern in PAGE
    assert results[ADDRESS].method in PAGE
