"""What DuckDB reads gives the frames, findings and results that the same tables as CSV give, and reaches nothing else."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable

import pyarrow as pa
import pytest
from pyarrow import parquet

duckdb = pytest.importorskip("duckdb")

from stats.findings import Problem  # noqa: E402
from stats.intake import views  # noqa: E402
from stats.study.read import examine  # noqa: E402
from tests import duck_studies  # noqa: E402
from tests.intake.conftest import Case  # noqa: E402

KINDS = ("text", "typed", "shuffled", "view", "parquet")
Same = Callable[[], None]


@pytest.mark.parametrize("kind", KINDS)
def test_same_frames(case: Case, same_as_base: Same, kind: str) -> None:
    duck_studies.through(case.folder, kind)
    assert case.load() == []
    same_as_base()


@pytest.mark.parametrize("kind", ["text", "parquet", "view"])
def test_cells_are_checked_as_everywhere(case: Case, kind: str) -> None:
    """The same findings in the same words, but for the row where rows stand elsewhere."""
    for old, new in (("S1,R,34", "S1,R,340"), ("S2,R,51.5,M", "S2,R,51.5,x"), ("2020-03-12", "12/03/2020"),
                     ("S4,D,60,M,1,,CR,2020-04-13,2020-09-13,5,1", "S3,Z,60,M,1, ,CR,,2023-09-13,-5,7")):
        case.change("subjects.csv", old, new)
    case.change("events.csv", "S4,neutropenia", "S9,neutropenia")
    case.load()
    before = case.problems
    duck_studies.through(case.folder, kind)
    case.load()
    assert _told(case.problems, kind == "text") == _told(before, kind == "text")


def _told(problems: list[Problem], rows: bool) -> list[tuple[object, ...]]:
    # where row numbers differ, so do the sentences that quote them
    return sorted((p.code, p.column, p.value, *((p.row, p.reason) if rows else ())) for p in problems)


def test_rows_of_a_table_and_of_several_files_are_numbered(case: Case) -> None:
    """Of a table by rowid, of files through them all; the header counts as the first row, as in a spreadsheet."""
    columns = duck_studies.table(case.folder / "subjects.csv")
    columns["age"][3] = 600.0
    case.change("study.toml", 'file = "subjects.csv"', 'source = "duckdb:trial.duckdb"\ntable = "people"')
    duck_studies.fill(case.folder / "trial.duckdb", "people", columns)
    case.load()
    found = case.only("E_RANGE")
    assert (found.file, found.sheet, found.row, found.column) == ("duckdb:trial.duckdb", "people", 5, "age")
    case.change("study.toml", 'source = "duckdb:trial.duckdb"\ntable = "people"', 'source = "duckdb:p?.parquet"')
    whole = duck_studies.arrow(columns)
    for i in range(4):
        parquet.write_table(whole.slice(i, 1), case.folder / f"p{3 - i}.parquet")
    case.load()
    assert case.only("E_RANGE").row == 2  # the last row stands in the first file


def test_a_view_is_numbered_in_the_order_of_its_columns(case: Case) -> None:
    duck_studies.through(case.folder, "shuffled")
    with duckdb.connect(str(case.folder / "trial.duckdb")) as connection:
        connection.execute("CREATE VIEW shown AS SELECT * REPLACE (age * 10 AS age) FROM subjects ORDER BY best")
    case.change("study.toml", 'table = "subjects"', 'table = "shown"')
    case.load()
    assert [p.row for p in case.problems if p.code == "E_RANGE"] == [2, 3, 4, 5]


TYPES = {
    "TINYINT": ("7", "7"), "HUGEINT": ("7", "7"), "UHUGEINT": ("7", "7"), "UBIGINT": ("7", "7"), "FLOAT": ("22.93", "22.93"),
    "DOUBLE": ("22.93", "22.93"), "DECIMAL(9, 3)": ("22.930", "22.930"), "VARCHAR": ("'22.930'", "22.930"),
    "ENUM('x', 'y')": ("'y'", "y"), "BOOLEAN": ("true", "true"), "DATE": ("'2020-02-01'", "2020-02-01"),
    "TIMESTAMP": ("'2020-02-01'", "2020-02-01"), "TIMESTAMP_NS": ("'2020-02-01'", "2020-02-01"),
    "TIMESTAMPTZ": ("'2020-02-01 00:00:00+00'", "2020-02-01 00:00:00+00:00"), "TIME": ("'10:20:00'", "10:20:00"),
    "UUID": ("'6ccf9ea0-ad0a-4e3f-8c1e-3f1f2a0b1c2d'", "6ccf9ea0-ad0a-4e3f-8c1e-3f1f2a0b1c2d"), "BLOB": ("'ab'", "ab"),
    "JSON": ("""'{"a":1}'""", '{"a":1}'),
}
NESTED = ("INTEGER[]", "INTEGER[2]", "STRUCT(a INTEGER)", "MAP(VARCHAR, INTEGER)", "INTERVAL", "BIT", "DATE[]")


def _one(case: Case, kind: str, value: str) -> list[str]:
    """Codes found in a study whose only column beside the patient is of this type."""
    path = case.folder / "one.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE one (subject VARCHAR, x {kind})")
        connection.execute(f"INSERT INTO one VALUES ('S1', {value}), ('S2', NULL)")
    case.write("study.toml", """
