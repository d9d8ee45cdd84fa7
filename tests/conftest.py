"""Fixtures shared by every test: where the public reference data lie, when they are at hand."""

import os
import signal
from pathlib import Path

import pandas  # noqa: F401 - with Arrow, which some tests write; a build would load it without
import pytest

ROOT = Path(__file__).resolve().parent.parent
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell's background job, which hands it on to every child
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _kept_apart(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Builds of this run share what they keep, and leave nothing among the reports of a person."""
    base = tmp_path_factory.getbasetemp()
    os.environ["RESULTWRIGHT_CACHE"] = str((base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "kept")


def oracle_folder() -> Path | None:
    """The folder with public data and values computed by R, or None: it is not part of the project."""
    place = Path(os.environ.get("RESULTWRIGHT_ORACLE", ROOT.parent / "shared" / "oracle"))
    return place if (place / "values").is_dir() else None


@pytest.fixture(scope="session")
def oracle() -> Path:
    """Public data with values computed by R; tests that need it skip where it is absent."""
    place = oracle_folder()
    if place is None:
        pytest.skip("the reference data are not on this machine")
    return place
