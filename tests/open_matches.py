"""Results of a built study against the values R gives for the same data.

A `Match` says which entries of the reference values (file and last part of their id) an analysis of a study answers, and
which of R's groups is which group here. Every entry of a family that has a rule below is compared; the rest (other
tests of the same question, other intervals) is left to the tests of the methods themselves.

Where the two differ on purpose: R carries a curve's last value on beyond the last observation, we give none; where an
estimate is 0 or 1 R has no limits, we have exact ones (docs/differences-from-R.md).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

Key = tuple[str, str]  # address, statistic
CLOSE = 1e-6
STOPPED = 1e-4  # what R's Fine–Gray leaves: it stops at a score of a millionth of its log likelihood


@dataclass(frozen=True)
class Match:
    """`groups`: R's group → group here, in R's order; `variable`: the variable, outcome or term; `follow`: see below.

    `follow` names the analysis that holds the median follow-up of the same endpoint.
    """

    file: str
    key: str
    analysis: str
    groups: Mapping[str, str] = field(default_factory=dict)
    variable: str = ""
    follow: str = ""


@dataclass(frozen=True)
class Found:
    """Results by address and statistic, with the method of each."""

    values: Mapping[Key, float]
    methods: Mapping[Key, str]

    def has(self, address: str, stat: str) -> bool:
        return (address, stat) in self.values

    def close(self, address: str, stat: str, theirs: Any, sign: float = 1.0, relative: float = CLOSE) -> int:
        """1 after asserting that the result is R's."""
        ours, wanted = self.values[address, stat], _number(theirs)
        if math.isnan(wanted):
            assert not math.isfinite(ours), (address, stat, ours)
        else:
            assert ours == pytest.approx(sign * wanted, rel=relative, abs=1e-12), (address, stat)
        return 1


def compare(oracle: Path, found: Found, match: Match) -> int:
    """How many numbers were compared; every one is equal."""
    count = 0
    for entry in _entries(oracle, match):
        family = entry["id"].split(".")[1]
        rule = RULES.get(family)
        if rule is not None and "r_error" not in entry:
            try:
                count += rule(found, match, entry, _group(entry, match))
            except AssertionError as error:
                raise AssertionError(f"{entry['id']}: {error}") from error
    return count


def _entries(oracle: Path, match: Match) -> Iterator[dict[str, Any]]:
    path = oracle / "values" / f"{match.file}.json"
    for entry in json.loads(path.read_text("utf-8"))["entries"]:
        rest = entry["id"].split(".", 2)[2:]
        if rest and (rest[0] == match.key or rest[0].startswith(match.key + ".")):
            yield entry


def _group(entry: dict[str, Any], match: Match) -> str:
    """The group an entry is about: from its input, or from the end of its id."""
    rest = entry["id"].split(".", 2)[2].removeprefix(match.key).removeprefix(".")
    return "all" if rest in ("", "overall") or rest.startswith("cause") else match.groups[rest]


def _number(value: Any) -> float:
    words = {"Inf": math.inf, "-Inf": -math.inf}
    return words.get(value, math.nan) if isinstance(value, str) else float(value)


def _pair(match: Match) -> str:
    """The contrast of the second group against the first, or the global test."""
    keys = list(match.groups.values())
    return f"{keys[1]}:{keys[0]}" if len(keys) == 2 else "arms"


