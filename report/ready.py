"""Load what a report is written with while its results are still being counted; nothing here is missed if it isn't done."""

from __future__ import annotations

from report import kinds, prose
from report.exhibits import Plan
from report.templating import lint_template, shipped
from stats.study.types import Study


def load(study: Study, plan: Plan) -> None:
    """The files of the study's kinds of exhibits and analyses, and the templates in which they are placed."""
    shows = {exhibit.kind for exhibit in plan.exhibits.values()}
    for kind in shows:
        kinds.module(kind)
    if not all(map(kinds.is_table, shows)):
        from report import canvas, drawer  # noqa: F401
    analyses = {analysis.kind for analysis in study.analyses.values()}
    for kind in analyses:
        prose.kind(kind)
    templates = shipped()
    wanted = {f"sections/{section.template or section.id}" for section in plan.sections}
    wanted |= {f"paragraphs/{kind}" for kind in analyses} | {"section", "table", "figure", "report"}
    for name in sorted({f"{name}.html.j2" for name in wanted} & set(templates.list_templates(["j2"]))):
        if "/" in name or name == "section.html.j2":  # first, so that one that can't be read is refused in words
            lint_template(templates, name, f"templates/{name}")
        templates.get_template(name)
