"""docs/clinical.md against the derivations, docs/dependencies.md against the lock file."""

import re
import tomllib

import numpy as np
import pytest

from stats import derive
from stats.derive import cytopenia, icaht
from tests.docs.pages import ROOT, read, rows, section

CLINICAL, LIBRARIES = read("clinical.md"), read("dependencies.md")


def test_every_definitions_source_is_cited():
    """Author and year of each reference stand on the page."""
    plain = CLINICAL.replace(".", "")
    for key, described in derive.definitions().items():
        if described.reference:
            author = re.split(r"[,.]| Forms", described.reference)[0]
            pages = re.search(r"\d{4};[\d:-]+", described.reference)
            assert author.replace(".", "") in plain, key
            assert not pages or pages[0] in CLINICAL, key


def test_every_derived_column_is_listed():
    listed = {
        name
        for row in rows(section(CLINICAL, "## Derived columns of subjects"))
        for name in re.findall(r"`(\w+)`", row[0])
    }
    assert {"response_d28", "mrd_d28", "NAME_class", "NAME_split", *icaht.MAKES} == listed


def test_every_derivation_is_named():
    for name in derive.ORDER:
        if name not in ("columns", "outcomes"):  # explained with the study file
            assert f"stats/derive/{name}.py" in CLINICAL, name


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("neutrophils", 0),
        ("neutrophils", 1),
        ("hemoglobin", 2),
        ("platelets", 3),
        ("platelets", 4),
        ("leukocytes", 5),
        ("lymphocytes", 6),
    ],
)
def test_bands_of_the_table_are_those_of_the_code(name, row):
    """At each printed limit the milder grade, just below it the grade of its column."""
    cells = rows(section(CLINICAL, "## Cytopenias"))[row]
    versions = ("5.0", "6.0") if cells[1] == "both" else (cells[1],)
    for version in versions:
        for grade, cell in enumerate(cells[2:], 1):
            found = re.fullmatch(r"< ([\d.]+)", cell)
            if found:
                limit = float(found[1])
                below, at = cytopenia.SCALES[name](np.array([limit - 0.001, limit]), np.array([500.0, 500.0]), version)
                assert (below, at < grade) == (grade, True), f"{name} {version} grade {grade}"


def test_versions_are_the_locked_ones():
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9._-]+)==([^ ]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE
    ):
        pins.setdefault(name, set()).add(version)
    told = {
        row[0]: set(re.findall(r"\d+\.\d+(?:\.\d+)?(?= |;|$)", row[1].replace("Python 3.12", "")))
        for row in rows(LIBRARIES)
        if len(row) == 5
    }
    for name, versions in told.items():
        assert versions == pins[name], name


def test_every_declared_library_is_explained():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    told = {row[0] for row in rows(LIBRARIES) if len(row) == 5}
    for wanted in project["dependencies"]:
        assert re.match(r"[a-z0-9-]+", wanted)[0] in told, wanted
    for wanted in project["optional-dependencies"]["test"]:
        assert re.match(r"[a-z0-9-]+", wanted)[0] in LIBRARIES.casefold(), wanted
