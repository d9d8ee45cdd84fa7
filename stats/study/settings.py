"""The settings of [methods]: one table of names, allowed values and defaults, for reading, running and the manual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from stats.study.part import Part


@dataclass(frozen=True)
class Setting:
    """`allowed` lists words; a number has `least` and `most` instead. `about` says in a sentence what it decides."""

    default: Any
    about: str
    allowed: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


METHODS: Mapping[str, Setting] = MappingProxyType({
    "proportion_interval": Setting("clopper-pearson", "confidence interval of a single proportion",
                                   ("clopper-pearson", "wilson")),
    "difference_interval": Setting("newcombe", "confidence interval of a difference between two proportions",
                                   ("newcombe", "miettinen-nurminen")),
    "survival_interval": Setting("log-log",
                                 "scale of the pointwise limits of Kaplan–Meier curves",
                                 ("log-log", "log", "plain")),
    "incidence_interval": Setting("log-log", "scale of the pointwise limits of cumulative incidence curves",
                                  ("log-log", "log", "plain")),
    "rate_difference": Setting("mover", "limits of the difference between two rates at a time: recovered from the limits of "
                               "each rate (MOVER), or symmetric from Greenwood's variances", ("mover", "greenwood")),
    "logrank_test": Setting("log-rank", "the P value of two curves: the log-rank test, or its permutation form (exact up to "
                            "forty patients, seeded draws above); the other stands in the ledger",
                            ("log-rank", "permutation")),
    "ties": Setting("efron", "handling of tied events in Cox regression", ("efron", "breslow")),
    "rmst_interval": Setting("auto", "limits and P of restricted means: normal; small-sample, by the limits of the curve "
                             "and by permutation; auto gives both and prints the latter below forty patients in a group",
                             ("auto", "normal", "small-sample")),
    "shift_interval": Setting("exact",
                              "limits of the Hodges–Lehmann shift: exact conditional up to exact_limit, or normal",
                              ("exact", "normal")),
    "quantile_type": Setting(7, "definition of quartiles, numbered as by Hyndman and Fan", least=1, most=9),
    "exact_limit": Setting(60, "largest number of subjects for which a rank test is computed exactly", least=0),
    "fisher_limit": Setting(100, "largest number of subjects for which every table gets Fisher's exact test", least=0),
    "fewest": Setting(5, "fewest patients an arm needs before anything is tested", least=2),
    "multiplicity": Setting("none", "adjustment of P values inside a family of analyses that share a `family`",
                            ("none", "holm", "hochberg", "bh")),
})


def settings(part: Part | None) -> dict[str, Any]:
    """Every setting with its value in this study, in the order of METHODS."""
    chosen: dict[str, Any] = {}
    for name, setting in METHODS.items():
        if part is None:
            chosen[name] = setting.default
        elif setting.allowed:
            chosen[name] = part.text(name, setting.default, allowed=setting.allowed)
        else:
            chosen[name] = part.whole(name, setting.default, least=setting.least, most=setting.most)
    if part is not None:
        part.finish()
    return chosen
