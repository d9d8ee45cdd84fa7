"""What is kept between builds: only what a change can't touch is taken from there, and a build with it has the same bytes."""

import json
import math
import os

import pandas as pd
import pytest

from report import drawings, pango
from report.build import build
from report.commands import build as command
from report.counting import Counting
from stats import cache, derive, intake, run
from stats.cache import Cache, opened
from stats.results import Results, Row
from stats.study.read import read
from tests import built

STUDIES = [path.parent for path in sorted(built.ROOT.glob("data/*/study.toml"))]
KEY = cache.key("a", 1)


@pytest.fixture
def kept(tmp_path):
    return Cache(tmp_path / "kept")


@pytest.fixture
def study(tmp_path):
    return built.copy_of(built.CART, tmp_path / "study")


def made(folder, store, formats=("html",)):
    """What a build made anew and what it took from the cache, and its files."""
    fresh = Cache(store.folder)
    study = read(folder)
    counting = Counting(study, fresh, beside=False)
    files = build(study, style="blood", formats=formats, code="0" * 64, counting=counting).files
    return fresh.made, fresh.found, files


# ---- entries

ROWS = [Row("median", "estimate", math.inf, "R", method="m"), Row("x", "p", math.nan, "D", note="why"),
        Row("y", "n", 3, "all", "yes", 12), Row("y", "p", 0.1 + 0.2, "all", "", 0.5, analysis="a")]


def test_rows_come_back_as_they_were(kept):
    kept.put(KEY, cache.written(ROWS))
    assert str(cache.rows(Cache(kept.folder).get("rows", "x", KEY))) == str([
        Row(**{**{f: getattr(row, f) for f in row.__slots__}, "value": float(row.value)}) for row in ROWS])


@pytest.mark.parametrize("harm", [
    lambda data: data[:-1], lambda data: data[:40], lambda data: b"", lambda data: data.replace(b"12", b"13"),
    lambda data: b"0" * 64 + data[64:], lambda data: data + b" ",
])
def test_a_torn_or_altered_entry_is_none(kept, harm):
    kept.put(KEY, [12])
    path, = kept.folder.glob("*/*.json")
    path.write_bytes(harm(path.read_bytes()))
    assert Cache(kept.folder).get("x", "x", KEY) is None


def test_an_entry_under_another_name_is_none(kept):
    kept.put(KEY, [12])
    path, = kept.folder.glob("*/*.json")
    other = cache.key("b")
    (kept.folder / other[:2]).mkdir(exist_ok=True)
    path.rename(kept.folder / other[:2] / f"{other}.json")
    assert kept.get("x", "x", other) is None


def test_only_its_owner_reads_it(kept):
    kept.put(KEY, [12])
    path, = kept.folder.glob("*/*.json")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_the_folder_stays_small(kept):
    for i in range(5):
        key = cache.key(i)
        kept.put(key, "x" * 1000)
        os.utime(kept.folder / key[:2] / f"{key}.json", (i, i))
    assert kept.get("x", "x", cache.key(0)) is not None  # used now
    kept.trim(room=2500)
    left = [i for i in range(5) if kept.get("x", "x", cache.key(i)) is not None]
    assert left == [0, 4]


def test_where_nothing_can_be_kept_everything_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("RESULTWRIGHT_CACHE", "off")
    assert opened().folder is None
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RESULTWRIGHT_CACHE", str(tmp_path / "file" / "below"))
    nowhere = opened()
    assert nowhere.folder is None
    nowhere.put(KEY, 1)
    assert nowhere.get("x", "x", KEY) is None


FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": pd.Categorical(["x", "y"]), "c": ["s", None],
                      "d": pd.to_datetime(["2020-01-01", None]), "e": pd.array([True, None], dtype="boolean")})


@pytest.mark.parametrize("change", [
    lambda f: f.assign(a=[1.0, 2.0000001]), lambda f: f.assign(a=[1, 2]), lambda f: f.assign(a=[1.0, None]),
    lambda f: f.assign(b=pd.Categorical(["x", "y"], ["y", "x"])),
    lambda f: f.assign(b=pd.Categorical(["x", "y"], ["x", "y", "z"])),
    lambda f: f.assign(b=pd.Categorical(["x", "y"], ordered=True)), lambda f: f.assign(b=pd.Categorical(["x", None], ["x", "y"])),
    lambda f: f.assign(c=["s", "None"]), lambda f: f.assign(c=["s\x1fNone", ""]), lambda f: f.assign(c=["", "s"]),
    lambda f: f.assign(d=pd.to_datetime(["2020-01-02", None])), lambda f: f.assign(e=pd.array([True, False], dtype="boolean")),
    lambda f: f.rename(columns={"a": "A"}), lambda f: f.iloc[::-1], lambda f: f.iloc[:1], lambda f: f[["b", "a", "c", "d", "e"]],
])
def test_frames_that_differ_have_other_hashes(change):
    assert cache.digest(change(FRAME)) != cache.digest(FRAME)


def test_equal_frames_have_one_hash():
    assert cache.digest(FRAME.copy().set_axis([5, 6])) == cache.digest(FRAME)


# ---- builds

def test_a_second_build_computes_and_draws_nothing_and_is_the_same(study, kept):
    first, nothing, files = made(study, kept)
    assert nothing == {}
    assert len(first["analyses"]) == 18
    second, found, again = made(study, kept)
    assert second == {}
    assert found["results"] == ["CART-ALLO"]
    assert found["figures"] == first["figures"]
    assert again == files == build(read(study), style="blood", formats=("html",), code="0" * 64).files


