"""What each command may import: starting quickly is a feature, and it is lost one import at a time."""

import json
import subprocess
import sys

import pytest

from report.side import possible
from tests import built
from tests.sixteen import write

HEAVY = ("numpy", "pandas", "scipy", "scipy.stats", "matplotlib", "matplotlib.pyplot", "jinja2", "weasyprint", "docx", "lxml",
         "pyarrow", "scipy.special", "numpy.testing", "numpy.f2py",
         "lifelines", "tableone", "statsmodels", "pyreadstat", "openpyxl", "fontTools.ttLib", "html.parser", "report.printed")
HERE = set() if possible() else {"pandas", "scipy"}  # what counts, where there is no other process for it
SAID = "import json, sys; print(json.dumps([m for m in json.loads(sys.argv[1]) if m in sys.modules]))"
RUN = f"""
import sys
sys.path.insert(0, {str(built.ROOT)!r})
import build_report
code = build_report.main(sys.argv[2:])
{SAID}
sys.exit(code)
"""


def loaded(*words: object) -> set[str]:
    """Which of the heavy libraries a command loaded, in a process of its own."""
    command = [sys.executable, "-c", RUN, json.dumps(HEAVY), *map(str, words), "--no-setup"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write(tmp_path_factory.mktemp("light") / "sixteen")


@pytest.fixture
def build(study, tmp_path, monkeypatch):
    monkeypatch.setenv("RESULTWRIGHT_CACHE", str(tmp_path / "kept"))
    return lambda *words: loaded("build", study, "--out", tmp_path / "out", "--quiet", *words)


def test_with_nothing_to_do_nothing_is_loaded(build):
    build("--formats", "html")
    assert build("--formats", "html") == set()


def test_a_page_is_written_by_a_process_that_counts_nothing(build):
    assert build("--formats", "html") <= {"numpy", "jinja2"} | HERE


def test_another_title_loads_what_sets_a_page(build, study):
    """No patient is read and no figure drawn."""
    build("--formats", "html")
    path = study / "study.toml"
    text = path.read_text("utf-8")
    try:
        path.write_text(text.replace('title = "', 'title = "Other ', 1), "utf-8")
        assert build("--formats", "html") <= {"numpy", "jinja2"}
    finally:
        path.write_text(text, "utf-8")


def test_a_whole_report_loads_no_second_opinion_and_leaves_counting_and_pages_to_others(build):
    assert build() <= {"numpy", "jinja2", "docx", "lxml", "html.parser", "report.printed"} | HERE | (
        set() if possible() else {"weasyprint", "fontTools.ttLib", "matplotlib"})


def test_checking_draws_and_prints_nothing(study):
    assert loaded("check", study) <= {"numpy", "pandas", "scipy", "jinja2"}
