"""Other tests of the same question: they show whether a verdict hangs on the choice of the test, and decide nothing."""

from __future__ import annotations

import math

from numpy.typing import ArrayLike

from stats.methods.fits import Fit
from stats.methods.hypergeometric import Hypergeometric
from stats.methods.special import chdtrc
from stats.methods.tables import fisher, trimmed
from stats.methods.types import Description, Test

DESCRIPTIONS = {
    "fisher-mid-p": Description(
        "Fisher's exact test counts the observed table by half.",
        "Lydersen S, Fagerland MW, Laake P. Stat Med 2009;28:1159–1175", name="Fisher's exact test, mid-P"),
    "cox-likelihood-ratio": Description(
        "A variable with several levels was tested in Cox regression as a whole, by the likelihood ratio.",
        "Cox DR. J R Stat Soc B 1972;34:187–220", name="likelihood ratio test"),
}


def fisher_mid(table: ArrayLike) -> Test:
    """Fisher's two-sided exact test of a 2 × 2 table less half the probability of the observed table.

    Fisher's test is conservative because the distribution is discrete; the mid-P is not, and is no longer exact
    (Lydersen et al. 2009). nan with a note for other tables and where Fisher's test itself has nothing to test.
    """
    counts = trimmed(table)  # a level that nobody has is none, as for Fisher's own test
    whole = fisher(counts)
    if math.isnan(whole.p_value) or counts.shape != (2, 2):
        return Test(math.nan, method="fisher-mid-p", note=whole.note or "the mid-P needs a table of two by two")
    (a, b), (c, d) = counts.tolist()
    own = Hypergeometric(a + b, c + d, a + c).no_more_probable(a, 0.0)[1]
    return Test(max(whole.p_value - own / 2, 0.0), method="fisher-mid-p")


def likelihood_ratio(fit: Fit) -> Test:
    """All covariates of a Cox fit together: twice the gain in log likelihood over no covariates is chi-square."""
    method, df = "cox-likelihood-ratio", len(fit.coef)
    if not fit.converged:
        return Test(math.nan, df=df, method=method, note=fit.note)
    gain = max(2 * (fit.loglik[1] - fit.loglik[0]), 0.0)
    return Test(float(chdtrc(df, gain)), gain, df, method)
