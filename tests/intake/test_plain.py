"""Large text files are read by column where nothing is odd about them: the same cells, rows and findings as by row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stats.intake import parquet, plain, privacy, text
from stats.intake.raw import Cells, Raw, sighted
from stats.intake.source import Source
from stats.study.read import examine

STUDY = """
[study]
title = "Plain"
short = "PLAIN"
data_cutoff = 2022-12-31
[arms]
A = "One"
B = "Two"
[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = { type = "id" }
arm = { type = "arm" }
age = { type = "number" }
[analyses.baseline]
kind = "characteristics"
variables = ["age"]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    (folder / "study.toml").write_text(STUDY, "utf-8")
    (folder / "subjects.csv").write_text("subject,arm,age\n", "utf-8")
    return examine(folder)[0]


def both(study, content: bytes, monkeypatch) -> list[tuple[Raw | None, list]]:
    """What is read, and what is said of it: by row, then by column."""
    (study.folder / "subjects.csv").write_bytes(content)
    found = []
    for small in (1 << 40, -1):
        monkeypatch.setattr(plain, "SMALL", small)
        source = Source(study, study.frames["subjects"])
        raw = text.read(source)
        if raw is not None:
            privacy.scan(source, raw)
        found.append((raw, source.problems))
    return found


def same(one: Raw | None, other: Raw | None) -> bool:
    if one is None or other is None:
        return one is other
    return (
        one.rows.tolist() == other.rows.tolist()
        and one.unused == other.unused
        and list(one.columns) == list(other.columns)
        and all(
            cells.distinct == other.columns[name].distinct
            and cells.codes.tolist() == other.columns[name].codes.tolist()
            for name, cells in one.columns.items()
        )
    )


CELL = st.sampled_from(
    ["S1", "S2", "A", "B", "", " ", "7.5", "é", "a b", '"', '"q"', '""', '"a,b"', '"a""b"', 'a"b', '"a"b', '"a\nb"', "\r",
     "x@y.org", "030 1234567", "\u2028", "NA", "null", "1,2", "\t"]
)  # fmt: skip
LINE = st.lists(CELL, min_size=1, max_size=5).map(",".join)
ODD = st.tuples(
    st.lists(LINE, max_size=6), st.sampled_from(["\n", "\r\n", "\n\n"]), st.sampled_from(["", "\n", "\n\n\n"])
)
PLAIN = st.sampled_from(
    ["S1", "S2", "S3", "é", "a b", "7.5", '"q"', '"a,b"', '"5"" long"', '""""', "x@y.org", "030 1234567", "NA"]
)
EVEN = st.tuples(
    st.lists(st.tuples(PLAIN, *[PLAIN | st.just("") | st.just('""')] * 3).map(",".join), min_size=1, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "\n\n"]),
)


@settings(max_examples=400, deadline=None)
@given(ODD | EVEN)
@example((["S1,A,7,x"], "\n", ""))
@example((["S1,A,7,x", "", "S2,B,8,y"], "\n", "\n"))
@example((['S1,A,7,"x', 'y"'], "\n", "\n"))
@example((["S1,A,7,x", "S2,A,\u2028,x@y.org"], "\n", ""))  # a separator within a cell is no end of a line
def test_by_column_is_as_by_row(study, file):
    with pytest.MonkeyPatch.context() as monkeypatch:
        lines, end, last = file
        content = end.join(["subject,arm,age,comment", *lines]) + last
        (by_row, said), (by_column, also) = both(study, content.encode(), monkeypatch)
        assert said == also
        assert same(by_row, by_column)


def test_a_file_without_surprises_is_not_read_by_row(study, monkeypatch):
    monkeypatch.setattr(text, "Builder", lambda positions: pytest.fail("read by row"))
    monkeypatch.setattr(plain, "SMALL", 0)
    content = "subject,arm,age,note\r\n" + "".join(f'"S{i}",A,{i % 7},"5"" or ""6"""\r\n' for i in range(500)) + "\r\n"
    (study.folder / "subjects.csv").write_bytes(content.encode())
    raw = text.read(Source(study, study.frames["subjects"]))
    assert raw is not None
    assert raw.rows.tolist() == list(range(2, 502))
    assert raw.columns["age"].distinct == [str(i) for i in range(7)]


@pytest.mark.parametrize("block", [40, 300])
def test_portions_are_put_together_in_the_order_of_the_rows(study, monkeypatch, block):
    monkeypatch.setattr(plain, "BLOCK", block)
    monkeypatch.setattr(plain, "PORTION", 7)
    draw = np.random.default_rng(block)
    lines = [f'"S{i}",{"AB"[i % 2]},{draw.integers(90)},{draw.integers(9)}@x.org' for i in range(200)]
    (by_row, said), (by_column, also) = both(study, "\n".join(["subject,arm,age,mail", *lines]).encode(), monkeypatch)
    assert same(by_row, by_column)
    assert said == also
    assert any(problem.code == "W_PHI_PATTERN" and "rows 2, 3" in problem.reason for problem in said)


def test_a_cell_too_large_for_the_reader_by_row_is_left_to_it(study, monkeypatch):
    content = b"subject,arm,age\nS1,A,1\n" + b"S2,B," + b"9" * 200_000 + b"\nS3,A,2\n"
    (_, said), (_, also) = both(study, content, monkeypatch)
    assert [problem.code for problem in said] == ["E_QUOTE"]
    assert said == also


@given(st.lists(st.sampled_from("abcd"), max_size=20), st.permutations("abcde"))
def test_distinct_cells_come_in_the_order_of_the_rows(rows, listed):
    places = np.array([listed.index(cell) for cell in rows], dtype=np.int32)
    found = sighted(Cells(list(listed), places))
    assert found.distinct == list(dict.fromkeys(rows))
    assert [found.distinct[code] for code in found.codes] == rows


@given(st.lists(st.sampled_from(["a", "b", "", None]), max_size=12), st.integers(1, 5))
def test_texts_of_a_parquet_file_are_distinct_whatever_its_portions(cells, size):
    import pyarrow as pa

    column = pa.chunked_array([pa.array(cells[i:i + size], pa.string()).dictionary_encode() for i in range(0, len(cells), size)],
                              pa.dictionary(pa.int32(), pa.string()))  # fmt: skip
    found = parquet.cells(column, "", True)
    assert [found.distinct[code] for code in found.codes] == [cell or "" for cell in cells]
    assert found.distinct == list(dict.fromkeys(cell or "" for cell in cells))
