"""docs/study-file.md holds every key that the reader asks for and every option of every kind, with its default."""

import ast
import re
from pathlib import Path

import pytest

from stats import run
from stats.study import settings
from stats.study.kinds import Installed
from stats.study.part import Part
from stats.study.read import examine
from stats.study.types import Frame, Study
from tests.docs.pages import DOCS, ROOT, outside_code, read, rows, section

PAGE = (DOCS / "study-file.md").read_text("utf-8")
FIXED = {("study",), ("arms",), ("methods",)}
WHOLE = """
[study]
[arms]
A = "A"
[populations.p]
[frames.subjects]
[frames.subjects.columns]
x = { from = { frame = "series" } }
[checks.c]
[endpoints.e]
status_values = {}
[terms.t]
[analytes.a]
[methods]
[analyses.n]
[exhibits.n]
[[sections]]
[claims.c]
"""


def heading(place: tuple[str | int, ...]) -> str:
    """The heading under which the keys of a place in the study file are explained."""
    if place in FIXED:
        return f"## `[{place[0]}]`"
    if place == ("sections", 0):
        return "## `[[sections]]`"
    if place[-1] in ("from", "status_values"):
        return f"### `{place[-1]}`"
    if place[0] == "frames":
        return "## `[frames.NAME.columns.COLUMN]`" if len(place) == 4 else "## `[frames.NAME]`"
    return f"## `[{place[0]}.NAME]`"


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Place in the study file → the keys that its reader asks for."""
    found: dict[tuple[str | int, ...], list[str]] = {}
    plain = Part.finish

    def finish(self: Part) -> None:
        found[self.place] = list(self.asked)
        plain(self)

    folder = tmp_path_factory.mktemp("study")
    (folder / "study.toml").write_text(WHOLE, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Part, "finish", finish)
        examine(folder)
    return found


def keys(text: str) -> dict[str, list[str]]:
    """First cell of each row, without its backticks → the row."""
    return {row[0].strip("`"): row for row in rows(text)}


def test_every_block_has_its_heading(asked):
    for block in asked[()]:
        assert re.search(rf"^## `\[+{block}[.\]]", PAGE, re.MULTILINE), f"[{block}] is not explained"
    for place in asked:
        if place:
            section(PAGE, heading(place))


def test_every_key_is_explained(asked):
    for place, names in asked.items():
        if place:
            missing = set(names) - set(keys(section(PAGE, heading(place))))
            assert not missing, f"docs/study-file.md, {heading(place)}: {', '.join(sorted(missing))}"


def test_no_key_is_made_up(asked):
    """Every key in a table of the page is one that the reader knows."""
    headings: dict[str, set[str]] = {}
    for place, names in asked.items():
        if place:
            headings.setdefault(heading(place), set()).update(names)
    for title, names in headings.items():
        own = section(PAGE, title).split("\n### ")[0]
        tabled = [row for row in rows(own) if len(row) == 4 and row[0].startswith("`") and " " not in row[0]]
        assert {row[0].strip("`") for row in tabled} <= names, title


def test_every_frame_is_explained():
    from stats.study.roles import FRAMES, NEEDED

    said = keys(section(PAGE, "## `[frames.NAME]`"))
    for frame in FRAMES:
        for group in NEEDED[frame]:
            for role in group:
                assert f"`{role}`" in said[frame][2], f"{frame} needs {role}"


@pytest.mark.parametrize("name", list(settings.METHODS))
def test_settings_have_their_defaults_and_choices(name):
    setting = settings.METHODS[name]
    row = keys(section(PAGE, "## `[methods]`"))[name]
    assert row[2].strip('`"') == str(setting.default)
    for word in setting.allowed:
        assert f"`{word}`" in row[3]


def test_columns_of_the_reader_are_spelled_out(asked):
    """Words that only certain keys accept stand on the page: types, picks, summaries, endings, designs, claims."""
    from stats.study import frames, schema, sources

    for words in (frames.TYPES, frames.PICKS, frames.SUMMARIES, schema.DESIGNS, schema.CLAIMS):
        for word in words:
            assert f"`{word}`" in PAGE, word
    for ending in sources.ENDINGS:
        assert f"`.{ending}`" in PAGE


# ── kinds ───────────────────────────────────────────────────────────────────────────────────────────────────────


def defaults(folder: str, kind: str, function: str) -> dict[str, str | None]:
    """Keyword-only parameter → its default as TOML writes it ('' for None), None where it is required."""
    source = (ROOT / folder / f"{kind.replace('-', '_')}.py").read_text("utf-8")
    node = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == function)
    given = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return {argument.arg: None if default is None else literal(default) for argument, default in given}


def literal(default: ast.expr) -> str:
    """A default as TOML writes it; '' where it is a constant of the code."""
    try:
        return toml(ast.literal_eval(default))
    except ValueError:
        return ""


def toml(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return str(value)


def explained(text: str, given: dict[str, str | None], free: set[str]) -> None:
    table = keys(text)
    for name, default in given.items():
        if name in free and name not in table:
            assert f"`{name}`" in text, f"{name} is not named"
            continue
        assert name in table, f"{name} is not explained"
        said = table[name][2]
        assert said == ("required" if default is None else f"`{default}`" if default else said), (
            f"{name}: default {said}"
        )
    unknown = {name for name, row in table.items() if len(row) == 4 and row[0].startswith("`")} - set(given)
    assert not unknown, f"no such option: {', '.join(unknown)}"


@pytest.mark.parametrize("kind", list(Installed().analyses))
def test_options_of_analyses(kind):
    text = section(section(PAGE, "## `[analyses.NAME]`"), f"### `{kind}`")
    bare = Study(
        Path(),
        "",
        "",
        "",
        None,
        {"A": "A"},
        frames={"subjects": Frame("subjects", "", {})},
        methods={name: setting.default for name, setting in settings.METHODS.items()},
    )
    from stats.study.types import Analysis

    wide = set(run.settings(bare, Analysis("n", kind))) - {"means"}
    explained(text, defaults("stats/analyses", kind, "analyse"), wide)


@pytest.mark.parametrize("kind", list(Installed().exhibits))
def test_options_of_exhibits(kind):
    table = (ROOT / "report" / "tables" / f"{kind.replace('-', '_')}.py").is_file()
    places = [("report/tables", "build", "Table")] if table else []
    if (ROOT / "report" / "figures" / f"{kind.replace('-', '_')}.py").is_file():
        places.append(("report/figures", "draw", "Figure"))
    for folder, function, word in places:
        text = section(section(PAGE, "## `[exhibits.NAME]`"), f"### {word} `{kind}`")
        given = {name: value for name, value in defaults(folder, kind, function).items() if name not in ("of", "title")}
        explained(text, given, set())


def test_usual_exhibits_are_told():
    from report.exhibits import DEFAULTS, known

    said = keys(section(PAGE, "## `[exhibits.NAME]`"))
    for kind, shown in DEFAULTS.items():
        for exhibit in shown:
            if kind in run.kinds() and known(exhibit):
                assert f"`{exhibit}`" in said[kind][1], f"{kind} is shown as {exhibit}"


def test_functions_of_section_templates_are_told():
    code = [n for path in (ROOT / "report").glob("*.py") for n in ast.walk(ast.parse(path.read_text("utf-8")))]
    (mapping,) = (
        n.value
        for n in code
        if isinstance(n, ast.Assign)
        and isinstance(n.targets[0], ast.Name)
        and n.targets[0].id == "functions"
        and isinstance(n.value, ast.Dict)
    )
    offered = {key.value for key in mapping.keys if isinstance(key, ast.Constant)}
    told = {name.partition("(")[0] for name in keys(section(PAGE, "## `[[sections]]`")) if "(" in name}
    assert offered == told


def test_examples_are_toml():
    import tomllib

    for block in re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        tomllib.loads(block)


def test_headings_are_not_hidden_in_code():
    assert outside_code(read("study-file.md")).count("\n## ") == PAGE.count("\n## ")
