"""Every example of docs/extending.md is run, against the signatures and folders that it speaks of."""

import re
import types
from pathlib import Path

import jinja2
import pytest
from matplotlib.figure import Figure

from report import rules
from report.names import names
from report.style import load
from report.templating import TEMPLATES, environment, lint_template
from report.voice import Voice
from stats import derive, intake
from stats.results import Results
from stats.study.kinds import signature
from stats.study.types import Analysis, Column
from tests import built
from tests.docs.pages import ROOT, code, read

PAGE = read("extending.md")
EXAMPLES = {block.splitlines()[0].removeprefix("# "): block for block in code("python", PAGE)}
TEMPLATE = {re.match(r"<!-- (\S+) -->\n", block)[1]: block.partition("\n")[2] for block in code("html", PAGE)}


def load_example(path: str) -> types.ModuleType:
    module = types.ModuleType(Path(path).stem)
    exec(compile(EXAMPLES[path], path, "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("path", list(EXAMPLES))
def test_examples_would_live_where_plug_ins_live(path):
    assert (ROOT / path).parent.is_dir()
    assert not (ROOT / path).exists()
    assert load_example(path).__doc__


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("stats/analyses/correlation.py", "analyse"),
        ("report/tables/correlation.py", "build"),
        ("report/figures/correlation.py", "draw"),
    ],
)
def test_signatures_are_schemas(path, function):
    kind = signature("correlation", EXAMPLES[path], function)
    expected = {"analyse": ("subjects",), "build": ("results", "style"), "draw": ("results", "style", "figure")}
    assert kind.frames == expected[function]
    assert kind.options
    assert all(option.annotation is not None for option in kind.options.values())


@pytest.fixture(scope="module")
def correlated(counted):
    """(study, results) with the example's analysis among them."""
    study, results = counted
    frames, _ = intake.load(study)
    frames, _, _ = derive.derive_all(study, frames)
    rows = load_example("stats/analyses/correlation.py").analyse(
        frames["subjects"], variables=["age", "dose"], against="blasts_bl"
    )
    analysis = Analysis("correlations", "correlation", options={"variables": ("age", "dose"), "against": "blasts_bl"})
    from dataclasses import replace

    more = replace(study, analyses={**study.analyses, "correlations": analysis})
    return more, Results([*results.rows, *(replace(row, analysis="correlations") for row in rows)])


def test_the_analysis_and_its_table_and_sentences(correlated):
    study, results = correlated
    style = load(study.style, names(study), results)
    cell = results["correlations/age.test@all"]
    assert cell.methods["p_value"] == "spearman"
    table = load_example("report/tables/correlation.py").build(results, style.in_table, of="correlations")
    assert [line.label.striptags() for line in table.lines] == ["Age", "CAR-T cell dose"]
    prose = load_example("report/prose/correlation.py")
    voice = Voice(study, results, style)
    sentences = prose.sentences(voice, study.analyses["correlations"])["each"]
    assert sentences[0].startswith("The rank correlation of <")
    template = environment(jinja2.Environment, TEMPLATES).from_string(
        TEMPLATE["templates/paragraphs/correlation.html.j2"]
    )
    assert template.render(says={"each": sentences}).count("The rank correlation") == 2


def test_the_figure(correlated):
    study, results = correlated
    style = load(study.style, names(study), results)
    figure = load_example("report/figures/correlation.py")
    width, height = figure.size(results, style, of="correlations")
    sheet = Figure(figsize=(style.figure["widths"][width] / 25.4, height / 25.4), dpi=72)
    figure.draw(results, style, sheet, of="correlations")
    assert any(artist.get_gid() == "estimates" for artist in sheet.findobj())
    assert "age" in figure.alt(results, style, of="correlations")
    assert figure.legend(results, style, of="correlations")


def test_the_method():
    module = load_example("stats/methods/trimmed.py")
    assert module.trimmed_mean([*range(1, 10), 1000]).estimate == pytest.approx(5.5)
    assert module.trimmed_mean([]).note
    assert not re.search(r"\d", module.DESCRIPTIONS["trimmed-mean"].sentence)


def test_the_derivation(counted):
    study, _ = counted
    from dataclasses import replace

    frames, _ = intake.load(study)
    declared = Column("age_class", "ordinal", levels={"younger": "", "older": ""}, derived=True)
    subjects = replace(study.subjects, columns={**study.subjects.columns, "age_class": declared})
    step = load_example("stats/derive/age.py").derive(
        replace(study, frames={**study.frames, "subjects": subjects}), frames
    )
    made = step.frames["subjects"]
    assert ((made["age_class"] == "older") == (made["age"] >= 60)).all()
    assert "age_class" not in frames["subjects"]
    assert step.ran == ("age-class",)


def test_the_journal(tmp_path):
    block = next(block for block in code("toml", PAGE) if block.startswith("# templates/styles/"))
    for path in rules.FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "examples.toml").write_text(block, "utf-8")
    made = rules.read("examples", tmp_path)
    assert (made.title, made.p.leading_zero, made.interval.after_label) == ("Journal of Examples", False, ",")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The README's example with a figure in a section whose template is the page's."""
    folder = tmp_path_factory.mktemp("extending") / "study"
    readme = (ROOT / "README.md").read_text("utf-8")
    toml, table = code("toml", readme)[0], code("csv", readme)[0]
    header, *patients = table.splitlines()
    rows = [f"{i:03d}{line[3:]}" for i, line in enumerate(patients * 3, 1)]
    (folder / "sections").mkdir(parents=True)
    (folder / "patients.csv").write_text("\n".join([header, *rows]) + "\n", "utf-8")
    shown = '[exhibits.os-figure]\nkind = "survival-curve"\nof = "os"\ntitle = "Survival"\n'
    placed = '[[sections]]\nid = "survival"\ntitle = "Survival"\nexhibits = ["os-figure"]\n'
    (folder / "study.toml").write_text("\n".join([toml, shown, placed]), "utf-8")
    (folder / "sections" / "survival.html.j2").write_text(TEMPLATE["sections/survival.html.j2"], "utf-8")
    return folder


def test_the_section(small):
    html = built.make(small).files["report.html"]
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", html))
    assert "Of all patients, 3 of 12 died (Figure 1)." in text


def test_the_command(small, capsys):
    assert load_example("report/commands/arms.py").run([str(small)]) == 0
    assert capsys.readouterr().out == "A Group A\nB Group B\n"


def test_templates_of_the_page_pass_the_lint():
    env = environment(jinja2.Environment, TEMPLATES)
    for name, source in TEMPLATE.items():
        env.loader = jinja2.DictLoader({name: source})
        lint_template(env, name, name)


def test_folders_of_the_page_are_those_of_the_code():
    """What the page calls a plug-in folder is one, with the verb it names in every file."""
    verbs = {
        "stats/analyses": "analyse",
        "report/tables": "build",
        "report/figures": "draw",
        "report/commands": "run",
        "report/prose": "sentences",
    }
    for folder, verb in verbs.items():
        assert f"`{folder}/" in PAGE
        for path in (ROOT / folder).glob("[!_]*.py"):
            assert re.search(rf"^def {verb}\(", path.read_text("utf-8"), re.MULTILINE), path
    for name in derive.ORDER:
        assert re.search(r"^def derive\(", (ROOT / "stats/derive" / f"{name}.py").read_text("utf-8"), re.MULTILINE)
