"""pandas without Arrow and neat help texts, loaded while nothing is looked through for garbage; then all is as it was."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("collects", [True, False])
def test_collecting_goes_on_as_before(collects):
    code = f"""
import gc, sys
gc.{'enable' if collects else 'disable'}()
from stats import lean
lean.pandas()
import textwrap
print(gc.isenabled(), "pandas" in sys.modules, "pyarrow" in sys.modules, repr(textwrap.dedent("  a")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(collects), "True", "False", "'a'"]
