"""Competing risks: the names that analyses use, in one place.

`aalen_johansen` estimates, `gray` compares, `fine_gray` regresses. Status 0 is censored, 1 (or `cause`) the event,
any other code a competing event.
"""

from stats.methods.aalen_johansen import Incidence, aalen_johansen, at
from stats.methods.fine_gray import fine_gray, subhazard_ratio
from stats.methods.fits import Fit
from stats.methods.gray import gray

__all__ = ["Fit", "Incidence", "aalen_johansen", "at", "fine_gray", "gray", "subhazard_ratio"]
