"""Results counted beside the process that writes: the same as counted here, with the same refusals and the same record."""

import shutil
import time
from dataclasses import asdict

import jinja2
import pytest

from report import counter, counting, exhibits, ready
from report.counting import Counting, count
from report.output import Fault
from report.side import possible
from report.templating import TEMPLATES, environment
from stats import run
from stats.cache import Cache
from stats.findings import Refused
from stats.study.read import read
from tests import built
from tests.sixteen import write

SHIPPED = sorted(path.parent.name for path in (built.ROOT / "data").glob("*/study.toml"))

pytestmark = pytest.mark.skipif(not possible(), reason="no child processes here")


@pytest.fixture
def apart(monkeypatch):
    """As in a build, where the libraries that count aren't loaded yet."""
    monkeypatch.setattr(counter, "loaded", lambda: False)


def plain(counted):
    return str(counted.results.rows), list(map(asdict, counted.problems)), {k: asdict(v) for k, v in counted.definitions.items()}


@pytest.mark.parametrize("name", SHIPPED)
def test_counted_beside_everything_is_the_same(name, apart):
    study = read(built.ROOT / "data" / name)
    said = []
    with Counting(study) as beside:
        assert beside._side is not None
        assert beside._side.child
        there = beside.counted(said.append)
    assert plain(there) == plain(count(study))
    assert said == list(counting.STAGES.values())


@pytest.fixture
def slowly(monkeypatch):
    """Counting takes so long that there is something to be done meanwhile."""
    one = run.one
    monkeypatch.setattr(run, "one", lambda *words: time.sleep(0.1) or one(*words))


@pytest.mark.parametrize("privacy", ["internal", "journal", "public"])
def test_what_is_told_before_all_is_counted_is_as_it_may_be_printed(apart, slowly, tmp_path, privacy):
    """Somebody is ninety-four; for the public nothing is told before everything is counted."""
    folder = write(tmp_path / "study")
    text = (folder / "study.toml").read_text("utf-8").replace("seed = 1", f'seed = 1\nprivacy = "{privacy}"')
    (folder / "study.toml").write_text(text, "utf-8")
    lines = (folder / "subjects.csv").read_text("utf-8").splitlines()
    at = lines[0].split(",").index("age")
    cells = lines[1].split(",")
    lines[1] = ",".join([*cells[:at], "94", *cells[at + 1 :]])
    (folder / "subjects.csv").write_text("\n".join(lines) + "\n", "utf-8")
    study, seen = read(folder), []

    def meanwhile(so_far):
        seen.extend(row for row in so_far._rows if row not in seen)
        return False

    with Counting(study) as beside:
        there = beside.counted(meanwhile=meanwhile)
    assert plain(there) == plain(count(study))
    assert set(seen) <= set(there.results.rows)
    oldest = there.results["baseline/age@all"]["max"] if privacy != "public" else 90
    assert oldest == (94 if privacy == "internal" else 90)
    assert bool(seen) == (privacy != "public")


def test_adjusted_values_come_last_and_are_the_same(apart, slowly, tmp_path):
    folder = write(tmp_path / "study")
    text = (folder / "study.toml").read_text("utf-8")
    for name in ("os", "response"):
        text = text.replace(f"[analyses.{name}]", f'[analyses.{name}]\nfamily = "main"')
    (folder / "study.toml").write_text(text + '\n[methods]\nmultiplicity = "holm"\n', "utf-8")
    study = read(folder)
    known = set()

    def meanwhile(so_far):
        known.update(name for name in study.analyses if so_far.has([name]))
        return False

    with Counting(study) as beside:
        there = beside.counted(meanwhile=meanwhile)
    assert "baseline" in known
    assert not known & {"os", "response"}
    assert plain(there) == plain(count(study))
    assert any(row.variable.endswith(".family") for row in there.results.rows)


def test_it_is_done_here_where_the_libraries_are():
    with Counting(read(built.CART)) as here:
        assert here._side is None


def test_a_refusal_is_the_same(apart, tmp_path):
    folder = write(tmp_path / "study")
    path = next(folder.glob("*.csv"))
    path.write_text(path.read_text("utf-8").replace("\n", "\n,", 2), "utf-8")
    study = read(folder)
    with pytest.raises(Refused) as here:
        count(study)
    with Counting(study) as beside, pytest.raises(Refused) as there:
        beside.counted()
    assert there.value.problems == here.value.problems


def test_a_fault_says_where_it_is(apart, monkeypatch):
    def fails(*_, **__):
        raise KeyError("a cell")

    monkeypatch.setattr(run, "one", fails)
    with Counting(read(built.CART)) as beside, pytest.raises(Fault) as met:
        beside.counted()
    assert str(met.value).startswith("KeyError at test_counting.py:")
    assert "a cell" in met.value.trace


def test_what_it_kept_is_told(apart, tmp_path):
    """For the record of the run, and to be forgotten should the code change meanwhile."""
    study, caches = read(built.CART), [Cache(tmp_path / "here"), Cache(tmp_path / "there")]
    count(study, cache=caches[0])
    with Counting(study, caches[1]) as beside:
        beside.counted()
    here, there = caches
    assert there.counts() == here.counts()
    assert len(there.made["analyses"]) == len(study.analyses)
    assert [p.relative_to(tmp_path / "there") for p in there.put_now] == [p.relative_to(tmp_path / "here") for p in here.put_now]
    there.forget()
    assert not list((tmp_path / "there").glob("*/*.json"))
    assert Counting(study, Cache(here.folder)).held


def test_nothing_is_kept_of_a_file_that_was_replaced_meanwhile(apart, tmp_path):
    study = read(built.copy_of(built.CART, tmp_path / "study"))
    cache = Cache(tmp_path / "kept")
    with Counting(study, cache) as beside:
        path = study.folder / "subjects.csv"
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
        beside.counted()
    assert not Counting(study, Cache(cache.folder)).held


def test_the_process_ends_when_its_work_is_done(apart):
    """What it holds of memory is needed for pages."""
    with Counting(read(built.CART)) as beside:
        beside.counted()
        assert beside._side is not None
        assert not beside._side.child


def test_a_template_that_cannot_be_read_is_refused_while_it_is_made_ready(monkeypatch, tmp_path):
    """As someone leaves it who saves in the middle of a change, under `watch`."""
    folder = tmp_path / "templates"
    shutil.copytree(TEMPLATES, folder)
    (folder / "section.html.j2").write_text("{% if %}", "utf-8")
    monkeypatch.setattr(ready, "shipped", lambda: environment(jinja2.Environment, folder))
    study = read(built.CART)
    with pytest.raises(Refused) as met:
        ready.load(study, exhibits.plan(study))
    assert [(p.code, p.file) for p in met.value.problems] == [("E_TEMPLATE", "templates/section.html.j2")]
