"""The special functions that methods use: scipy's own, without what the package around them takes along."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

PACKAGE = "scipy.special"


def _compiled() -> ModuleType:
    """The compiled part of scipy.special. Its package would load numpy's tests and its Fortran: a tenth of a build's start.

    They are the very functions that scipy.special hands out, so no number differs. Whoever imports scipy.special afterwards
    gets the whole of it: the empty package, under which the functions are found here, is gone by then.
    """
    if PACKAGE in sys.modules:
        return sys.modules[PACKAGE]
    import scipy

    package = ModuleType(PACKAGE)
    package.__path__ = [f"{folder}/special" for folder in scipy.__path__]
    sys.modules[PACKAGE] = package
    try:
        return import_module(f"{PACKAGE}._ufuncs")
    except ImportError:  # another scipy, put together otherwise
        pass
    finally:
        del sys.modules[PACKAGE]
    return import_module(PACKAGE)


_scipy = _compiled()
betaincinv = _scipy.betaincinv
chdtrc = _scipy.chdtrc
chdtri = _scipy.chdtri
fdtrc = _scipy.fdtrc
gammaln = _scipy.gammaln
ndtr = _scipy.ndtr
ndtri = _scipy.ndtri
stdtr = _scipy.stdtr
stdtrit = _scipy.stdtrit
