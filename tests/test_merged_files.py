"""The same data given as one file or as several: which file a column stands in must not matter."""

import csv
import shutil

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from report.counting import count
from stats.study.read import read
from tests import trial
from tests.test_replicate import EVERYTHING

# columns of the trial that are facts about a patient: name → type and levels, as the head declares them
MOVED = {
    "age": 'type = "number", label = "Age", unit = "years", digits = 0',
    "dose": 'type = "number", label = "Dose", unit = "mg", digits = 1, summary = "mean-sd"',
    "sex": 'type = "category", label = "Sex", levels = { F = "Female", M = "Male" }',
    "site": 'type = "category", label = "Site", levels = ["north", "south", "west"]',
    "stage": 'type = "ordinal", label = "Stage", levels = ["I", "II", "III"]',
    "marker": 'type = "flag", label = "Marker"',
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """(folder, results.csv) of the trial with everything about a patient in one file."""
    folder = trial.write(tmp_path_factory.mktemp("whole") / "study", EVERYTHING, n=30)
    return folder, count(read(folder)).results.csv()


def split(folder, target, names):
    """The study with some columns of subjects.csv in a file of their own, which lists the patients backwards."""
    shutil.copytree(folder, target)
    with open(folder / "subjects.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [column for column in rows[0] if column not in names]
    for name, columns, order in (("subjects", kept, 1), ("more", ["Patient", *names], -1)):
        with open(target / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows[::order])
    text = (target / "study.toml").read_text("utf-8")
    frame = '[frames.more]\nfile = "more.csv"\n[frames.more.columns]\nsubject = { type = "id", source = "Patient" }\n'
    for name in names:
        said = next(line for line in text.splitlines() if line.startswith(f"{name} ") and " = {" in line)
        text = text.replace(f"{said}\n", f'{name} = {{ {MOVED[name]}, from = {{ frame = "more", column = "{name}", '
                                         'pick = "last" } }\n', 1)  # fmt: skip
        frame += f"{name} = {{ {MOVED[name]} }}\n"
    (target / "study.toml").write_text(text.replace("[frames.series]", f"{frame}\n[frames.series]", 1), "utf-8")
    return target


@settings(deadline=None, max_examples=5, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(MOVED)), min_size=1, unique=True))
def test_columns_in_one_file_or_in_two(whole, tmp_path_factory, names):
    folder, expected = whole
    target = split(folder, tmp_path_factory.mktemp("split") / "study", names)
    assert count(read(target)).results.csv() == expected


def test_three_files_or_three_sheets_of_one_workbook(whole, tmp_path):
    folder, expected = whole
    target = tmp_path / "study"
    shutil.copytree(folder, target)
    text = (target / "study.toml").read_text("utf-8")
    book = openpyxl.Workbook()
    for name in ("subjects", "series", "treatments"):
        sheet = book.create_sheet(name)
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                sheet.append([cell or None for cell in row])
        (target / f"{name}.csv").unlink()
        text = text.replace(f'file = "{name}.csv"', f'file = "all.xlsx"\nsheet = "{name}"', 1)
    del book["Sheet"]
    book.save(target / "all.xlsx")
    (target / "study.toml").write_text(text, "utf-8")
    assert count(read(target)).results.csv() == expected