[study]
title = "One"
short = "ONE"
data_cutoff = 2022-12-31
[arms]
A = "All"
[frames.subjects]
source = "duckdb:one.duckdb"
table = "one"
[frames.subjects.columns]
subject = { type = "id" }
x = { type = "text" }
""")
    return case.load()


@pytest.mark.parametrize("kind", TYPES)
def test_values_of_every_single_type_are_spelled_as_in_a_text_file(case: Case, kind: str) -> None:
    value, spelled = TYPES[kind]
    assert set(_one(case, kind, value)) <= {"W_PHI_PATTERN"}
    first, second = case.frames["subjects"]["x"]
    assert first == spelled
    assert second != second  # noqa: PLR0124 - missing


@pytest.mark.parametrize("kind", NESTED)
def test_values_that_are_no_single_ones_are_refused(case: Case, kind: str) -> None:
    assert _one(case, kind, "NULL") == ["E_CELL_NESTED"]


@pytest.mark.parametrize(("kind", "value"), [("DATE", "'infinity'"), ("DATE", "'0044-03-15 (BC)'"), ("DATE", "'12020-01-01'"),
                                             ("TIMESTAMP", "'infinity'")])
def test_dates_that_no_calendar_holds_are_refused_by_cell(case: Case, kind: str, value: str) -> None:
    assert _one(case, kind, value) == []
    case.change("study.toml", '"text"', '"date"')
    assert case.load() == ["E_DATE_INVALID"]
    assert case.only("E_DATE_INVALID").row == 2


# ---- what the database may not do


HOSTILE = {
    "a file": "SELECT * FROM read_csv('/etc/passwd', columns = {'subject': 'VARCHAR'}, delim = '|', header = false)",
    "a text": "SELECT content AS subject FROM read_text('/etc/passwd')",
    "a folder": "SELECT file AS subject FROM glob('/etc/*')",
    "a file by its name": "SELECT * FROM 'other.csv'",
    "settings": "SELECT value AS subject FROM duckdb_settings()",
    "one setting": "SELECT current_setting('home_directory') AS subject",
    "the environment": "SELECT getenv('HOME') AS subject",
    "another query": "SELECT * FROM query('SELECT 1 AS subject')",
    "the clock": "SELECT subject, now() AS age FROM subjects",
    "the date": "SELECT subject, current_date AS age FROM subjects",
    "chance": "SELECT subject, random() AS age FROM subjects",
    "a sample": "SELECT * FROM subjects USING SAMPLE 2",
    "part of a table": "SELECT * FROM subjects TABLESAMPLE 50%",
    "chance in a macro": "SELECT subject, drawn() AS age FROM subjects",
    "chance in a view below": "SELECT * FROM below",
    "chance in the arguments": "SELECT subject, unnest(range(CAST(random() * 9 AS BIGINT))) AS age FROM subjects",
    "a variable of this program": "SELECT * FROM secret_frame",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_view_reaches_nothing_and_asks_nothing_that_changes(
        case: Case, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    secret_frame = pa.table({"subject": ["S1"]})  # what DuckDB would find by its name, if it were let
    duck_studies.through(case.folder, "typed")
    case.write("other.csv", "subject\nroot:S1\n")
    monkeypatch.chdir(case.folder)
    with duckdb.connect(str(case.folder / "trial.duckdb")) as connection:
        connection.execute("CREATE MACRO drawn() AS 100 * random()")
        connection.execute("CREATE VIEW below AS SELECT subject, uuid() AS age FROM subjects")
        try:
            connection.execute(f"CREATE VIEW shown AS {HOSTILE[what]}")
        except duckdb.Error:
            assert what == "the environment"  # not even a view can be made of it
            connection.execute("CREATE TABLE shown (subject VARCHAR)")
            connection.execute("INSERT INTO shown SELECT subject FROM subjects")
            what = ""
    case.change("study.toml", 'table = "subjects"', 'table = "shown"')
    codes = case.load()
    assert set(codes) & {"E_DUCKDB", "E_COLUMN_MISSING", "E_FILE_BROKEN"}, codes
    if what:
        assert codes[0] == "E_DUCKDB", case.problems
    said = " ".join(problem.line(show_values=True) for problem in case.problems)
    assert "root:" not in said
    assert os.path.expanduser("~") not in said.replace(str(case.folder), "")
    assert len(secret_frame) == 1


@pytest.mark.parametrize("query", [
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')", "ATTACH '/tmp/other.duckdb'",
    "COPY (SELECT 1) TO 'out.csv'", "INSTALL httpfs", "LOAD httpfs", "SET enable_external_access = true",
    "SET memory_limit = '1GB'", "EXPORT DATABASE 'out'", "SELECT * FROM secret_frame", "CREATE TABLE x AS SELECT 1",
    "SELECT * FROM read_csv('https://example.org/x.csv')", "SELECT * FROM 's3://bucket/x.parquet'",
])
@pytest.mark.parametrize("kind", ["typed", "parquet"])
def test_the_connection_itself_is_shut(case: Case, kind: str, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever were asked: no other file, no network, no extension, no variable of the program, no way to undo it."""
    from stats.intake import database
    from stats.intake.source import Source

    secret_frame = pa.table({"subject": ["S1"]})
    duck_studies.through(case.folder, kind)
    study, _ = examine(case.folder)
    assert study is not None
    monkeypatch.chdir(case.folder)
    there = sorted(case.folder.rglob("*"))
    if query.startswith("CREATE TABLE") and kind == "parquet":
        return  # in memory a table harms nobody
    with database.opened(Source(study, study.frames["subjects"])) as connection, pytest.raises(duckdb.Error):
        connection.execute(query)
    assert sorted(case.folder.rglob("*")) == there
    assert len(secret_frame) == 1


