"""The README can't rot: its example is built; commands, options and files it names are held against the code."""

import re

import pytest

from report.commands import build as command
from stats import intake
from stats.run import run
from stats.study.read import read
from tests import built

README = (built.ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def table(heading: str) -> dict[str, str]:
    """First cell (without backticks) → second cell of the table under a heading."""
    part = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`?[^|]+?) \| (.+?) \|$", part, re.MULTILINE)
    return {first.strip("` "): second.strip() for first, second in rows}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The README's study file beside its table; each patient three times, under ids of their own."""
    place = tmp_path_factory.mktemp("readme")
    (toml,) = (block for block in blocks("toml") if block.startswith("[study]"))
    header, *patients = blocks("csv")[0].splitlines()
    many = [f"{i:03d}{line[3:]}" for i, line in enumerate(patients * 3, 1)]
    (place / "study.toml").write_text(toml, "utf-8")
    (place / "patients.csv").write_text("\n".join([header, *many]) + "\n", "utf-8")
    return place


@pytest.fixture(scope="module")
def made(folder):
    return built.make(folder, formats=("html",))


def test_the_example_is_short_and_is_read_and_counted(folder):
    assert len([line for line in (folder / "study.toml").read_text("utf-8").splitlines() if line]) <= 32
    study = read(folder)
    frames, problems = intake.load(study)
    assert problems == []
    from stats import derive

    frames, met, _ = derive.derive_all(study, frames)
    assert met == []
    results = run(study, frames)
    assert results["study/subjects@all"]["n"] == 12
    assert results["os/events@A"]["n"] == 0
    assert results["os/events@B"]["n"] == 3
    assert [c["at_risk"] for c in results.select("os", "at_risk") if c.group == "B"] == [6, 6, 3, 3, 3, 0]  # 0, 6 … 30 months
    assert results["os/survival~12@B"]["p"] == pytest.approx(0.5)  # three of six died within the first year


def test_the_example_with_the_four_patients_as_printed_is_built_too(folder, tmp_path):
    for name, text in (("study.toml", (folder / "study.toml").read_text("utf-8")), ("patients.csv", blocks("csv")[0])):
        (tmp_path / name).write_text(text, "utf-8")
    assert "The analysis included 4 patients" in re.sub("<[^>]+>", "", built.make(tmp_path).files["report.html"])


def test_the_report_has_what_the_readme_promises(made):
    html = made.files["report.html"]
    for anchor in (
        "abstract",
        "methods",
        "figure-os-survival-curve",
        "table-os-table",
        "table-patients-table",
        "limitations",
    ):
        assert f'id="{anchor}"' in html


def test_the_claim_of_the_readme_is_judged(folder, tmp_path):
    place = built.copy_of(folder, tmp_path / "claims")
    (claim,) = (block for block in blocks("toml") if block.startswith("[claims."))
    with (place / "study.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + claim)
    assert built.make(place).files["claims.md"].count("\n") == 3


def test_every_kind_of_file_in_the_output_folder_is_described(made, folder):
    listed = set(table("What lies in the output folder"))
    for name in made.files:
        assert name in listed or name.partition("/")[0] + "/" in listed, name
    assert {f"report.{kind}" for kind in command.FORMATS} <= listed
    assert "manifest.json" in listed


def test_every_command_and_every_option_of_build_is_named():
    import build_report

    said = {words.split(" ")[0].strip("`[]") for words in table("Commands")}
    assert set(build_report.commands()) <= said, "README, Commands: a command is missing"
    for action in command.arguments()._actions:
        for option in action.option_strings:
            assert option in ("-h", "--help") or option in README, f"README, Commands: {option} is missing"


def test_every_exit_code_is_named():
    assert {"0", "2", "3", "4", "130", "143"} <= set(table("Commands"))


def test_the_picture_is_there_and_small():
    picture = built.ROOT / "docs" / "report-pages.png"
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert picture.stat().st_size < 400_000
