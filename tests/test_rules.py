"""The six rules of the house, each held against the code and a built report."""

import ast
import re
from pathlib import Path

import jinja2
import pytest

from report import lint
from report.templating import TEMPLATES, environment

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted([*ROOT.glob("stats/**/*.py"), *ROOT.glob("report/**/*.py")])
PRINTERS_MAY_REACH = ("stats.results", "stats.arriving", "stats.study", "stats.findings", "stats.methods", "stats.groups",
                      "stats.cache")
# the two rooms of `report` that join the halves: the stages of a build with its counting, and the commands
JOINTS = ("report/build.py", "report/counter.py", "report/counting.py", "report/commands/")


def imports(path: Path) -> list[str]:
    """Names of our own modules that a file imports, at any depth."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [
                f"{node.module}.{alias.name}" if node.module in ("stats", "report") else node.module
                for alias in node.names
            ]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return [name for name in found if name.split(".")[0] in ("stats", "report")]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", CODE, ids=place)
def test_imports_go_down(path):
    where = place(path)
    for name in imports(path):
        if where.startswith("stats/"):
            assert not name.startswith("report"), f"{where} imports {name}"
        if where.startswith("stats/methods/"):
            assert name.startswith("stats.methods"), f"{where} imports {name}"
        if where.startswith("stats/analyses/"):
            assert name.startswith(("stats.analyses", "stats.groups", "stats.methods", "stats.results")), (
                f"{where} imports {name}"
            )
        if where.startswith("report/") and not where.startswith(JOINTS) and name.startswith("stats"):
            assert name == "stats" or name.startswith(PRINTERS_MAY_REACH), f"{where} imports {name}"


@pytest.mark.parametrize("path", CODE, ids=place)
def test_no_file_grows_past_its_room(path):
    assert len(path.read_text("utf-8").splitlines()) <= 320


@pytest.mark.parametrize(
    "path", [p for p in CODE if place(p).startswith(("stats/methods/", "stats/analyses/", "stats/derive/"))], ids=place
)
def test_stats_formats_nothing(path):
    """Rounding and percent signs are the style's; stats may only write addresses, keys and reasons."""
    source = path.read_text("utf-8")
    assert not re.search(r":\.\d+[f%]", source), "a format with decimals belongs to report/style"


@pytest.mark.parametrize(
    "path", [p for p in CODE if place(p) not in ("report/rounding.py",) and place(p).startswith("report/")], ids=place
)
def test_only_rounding_rounds(path):
    """One place for rounding: nothing else in report quantizes or calls round() on a result."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr != "quantize", f"{place(path)}:{node.lineno}"


def test_templates_place_words():
    env = environment(jinja2.Environment, TEMPLATES)
    names = [name for name in env.list_templates() if name.endswith(".j2")]
    assert len(names) > 10
    for name in names:
        assert lint.template_faults(env, env.loader.get_source(env, name)[0], name) == (), name


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("<p>12 patients</p>", "a typed digit"),
        ("{{ 3 }}", "a typed number"),
        ("{{ a + b }}", "arithmetic or a comparison"),
        ("{% if p < alpha %}x{% endif %}", "arithmetic or a comparison"),
        ("{% if a == b %}x{% endif %}", "arithmetic or a comparison"),
        ("{{ -a }}", "arithmetic or a comparison"),
    ],
)
def test_the_lint_sees_what_templates_may_not_do(source, what):
    env = environment(jinja2.Environment, TEMPLATES)
    assert what in [found for _, found in lint.template_faults(env, source, "t")]


@pytest.mark.parametrize(
    "source",
    [
        '<h2 id="s1">{{ title }}</h2>',
        "{% if a and not b %}{{ a }}{% endif %}",
        "{% for x in xs %}{{ loop.first }}{% endfor %}",
    ],
)
def test_the_lint_lets_words_pass(source):
    env = environment(jinja2.Environment, TEMPLATES)
    assert lint.template_faults(env, source, "t") == ()


KNOWS_THE_STUDY = re.compile(r"(?<![\w-])(?:CAR|IL-?6|il6|cart)(?![\w])")


@pytest.mark.parametrize(
    "path",
    [p for p in CODE if place(p).startswith(("stats/analyses/", "report/", "stats/methods/"))]
    + sorted(TEMPLATES.glob("**/*.j2")),
    ids=place,
)
def test_nothing_that_counts_or_prints_knows_the_study(path):
    """The words of one study live in data and in clinical derivations only."""
    text = path.read_text("utf-8")
    code = "\n".join(line for line in text.splitlines() if "data/cart" not in line and '"data" / "cart"' not in line)
    found = [hit.group() for hit in KNOWS_THE_STUDY.finditer(re.sub(r'""".*?"""|#.*', "", code, flags=re.S))]
    assert found == [], f"{place(path)}: {found}"
