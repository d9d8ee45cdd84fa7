"""Ways to run a command as a person would, on a study of sixteen patients."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import build_report
from tests.sixteen import write


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The study in a folder of its own, to change things in."""
    return write(tmp_path / "sixteen")


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[..., Said]]:
    """run("check", folder) as `python build_report.py check folder` in an empty folder of its own."""
    (tmp_path / "here").mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path / "here")
    before = dict(os.environ)

    def run(*words: object) -> Said:
        capsys.readouterr()
        try:
            code = build_report.main([str(word) for word in words])
        except SystemExit as stopped:  # argparse
            code = int(stopped.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(code, said.out, said.err)

    yield run
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(study folder, its report as HTML), built once; nobody changes them."""
    place = tmp_path_factory.mktemp("built")
    folder = write(place / "sixteen")
    assert (
        build_report.main(["build", str(folder), "--out", str(place / "report"), "--formats", "html", "--quiet"]) == 0
    )
    return folder, place / "report"
