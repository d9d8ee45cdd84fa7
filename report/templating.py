"""Templates: where they lie, what they may do, and how one that does more is refused."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import cache as once
from pathlib import Path
from typing import Any

import jinja2

from report import lint
from stats.findings import Problem, Refused, refuse_if_fatal

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


class _Inside(jinja2.FileSystemLoader):
    """Files of one folder; a symbolic link that leads out of it is no template."""

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        found = super().get_source(environment, template)
        folder = Path(self.searchpath[0]).resolve()
        if not Path(found[1] or "").resolve().is_relative_to(folder):
            raise Refused(
                [
                    Problem(
                        "E_PATH_OUTSIDE",
                        f"the template leads out of its folder, to {Path(found[1] or '').resolve()}",
                        f"{folder.name}/{template}",
                        remedy="Copy the file into the folder",
                    )
                ]
            )
        return found


def environment(kind: type[jinja2.Environment], folder: Path) -> jinja2.Environment:
    """Autoescape always, undefined names and None refused."""
    return kind(
        loader=_Inside(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )


@once
def shipped() -> jinja2.Environment:
    """The program's own templates: compiled once in a process, and again when a file changes."""
    return environment(jinja2.Environment, TEMPLATES)


# what templates of sections are given: their section, and the functions of report.compose
GIVEN = ("section", "paragraph", "exhibit", "ref", "value", "finding", "abstract", "methods", "audit", "limitations",
         "facts", "references", "exploratory", "turns")


def lint_template(env: jinja2.Environment, name: str, place: str, given: Collection[str] = ()) -> None:
    """Refused when the template types a digit, adds or compares, can't be read or, in a sandbox, asks for what it isn't
    `given`.
    """
    assert env.loader is not None
    try:
        source = env.loader.get_source(env, name)[0]
        if env.sandboxed:
            refuse_if_fatal(
                [
                    Problem(
                        "E_TEMPLATE_FORBIDDEN",
                        f"the template asks for what it may not have: {what}",
                        place,
                        line,
                        remedy="Templates place words; they get text and numbers only",
                    )
                    for line, what in lint.template_breaches(env, source, name, given)
                ]
            )
        faults = lint.template_faults(env, source, name)
    except UnicodeDecodeError:
        raise Refused([Problem("E_TEMPLATE", "the template is not UTF-8", place, remedy="Save it as UTF-8")]) from None
    except jinja2.TemplateSyntaxError as error:
        raise Refused(
            [Problem("E_TEMPLATE", f"the template can't be read: {error.message}", place, error.lineno)]
        ) from None
    if faults:
        raise Refused(
            [
                Problem(
                    "E_TEMPLATE_NUMBER",
                    f"a template places words only, and here stands {what}",
                    place,
                    line,
                    remedy="Ask for a result by its address: value('analysis/variable@group', 'pattern')",
                )
                for line, what in faults
            ]
        )


def _finalize(value: Any) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        raise jinja2.UndefinedError("nothing to print here")
    return value