def test_nothing_is_written_beside_or_into_the_database(case: Case) -> None:
    duck_studies.through(case.folder, "view")
    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in case.folder.iterdir()}
    path = case.folder / "trial.duckdb"
    path.chmod(0o444)
    case.folder.chmod(0o555)
    try:
        assert case.load() == []
    finally:
        case.folder.chmod(0o755)
    assert {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in case.folder.iterdir()} == before


def test_names_are_quoted(case: Case, same_as_base: Same) -> None:
    """A table and a column called like a piece of SQL are a table and a column."""
    odd = 'x"; DROP TABLE subjects; --'
    columns = duck_studies.table(case.folder / "subjects.csv")
    columns = {odd if name == "age" else name: values for name, values in columns.items()}
    duck_studies.fill(case.folder / "trial.duckdb", "subjects", columns)
    with duckdb.connect(str(case.folder / "trial.duckdb")) as connection:
        connection.execute("""CREATE TABLE "a"" b; c" AS SELECT * FROM subjects""")
    case.change("study.toml", 'file = "subjects.csv"', "source = \"duckdb:trial.duckdb\"\ntable = 'a\" b; c'")
    case.change("study.toml", 'age = { type = "number",', f"age = {{ type = \"number\", source = '{odd}',")
    assert case.load() == []
    same_as_base()


def test_only_declared_columns_are_read(case: Case) -> None:
    """A column that nobody declares may hold anything, even what can't be read."""
    duck_studies.through(case.folder, "typed")
    with duckdb.connect(str(case.folder / "trial.duckdb")) as connection:
        connection.execute("CREATE VIEW more AS SELECT *, [1, 2] AS l, error('no') AS e FROM subjects")
        connection.execute("CREATE OR REPLACE VIEW more AS SELECT *, [1, 2] AS l, CAST(best AS INTEGER) AS e FROM subjects")
    case.change("study.toml", 'table = "subjects"', 'table = "more"')
    assert case.load() == []
    assert tuple(case.frames["subjects"].attrs["unused"]) == ("l", "e")
    case.change("study.toml", 'died = { type = "date" }', 'died = { type = "date" }\ne = { type = "number" }')
    assert case.load() == ["E_FILE_BROKEN"]
    assert "CR" not in case.problems[0].line(show_values=True)


