"""Templates: where they lie, what they may do, and how one that does more is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import jinja2

from report import lint
from stats.findings import Problem, Refused

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def environment(kind: type[jinja2.Environment], folder: Path) -> jinja2.Environment:
    """Autoescape always, undefined names and None refused."""
    return kind(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )


def lint_template(env: jinja2.Environment, name: str, place: str) -> None:
    """Refused when the template types a digit, adds or compares, or can't be read."""
    assert env.loader is not None
    source = env.loader.get_source(env, name)[0]
    try:
        faults = lint.template_faults(env, source, name)
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
