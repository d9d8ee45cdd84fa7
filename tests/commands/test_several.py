"""Several studies in one call: each as if built alone, one table at the end, the worst exit code."""

import shutil

import pytest

from report.commands import build
from stats.findings import Refused
from tests.sixteen import change


@pytest.fixture
def three(study, tmp_path):
    for name in ("b", "c"):
        shutil.copytree(study, tmp_path / "more" / name)
    return [study, tmp_path / "more" / "b", tmp_path / "more" / "c"]


def test_each_is_built_as_if_alone(run, three, tmp_path):
    said = run("build", *three, "--out", tmp_path / "all", "--formats", "html")
    assert said.code == 0, said.all
    assert run("build", three[1], "--out", tmp_path / "alone", "--formats", "html", "--quiet").code == 0
    for study in three:
        assert (tmp_path / "all" / study.name / "report.html").is_file()
    ours, alone = ((tmp_path / place / "report.html").read_bytes() for place in ("all/b", "alone"))
    assert ours == alone
    table = said.out.strip().splitlines()[-3:]
    assert [line.split("  ")[0].strip() for line in table] == [str(study) for study in three]
    assert all("built" in line and "patients" in line for line in table)


def test_the_worst_decides_and_the_others_are_built(run, three, tmp_path):
    change(three[1] / "subjects.csv", "R1,R,23,M", "R1,R,two,M")
    said = run("build", *three, "--out", tmp_path / "all", "--formats", "html", "--quiet")
    assert said.code == 2
    assert "E_NOT_NUMBER subjects.csv:2:age" in said.err
    assert "refused" in next(line for line in said.out.splitlines() if line.startswith(str(three[1])))
    assert not (tmp_path / "all" / "b").exists()
    assert (tmp_path / "all" / "c" / "report.html").is_file()


def test_two_of_one_name_are_refused(three, tmp_path):
    shutil.copytree(three[1], tmp_path / "other" / "b")
    with pytest.raises(Refused) as met:
        build.run([str(three[1]), str(tmp_path / "other" / "b"), "--out", str(tmp_path / "all")])
    assert "one folder" in met.value.problems[0].reason
