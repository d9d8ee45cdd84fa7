"""Special functions are scipy's own, loaded without their package, which whoever wants it still gets whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

USED = ("betaincinv", "chdtrc", "chdtri", "fdtrc", "gammaln", "ndtr", "ndtri", "stdtr", "stdtrit")
AFTERWARDS = (
    "import scipy.special",
    "from scipy.special import ndtri",
    "import scipy; scipy.special.ndtri",
    "import scipy.stats, scipy.optimize, scipy.linalg, scipy.integrate",
    "import lifelines",
    "import statsmodels.api",
)


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_their_package_is_not_loaded():
    heavy = {"scipy.special", "scipy._lib._array_api", "numpy.testing", "numpy.f2py"}
    assert run(f"import sys; from stats.methods import special; print({heavy!r} & set(sys.modules))") == "set()"


@pytest.mark.parametrize("afterwards", AFTERWARDS)
def test_who_wants_all_of_scipy_gets_it_and_the_same_functions(afterwards):
    same = f"all(getattr(special, name) is getattr(scipy.special, name) for name in {USED!r})"
    public = "all(hasattr(scipy.special, name) for name in scipy.special.__all__)"
    code = f"from stats.methods import special; {afterwards}; import scipy.special; print({same}, {public})"
    assert run(code) == "True True"


def test_where_the_package_is_there_already_its_functions_are_taken():
    assert run("import scipy.special; from stats.methods import special; print(special._scipy is scipy.special)") == "True"


def test_a_scipy_put_together_otherwise_is_loaded_whole():
    """As if there were no compiled part of that name where the empty package looks for it."""
    code = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        package = sys.modules.get("scipy.special")
        if name == "scipy.special._ufuncs" and not hasattr(package, "__file__"):
            raise ImportError(name)
sys.meta_path.insert(0, Hidden())
from stats.methods import special
import scipy.special
print(special._scipy is scipy.special, special.ndtri(0.5))
"""
    assert run(code) == "True 0.0"