def _km(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    count = found.close(f"{match.analysis}/events@{group}", "n", entry["values"]["events"])
    for point in entry["values"]["points"]:
        address = f"{match.analysis}/survival~{point['time']:g}@{group}"
        if not found.has(address, "p") or point["beyond_last_observation"]:
            continue
        count += found.close(address, "p", point["survival"])
        if "floating_point" not in match.file:  # R counts at the very time asked for, not with the ties it merges
            count += found.close(address, "at_risk", point["n_risk"])
        if 1e-9 < point["survival"] < 1 - 1e-9:
            count += found.close(address, "lower", point["loglog_lower"])
            count += found.close(address, "upper", point["loglog_upper"])
    return count


def _median(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    names = zip(("estimate", "lower", "upper"), entry["values"]["log-log"]["median_print"], strict=True)
    return sum(found.close(f"{match.analysis}/median@{group}", stat, theirs) for stat, theirs in names)


def _follow(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    names = {"estimate": "survfit_median", "lower": "loglog_lower", "upper": "loglog_upper"}
    return sum(found.close(f"{match.follow}/median@{group}", stat, entry["values"][name])
               for stat, name in names.items() if match.follow)


def _mean(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    address = f"{match.analysis}/rmst~{entry['values']['tau']:g}@{group}"
    if not found.has(address, "estimate") or not entry["values"]["tau_within_follow_up"] or not entry["values"]["se"]:
        return 0
    names = {"estimate": "rmst", "lower": "ci_lower", "upper": "ci_upper"}
    return sum(found.close(address, stat, entry["values"][name]) for stat, name in names.items())


def _mean_difference(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    theirs, address = entry["values"], f"{match.analysis}/rmst_difference~{entry['values']['tau']:g}@{_pair(match)}"
    if not found.has(address, "estimate") or theirs["tau"] > _number(theirs["min_of_max_times"]):
        return 0
    names = {"estimate": "difference", "lower": "diff_lower", "upper": "diff_upper", "p_value": "diff_p"}
    if math.isnan(found.values[address, "lower"]):  # nothing varies: R's interval has no width, we give none
        assert theirs["diff_lower"] == theirs["diff_upper"]
        return found.close(address, "estimate", theirs["difference"])
    return sum(found.close(address, stat, theirs[name]) for stat, name in names.items())


def _logrank(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    address = f"{match.analysis}/logrank@{_pair(match)}"
    if math.isnan(found.values[address, "p_value"]):
        return 0  # too few patients for a test
    return (found.close(address, "statistic", entry["values"]["chi2"])
            + found.close(address, "p_value", entry["values"]["p"]))


def _trend(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    address = f"{match.analysis}/trend@arms"
    return sum(found.close(address, stat, entry["values"][name]) for stat, name in (("statistic", "chi2"), ("p_value", "p")))


def _landmark(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    """Patients seen after the landmark, with the clock set back to it: who they are, curves, log-rank and hazard ratio."""
    a, theirs, count = match.analysis, entry["values"], 0
    for (name, key), n in zip(match.groups.items(), entry["input"]["n"], strict=True):
        count += found.close(f"{a}/landmark~{entry['input']['landmark']:g}@{key}", "n", n)
        for point in theirs["km"][name]:
            address = f"{a}/survival~{point['time']:g}@{key}"
            if found.has(address, "p"):
                count += found.close(address, "p", point["survival"]) + found.close(address, "at_risk", point["n_risk"])
    count += found.close(f"{a}/logrank@{_pair(match)}", "statistic", theirs["logrank"]["chi2"])
    count += found.close(f"{a}/logrank@{_pair(match)}", "p_value", theirs["logrank"]["p"])
    ratio = next(iter(theirs["cox"]["coefficients"].values()))
    for stat, name in {"estimate": "hr", "lower": "hr_lower", "upper": "hr_upper", "p_value": "p"}.items():
        count += found.close(f"{a}/hazard@{_pair(match)}", stat, ratio[name])
    return count


def _logrank_pairs(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    count = 0
    for pair, p in zip(entry["values"]["pairs"], entry["values"]["raw"], strict=True):
        a, b = (match.groups[name] for name in pair.split(" vs "))
        if found.has(f"{match.analysis}/logrank@{b}:{a}", "p_value"):
            count += found.close(f"{match.analysis}/logrank@{b}:{a}", "p_value", p)
    return count


def _cox(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    if "covariates" in entry["input"]["columns"]:
        return _adjusted(found, match, entry)
    address = f"{match.analysis}/hazard@{_pair(match)}"
    if len(match.groups) != 2 or found.methods.get((address, "estimate")) != "cox-efron":
        return 0  # more groups: ours are fitted pair by pair; without events in a group: Firth's method
    theirs = next(iter(entry["values"]["coefficients"].values()))
    names = {"estimate": "hr", "lower": "hr_lower", "upper": "hr_upper", "p_value": "p"}
    if math.isnan(found.values[address, "p_value"]):
        del names["p_value"]  # too few patients for a test
    return sum(found.close(address, stat, theirs[name]) for stat, name in names.items())


def _adjusted(found: Found, match: Match, entry: dict[str, Any]) -> int:
    """A regression on several variables: the groups of the match are R's coefficients → variable, or variable=level."""
    names = {"estimate": "hr", "lower": "hr_lower", "upper": "hr_upper", "p_value": "p"}
    count = 0
    for name, place in match.groups.items():
        variable, _, level = place.partition("=")
        address = f"{match.analysis}/{variable}.adjusted{'=' if level else ''}{level}@all"
        count += sum(found.close(address, stat, entry["values"]["coefficients"][name][theirs])
                     for stat, theirs in names.items())
    return count


def _zph(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    address = f"{match.analysis}/proportionality@{_pair(match)}"
    if "covariates" in entry["input"]["columns"] or len(match.groups) != 2:
        return 0
    if math.isnan(found.values.get((address, "p_value"), math.nan)):
        return 0
    return found.close(address, "p_value", entry["values"]["km"]["GLOBAL"]["p"])


def _incidence(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    count = 0
    for cause, name in (("1", "incidence"), ("2", "competing")):
        for point in entry["values"].get(cause, ()):
            address = f"{match.analysis}/{name}~{point['time']:g}@{group}"
            if not found.has(address, "p") or math.isnan(_number(point["cif"])):
                continue
            count += found.close(address, "p", point["cif"])
            if 1e-9 < point["cif"] < 1 - 1e-9:
                count += found.close(address, "lower", point["loglog_lower"])
                count += found.close(address, "upper", point["loglog_upper"])
    return count


def _gray(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    address, theirs = f"{match.analysis}/gray@{_pair(match)}", entry["values"]["1"]
    return found.close(address, "statistic", theirs["stat"]) + found.close(address, "p_value", theirs["pv"])


def _fine_gray(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    if len(match.groups) != 2 or not entry["id"].endswith("cause1"):
        return 0
    if not entry["values"]["converged"]:
        assert math.isnan(found.values[f"{match.analysis}/subhazard@{_pair(match)}", "estimate"])
        return 1
    theirs = next(iter(entry["values"]["coefficients"].values()))
    names = {"estimate": "shr", "lower": "lower", "upper": "upper", "p_value": "p"}
    return sum(found.close(f"{match.analysis}/subhazard@{_pair(match)}", stat, theirs[name],
                           relative=100 * STOPPED if stat == "p_value" else STOPPED) for stat, name in names.items())


def _described(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    parts = {"all": entry["values"]["overall"]} | {
        match.groups[name]: part for name, part in entry["values"]["by_group"].items() if name in match.groups}
    return sum(_described_part(found, f"{match.analysis}/{match.variable}", name, part)
               for name, part in parts.items() if found.has(f"{match.analysis}/{match.variable}@{name}", "missing"))


def _described_part(found: Found, variable: str, group: str, part: dict[str, Any]) -> int:
    count = found.close(f"{variable}@{group}", "missing", part["n_missing"])
    for level, n in part.get("counts", {}).items():
        told = next((key for key in (level, {"1": "yes", "TRUE": "yes"}.get(level, level))
                     if found.has(f"{variable}={key}@{group}", "n")), None)
        if told is not None:
            count += found.close(f"{variable}={told}@{group}", "n", n)
            count += found.close(f"{variable}={told}@{group}", "p", part["pct_of_nonmissing"][level] / 100)
    if "median" in part:
        for stat in ("n", "mean", "sd", "median", "min", "max"):
            count += found.close(f"{variable}@{group}", stat, part[stat])
        count += found.close(f"{variable}@{group}", "q1", part["q_type7"]["p25"])
        count += found.close(f"{variable}@{group}", "q3", part["q_type7"]["p75"])
    return count


def _tested(method: str) -> Callable[[Found, Match, dict[str, Any], str], int]:
    """A P value, compared where ours comes from this method."""
    def rule(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
        keys = list(match.groups.values())
        pairs = [f"{keys[1]}:{keys[0]}", f"{keys[0]}:{keys[1]}"] if len(keys) == 2 else ["arms"]
        for pair in pairs:
            key = (f"{match.analysis}/{match.variable}.test@{pair}", "p_value")
            if found.methods.get(key) == method and not math.isnan(found.values[key]):
                return found.close(*key, entry["values"]["p"])
        return 0
    return rule


def _balance(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    count = 0
    for name, pairs in entry["values"].items():
        for pair, theirs in pairs.items():
            if " vs " not in pair:
                continue
            a, b = (list(match.groups.values())[int(place) - 1] for place in pair.split(" vs "))
            address = f"{match.analysis}/{VARIABLES.get((match.file, name), name.lower())}.smd@{b}:{a}"
            if found.has(address, "estimate"):
                count += found.close(address, "estimate", theirs)
    return count


def _share(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    address, theirs = f"{match.analysis}/{match.variable}@{group}", entry["values"]
    if not found.has(address, "p"):
        return 0
    return (found.close(address, "n", theirs["x"]) + found.close(address, "N", theirs["n"])
            + found.close(address, "lower", theirs["clopper_pearson"][0])
            + found.close(address, "upper", theirs["clopper_pearson"][1]))


def _difference(found: Found, match: Match, entry: dict[str, Any], group: str) -> int:
    first, second = (match.groups[str(name)] for name in entry["input"]["groups"])
    theirs = entry["values"]
    limits, sign, address = theirs["newcombe"], 1.0, f"{match.analysis}/{match.variable}.difference@{first}:{second}"
    if not found.has(address, "estimate"):
        address, sign = f"{match.analysis}/{match.variable}.difference@{second}:{first}", -1.0
        limits = limits[::-1]
    if not found.has(address, "estimate"):
        return 0
    return (found.close(address, "estimate", theirs["difference"], sign)
            + found.close(address, "lower", limits[0], sign) + found.close(address, "upper", limits[1], sign))


RULES: dict[str, Callable[[Found, Match, dict[str, Any], str], int]] = {
    "km": _km, "km_quantiles": _median, "reverse_km": _follow, "rmst": _mean, "rmst_difference": _mean_difference,
    "logrank_trend": _trend, "landmark_strictly_after": _landmark,
    "logrank": _logrank, "logrank_pairwise": _logrank_pairs, "cox_efron": _cox, "zph": _zph,
    "cif_cmprsk": _incidence, "gray": _gray, "finegray_crr": _fine_gray, "desc": _described,
    "wilcoxon_exact_conditional_coin": _tested("wilcoxon-exact"), "wilcoxon_asymptotic_cc": _tested("wilcoxon-normal"),
    "kruskal": _tested("kruskal-wallis"), "ttest_welch": _tested("welch-t"), "fisher_2x2": _tested("fisher-exact"),
    "fisher_rxc": _tested("fisher-exact"), "chisq_nocorrection": _tested("pearson-chi-square"), "smd": _balance,
    "proportion": _share, "risk_difference": _difference,
}
VARIABLES = {  # R's name of a variable → ours, where it isn't the same in small letters
    ("survival_lung", "ph.ecog"): "ecog",
}