def replaced(folder, old, new):
    path = folder / "study.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_another_title_needs_no_patient(study, kept):
    _, _, before = made(study, kept)
    replaced(study, 'title = "', 'title = "Results: ')
    anew, _, files = made(study, kept)
    assert anew == {}
    assert files["report.html"] != before["report.html"]


def test_another_label_runs_no_analysis_and_draws_what_shows_it(study, kept):
    made(study, kept)
    replaced(study, 'label = "Interleukin-6"', 'label = "IL-6 in serum"')
    anew, found, files = made(study, kept)
    assert "analyses" not in anew
    assert len(found["analyses"]) == 18
    assert anew["figures"] == [n for n in anew["figures"] if "il6" in n] != []
    assert "IL-6 in serum" in files["report.html"]


def test_another_value_runs_only_what_it_touches(study, kept):
    made(study, kept)
    lines = (study / "series.csv").read_text("utf-8").splitlines()
    index = next(i for i, line in enumerate(lines) if ",il6," in line and ",,pg/mL" in line)
    cells = lines[index].split(",")
    lines[index] = ",".join([*cells[:3], str(float(cells[3]) * 1.5), *cells[4:]])
    (study / "series.csv").write_text("\n".join(lines) + "\n", "utf-8")
    anew, found, files = made(study, kept)
    assert anew["analyses"] == [name for name in anew["analyses"] if "il6" in name] != []
    assert anew["figures"] == [name for name in anew["figures"] if "il6" in name] != []
    assert len(found["analyses"]) + len(anew["analyses"]) == 18
    assert files == build(read(study), style="blood", formats=("html",), code="0" * 64).files


def test_a_confidence_of_one_analysis_is_not_the_same_choice_for_all(study, kept):
    """It has the same limits, and an address of its own that says so."""
    text = (study / "study.toml").read_text("utf-8")
    whole = text.replace("confidence  = 0.95", "confidence  = 0.9")
    one = whole.replace('[analyses.pfs]\nkind       = "survival"', '[analyses.pfs]\nkind       = "survival"\nconfidence = 0.9')
    assert len({text, whole, one}) == 3
    for said in (whole, one, whole):
        (study / "study.toml").write_text(said, "utf-8")
        _, _, files = made(study, kept)
        _, _, afresh = made(study, Cache(None))
        assert files["results.csv"] == afresh["results.csv"]
        assert ("pfs,settings.confidence" in files["results.csv"]) == (said == one)


def test_another_order_of_rows_draws_nothing_new(study, kept):
    _, _, before = made(study, kept)
    head, *lines = (study / "subjects.csv").read_text("utf-8").splitlines()
    (study / "subjects.csv").write_text("\n".join([head, *reversed(lines)]) + "\n", "utf-8")
    anew, _, files = made(study, kept)
    assert "figures" not in anew
    assert files["results.csv"] == before["results.csv"]


def test_a_picture_is_added_when_word_asks_for_it(study, kept):
    made(study, kept)
    anew, _, files = made(study, kept, ("html", "docx"))
    assert len(anew["figures"]) == sum(name.endswith(".png") for name in files) > 5
    anew, _, again = made(study, kept, ("html", "docx"))
    assert anew == {}
    assert again == files


@pytest.mark.skipif(bool(pango.missing()), reason="Pango is not on this machine")
def test_pages_are_set_anew_where_something_on_them_changed(study, kept):
    formats = ("html", "pdf")
    first, _, _ = made(study, kept, formats)
    assert len(first["pages"]) > 4
    anew, found, files = made(study, kept, formats)
    assert anew == {}
    assert found["pages"] == first["pages"]
    replaced(study, '"Recipient-derived and donor', '"Results: recipient-derived and donor')
    anew, _, _ = made(study, kept, formats)
    pages = first["pages"]  # begun last are that with the title, what is parted with it, and that with the inputs' hash
    assert set(anew["pages"]) == {pages[-3], pages[-1]}
    replaced(study, 'label = "Interleukin-6"', 'label = "IL-6 in serum"')
    anew, found, files = made(study, kept, formats)
    assert found["pages"]
    assert 0 < len(anew["pages"]) < len(first["pages"])
    assert files == build(read(study), style="blood", formats=formats, code="0" * 64).files


# ---- nothing else decides

@pytest.mark.parametrize("folder", STUDIES, ids=lambda path: path.name)
def test_an_analysis_sees_all_that_decides_its_results(folder, monkeypatch):
    study = read(folder)
    frames, _ = intake.load(study)
    frames, _, _ = derive.derive_all(study, frames)
    seen = run.run(study, frames).csv()
    monkeypatch.setattr(run, "in_sight", lambda study, name, frame, options, by: frame)
    assert run.run(study, frames).csv() == seen


@pytest.mark.parametrize("folder", STUDIES, ids=lambda path: path.name)
def test_a_figure_is_given_all_that_decides_its_looks(folder, monkeypatch):
    def drawn():
        files = built.make(folder).files
        return {name: data for name, data in files.items() if name.endswith(".svg")}

    seen = drawn()
    monkeypatch.setattr(drawings, "reduced", lambda style, exhibit: style)
    monkeypatch.setattr(Results, "of", lambda results, analyses: results)
    assert drawn() == seen


def test_without_the_cache_nothing_is_kept(tmp_path, monkeypatch, study):
    monkeypatch.setenv("RESULTWRIGHT_CACHE", str(tmp_path / "kept"))
    words = [str(study), "--out", str(tmp_path / "out"), "--formats", "html", "--quiet"]
    assert command.run([*words, "--no-cache"]) == 0
    assert not (tmp_path / "kept").exists()
    went = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert went["kept"] == went["made"] == {}
    (study / "abstract.txt").write_text("An abstract without a number.", "utf-8")
    assert command.run(words) == 0
    assert len(json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["made"]["analyses"]) == 18
