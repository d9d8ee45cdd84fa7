"""selftest: a table that is right on a sound machine, and says what isn't on another."""

import pytest

from report import pango
from report.commands import selftest
from stats.methods import tables


def test_a_sound_machine(run):
    said = run("selftest")
    assert said.code == 0, said.out
    assert "none wrong" in said.out
    assert "1/10" in said.out
    assert "WRONG" not in said.out
    assert run("selftest", "--quiet").out.strip() == ""


def test_a_wrong_fraction_is_seen(run, monkeypatch):
    from stats.methods.types import Test

    monkeypatch.setattr(tables, "fisher", lambda table: Test(0.100001))
    said = run("selftest", "--quiet")
    assert said.code == 3
    assert "0.100001 instead of 1/10" in " ".join(said.out.split())


def test_a_missing_library_names_its_package(run, monkeypatch):
    monkeypatch.setattr(pango, "missing", lambda: "libpango-1.0.so.0")
    said = run("selftest", "--quiet")
    assert said.code == 3
    assert pango.remedy().split()[-1] in said.out


@pytest.mark.parametrize("area", list(selftest.CHECKS))
def test_a_check_that_breaks_is_a_failure_not_a_traceback(run, monkeypatch, area):
    def broken():
        raise ZeroDivisionError
        yield

    monkeypatch.setattr(selftest, "CHECKS", {area: broken})
    said = run("selftest")
    assert said.code == 3
    assert "ZeroDivisionError" in said.out
