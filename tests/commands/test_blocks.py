"""Where the tables of a sheet lie: `init` has to find the column names that a person sees at once."""

from __future__ import annotations

import tomllib

import openpyxl
import pytest

from stats.propose.blocks import blocks
from stats.propose.cells import day
from stats.propose.columns import guess
from stats.propose.wide import groups


def grid(text: str) -> list[list[str]]:
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip("\n").splitlines()]
    width = max(map(len, lines))
    return [line + [""] * (width - len(line)) for line in lines]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("id|age\nP1|50\nP2|60", [((0,), (1, 2), 0, 1)]),
        ("Our patients\n\nid|age|sex\nP1|50|f\nP2|60|m", [((2,), (3, 4), 0, 2)]),
        ("id|age|sex\nP1|50|f\nP2|60|m\nTotal|55|\n* a note", [((0,), (1, 2), 0, 2)]),
        ("id|age|sex\nP1|50|f\n\nP2|60|m", [((0,), (1, 3), 0, 2)]),  # a blank row parts nothing
        ("id|age|sex\nP1|50|f\n\nToxicity\nid|term|grade\nP1|CRS|2", [((0,), (1,), 0, 2), ((4,), (5,), 0, 2)]),
        ("id|age||id|term\nP1|50||P1|CRS\nP2|60||P1|ICANS", [((0,), (1, 2), 0, 1), ((0,), (1, 2), 3, 4)]),
        ("id|age||sex\nP1|50||f\nP2|60||m", [((0,), (1, 2), 0, 3)]),  # an empty column parts nothing by itself
        ("name|drug\nx|aspirin\ny|heparin", [((0,), (1, 2), 0, 1)]),
    ],
)
def test_blocks(text, found):
    assert [(block.header, block.rows, block.left, block.right) for block in blocks(grid(text))] == found


def test_names_over_two_rows():
    lines = grid("id|arm|Day 0|||Day 7\n||IL-6|CRP||IL-6\nP1|A|1|2||3")
    (block,) = blocks(lines, [(0, 1, 0, 0), (0, 1, 1, 1), (0, 0, 2, 3)])
    assert block.header == (0, 1)
    assert block.names == ("id", "arm", "Day 0 IL-6", "Day 0 CRP", "", "Day 7 IL-6")


def test_equal_names_are_told_apart_by_the_row_above():
    lines = grid("|Before|Before|After|After\nid|CRP|LDH|CRP|LDH\nP1|1|2|3|4")
    (block,) = blocks(lines)
    assert block.header == (0, 1)
    assert block.names == ("id", "Before CRP", "Before LDH", "After CRP", "After LDH")


def test_headings_above_names_that_say_enough_are_no_names():
    (block,) = blocks(grid("Patient||Outcome\nid|age|died\nP1|50|no\nP2|60|yes"), [(0, 0, 0, 1)])
    assert (block.header, block.names) == ((1,), ("id", "age", "died"))


def test_a_table_without_rows_beside_another_is_left_out(run, tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["Cytokines"],
        [],
        ["Pat. ID", "Group", "IL-6 d0", "IL-6 d7", None, "Pat. ID", "Note"],
        *([f"K{i:02d}", "AB"[i % 2], 5 + i, 20 + i] for i in range(12)),
    ):
        book.active.append(row)
    book.save(tmp_path / "one.xlsx")
    said = run("init", tmp_path / "one.xlsx", "--to", tmp_path / "study")
    assert said.code == 0, said.all
    told = tomllib.loads((tmp_path / "study" / "study.toml").read_text("utf-8"))["frames"]
    assert told["subjects"]["cells"] == told["series"]["cells"] == "A3:D15"


def test_titles_above_a_csv(run, tmp_path):
    lines = ["Export of 3 May", "", "id,arm,age", *(f"{i},{'ab'[i % 2]},{40 + i}" for i in range(12))]
    (tmp_path / "one.csv").write_text("\n".join(lines) + "\n", "utf-8")
    assert run("init", tmp_path / "one.csv", "--to", tmp_path / "study").code == 0
    assert (
        tomllib.loads((tmp_path / "study" / "study.toml").read_text("utf-8"))["frames"]["subjects"]["header_row"] == 3
    )


def test_levels_that_only_look_alike_stay_apart():
    column = guess("group", ["<12", ">=12", "<12", ">=12", "CR", "cr", "CR"])
    assert list(column.levels) == ["<12", ">=12", "CR"]
    assert column.values == {"cr": "CR"}
    assert set(guess("sample", ["v1.5", "v15"] * 4).levels) == {"v1.5", "v15"}
    assert guess("r", ["+", "-", "+"]).values == {"+": "yes", "-": "no"}
    assert guess("x", ["yes", "no", "-", "yes"]).missing == ("-",)


def test_odd_cells_among_dates_and_numbers_are_named():
    dates = guess("d", ["2021-01-02", "3.4.2021", "2021-05-06", "Apr 2021"])
    assert (dates.type, dates.date_formats) == ("date", ("%Y-%m-%d", "%d.%m.%Y"))
    assert "Apr 2021" in " ".join(dates.doubts)  # without a file's cells the cells themselves
    numbers = guess("weight", ["50", "61,5", "72", "80", "91", "<40", "95 kg", "heavy"])
    assert (numbers.type, numbers.decimal) == ("number", ",")
    assert [word for word in ("<40", "95 kg", "heavy") if word in " ".join(numbers.doubts)] == ["<40", "95 kg", "heavy"]
    assert guess("ecog", ["0", "1", "2", "3+"] * 3).type == "ordinal"
    assert day("31.02.2021", ("%d.%m.%Y",)) is None


def test_days_in_the_names_of_columns():
    def named(*heads: str):
        return groups([guess(head, ["1.5", "20", "300"]) for head in heads])

    assert named("il6_d0", "il6_d7", "age") == {"il6": {"il6_d0": 0, "il6_d7": 7}}
    assert named("IL-6 (day 1)", "IL-6 (day 3)") == {"IL-6": {"IL-6 (day 1)": 1, "IL-6 (day 3)": 3}}
    assert named("CRP Tag -1", "CRP Tag 2") == {"CRP": {"CRP Tag -1": -1, "CRP Tag 2": 2}}
    assert named("Day 0 CRP", "Day 7 CRP") == {"CRP": {"Day 0 CRP": 0, "Day 7 CRP": 7}}
    assert named("ldh_w1", "ldh_w2") == {"ldh": {"ldh_w1": 7, "ldh_w2": 14}}
    assert named("cd3", "cd4", "cd8", "response_d28") == {}