def test_a_table_in_a_schema_of_its_own(case: Case, same_as_base: Same) -> None:
    duck_studies.through(case.folder, "typed")
    with duckdb.connect(str(case.folder / "trial.duckdb")) as connection:
        connection.execute("CREATE SCHEMA raw")
        connection.execute("CREATE TABLE raw.people AS SELECT * FROM subjects")
    case.change("study.toml", 'table = "subjects"', 'table = "raw.people"')
    assert case.load() == []
    same_as_base()
    case.change("study.toml", 'table = "raw.people"', 'table = "people"')
    assert case.load() == ["E_TABLE_MISSING"]
    assert "raw.people" in case.problems[0].line()


# ---- files that can't be used


def test_a_database_with_changes_beside_it_waits(case: Case) -> None:
    duck_studies.through(case.folder, "typed")
    case.write("trial.duckdb.wal", "x")
    assert case.load() == ["E_FILE_UNREADABLE"]
    assert "CHECKPOINT" in case.problems[0].remedy


def test_a_database_that_another_program_writes_waits(case: Case) -> None:
    import subprocess

    duck_studies.through(case.folder, "typed")
    holder = subprocess.Popen(
        [sys.executable, "-c", "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()",
         str(case.folder / "trial.duckdb")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        assert case.load() == ["E_FILE_UNREADABLE"]
    finally:
        holder.communicate("\n")


@pytest.mark.parametrize(("said", "code", "remedy"), [
    ("Trying to read a database file with version number 99, but we can only read versions between 64 and 67", "E_DUCKDB",
     "version"),
    ("Could not set lock on file: Conflicting lock is held in another process", "E_FILE_UNREADABLE", "Close it"),
    ("Conversion Error: Could not convert string 'Anna Berg' to INT32", "E_FILE_BROKEN", "DuckDB"),
])
def test_what_duckdb_says_is_told_in_our_words(
        case: Case, monkeypatch: pytest.MonkeyPatch, said: str, code: str, remedy: str) -> None:
    """Never in its own: they may quote cells."""
    def connect(*words: object, **keys: object) -> None:
        raise duckdb.Error(said)

    duck_studies.through(case.folder, "typed")
    monkeypatch.setattr(duckdb, "connect", connect)
    assert case.load() == [code]
    assert remedy in case.problems[0].remedy
    assert "Anna" not in "".join(problem.line(show_values=True) for problem in case.problems)


def test_too_little_memory_is_the_machines_fault(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*words: object, **keys: object) -> None:
        raise duckdb.OutOfMemoryException("could not allocate block")

    duck_studies.through(case.folder, "typed")
    monkeypatch.setattr(duckdb, "connect", connect)
    with pytest.raises(MemoryError):
        case.load()


@pytest.mark.parametrize(("content", "code"), [
    (b"", "E_EMPTY_FILE"), (b"not a database at all" * 9, "E_WRONG_TYPE"), (b"SQLite format 3\0" * 9, "E_WRONG_TYPE"),
    (b"12345678DUCK" + bytes(5000), "E_FILE_BROKEN")])
def test_what_is_no_database(case: Case, content: bytes, code: str) -> None:
    duck_studies.through(case.folder, "typed")
    case.write("trial.duckdb", content)
    assert case.load() == [code]


def test_files_with_other_columns_are_refused(case: Case) -> None:
    """Nothing is filled in, by name or by place."""
    duck_studies.through(case.folder, "parquet")
    last = case.folder / "subjects" / "part 2.parquet"
    whole = parquet.read_table(last)
    for changed in (whole.drop_columns("best"), whole.select(whole.column_names[::-1]),
                    whole.set_column(2, "age", whole.column("age").cast(pa.float32()))):
        parquet.write_table(changed, last)
        assert case.load() == ["E_FILES_DIFFER"]


def test_names_that_differ_in_case_alone_are_refused(case: Case) -> None:
    duck_studies.through(case.folder, "parquet")
    for path in (case.folder / "subjects").iterdir():
        whole = parquet.read_table(path)
        parquet.write_table(whole.append_column("Age", whole.column("age")), path)
    assert case.load() == ["E_DUP_COLUMN"]


@pytest.mark.parametrize("content", [b"", b"PAR1 nothing that follows makes sense", b"subject,arm\n"])
def test_a_broken_file_among_several(case: Case, content: bytes) -> None:
    duck_studies.through(case.folder, "parquet")
    (case.folder / "subjects" / "part 1.parquet").write_bytes(content)
    assert case.load() == [{b"": "E_EMPTY_FILE", b"su": "E_WRONG_TYPE"}.get(content[:2], "E_FILE_BROKEN")]


def test_a_pattern_that_matches_nothing(case: Case) -> None:
    duck_studies.through(case.folder, "parquet")
    case.change("study.toml", "subjects/*", "subject/*")
    assert case.load() == ["E_FILE_MISSING"]


def test_a_pattern_leads_out_of_the_folder(case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    duck_studies.through(case.folder, "parquet")
    outside = tmp_path_factory.mktemp("outside") / "x.parquet"
    (case.folder / "subjects" / "part 2.parquet").rename(outside)
    (case.folder / "subjects" / "part 2.parquet").symlink_to(outside)
    assert case.load() == ["E_PATH_OUTSIDE"]
    assert case.load(allow_outside=True) == []


def test_a_sentence_says_what_to_install(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    duck_studies.through(case.folder, "typed")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert case.load() == ["E_DUCKDB"]
    assert "pip install duckdb" in case.problems[0].remedy


# ---- the study file


@pytest.mark.parametrize(("lines", "key"), [
    ('source = "duckdb:trial.duckdb"', "table"),
    ('source = "duckdb:trial.duckdb"\ntable = ""', "table"),
    ('source = "duckdb:x/*.parquet"\ntable = "a"', "table"),
    ('source = "duckdb:*.duckdb"\ntable = "a"', "source"),
    ('source = "duckdb:x.csv"', "source"),
    ('source = "trial.duckdb"\ntable = "a"', "source"),
    ('source = "postgres:trial"', "source"),
    ('source = "duckdb:md:trial.duckdb"\ntable = "a"', "source"),
    ('source = "duckdb:/etc/x.duckdb"\ntable = "a"', "source"),
    ('source = "duckdb:../x.duckdb"\ntable = "a"', "source"),
    ('source = "duckdb:package:lifelines/x.parquet"', "source"),
    ('source = "duckdb:duckdb:x.parquet"', "source"),
    ('source = "duckdb:x.parquet"\nfile = "subjects.csv"', "file"),
    ('source = "duckdb:x.parquet"\nsheet = "a"', "sheet"),
    ('source = "duckdb:x.parquet"\ndelimiter = ";"', "delimiter"),
    ('source = "duckdb:x.parquet"\nheader_row = 2', "header_row"),
    ('file = "subjects.csv"\ntable = "a"', "table"),
    ('source = ""', "source"),
])
def test_a_source_that_makes_no_sense(case: Case, lines: str, key: str) -> None:
    case.change("study.toml", 'file = "subjects.csv"', lines)
    _, problems = examine(case.folder)
    assert {problem.column for problem in problems if problem.fatal} == {f"frames.subjects.{key}"}, problems


def test_what_is_told_of_a_view_is_told_of_plain_ones_too(case: Case) -> None:
    """Ordinary views are let through: joins, conditions, casts, windows, common table expressions, macros without chance."""
    duck_studies.through(case.folder, "typed")
    path = case.folder / "trial.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE MACRO twice(x) AS x * 2")
        for i, query in enumerate((
            "SELECT upper(subject) AS s, twice(age) FROM subjects",
            "WITH x AS (SELECT * FROM events) SELECT s.subject, count(*) FROM subjects s JOIN x USING (subject) GROUP BY ALL",
            "SELECT row_number() OVER (PARTITION BY arm ORDER BY subject) AS n FROM subjects WHERE infused > DATE '2020-01-01'",
            "SELECT CASE WHEN sex = 'F' THEN 'f' ELSE 'm' END AS x, date_diff('day', infused, died) FROM subjects",
            "SELECT unnest(range(3)) AS r, date_trunc('month', infused) FROM subjects",
            "(SELECT subject FROM subjects) UNION ALL (SELECT subject FROM events)",
        )):
            connection.execute(f"CREATE VIEW v{i} AS {query}")
    with duckdb.connect(str(path), read_only=True) as connection:
        assert [views.fault(connection, f"v{i}") for i in range(6)] == [""] * 6
