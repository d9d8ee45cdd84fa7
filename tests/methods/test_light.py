"""Counting starts quickly: the methods here import nothing heavier than numpy and scipy.special."""

import subprocess
import sys

import pytest

MODULES = ("descriptive", "proportions", "tables", "ranks", "balance", "exposure", "multiplicity")
HEAVY = ("scipy.stats", "scipy.optimize", "pandas", "statsmodels", "lifelines", "tableone", "matplotlib")


def test_nothing_heavy_is_imported() -> None:
    code = f"import sys; from stats.methods import {', '.join(MODULES)}; print({set(HEAVY)!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("module", MODULES)
def test_every_method_is_described_in_a_sentence_without_digits(module: str) -> None:
    import importlib

    for key, description in importlib.import_module(f"stats.methods.{module}").DESCRIPTIONS.items():
        assert key == key.lower()
        assert description.sentence.endswith(".")
        assert not any(c.isdigit() for c in description.sentence)
        assert description.reference
        assert description.name


def test_naming_the_methods_imports_none_of_those_that_count() -> None:
    """Descriptions are read off the source, and are those that the modules hold."""
    import importlib
    import pkgutil

    from stats import methods

    every = [m.name for m in pkgutil.iter_modules(methods.__path__)]
    held = [getattr(importlib.import_module(f"stats.methods.{name}"), "DESCRIPTIONS", {}) for name in every]
    assert methods.descriptions() == {key: one for module in held for key, one in module.items()}
    code = "import sys; from stats import methods; methods.descriptions(); print({'scipy', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
