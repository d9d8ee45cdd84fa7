"""Write the generated parts of docs/methods.md from the code: settings, statistical methods, clinical definitions.

    python -m docs.make_methods          writes the page
    python -m docs.make_methods --check  says whether it is current (exit 1 when it isn't)

A part stands between two comment lines, `<!-- NAME: … -->` and `<!-- end of NAME -->`; everything else is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from stats import derive
from stats.methods import descriptions
from stats.methods.types import Description
from stats.study.settings import METHODS

PAGE = Path(__file__).resolve().parent / "methods.md"
NOWHERE = "at hand for new analyses; no kind uses it yet"
# kinds of analyses that use a method (a test counts the shipped study's results), or a word of where else
USED: Mapping[str, str] = {
    "quartiles": "characteristics, adverse-events, kinetics",
    "geometric": "kinetics (geometric mean and its coefficient of variation)",
    "standardized-mean-difference": "characteristics",
    "wilcoxon-exact": "characteristics, adverse-events, kinetics",
    "wilcoxon-normal": "characteristics, adverse-events, kinetics",
    "kruskal-wallis": "characteristics, adverse-events, kinetics",
    "welch-t": "characteristics (`mean-sd` variables)",
    "anova": "characteristics (`mean-sd` variables, three or more groups)",
    "hodges-lehmann-exact": "characteristics, kinetics",
    "hodges-lehmann-normal": "characteristics, kinetics",
    "welch-difference": "characteristics (`mean-sd` variables)",
    "geometric-ratio": "kinetics",
    "delong": "adverse-events (probability of the higher grade)",
    "fisher-exact": "characteristics, proportion",
    "pearson-chi-square": "characteristics, proportion",
    "clopper-pearson": "proportion, adverse-events",
    "wilson": "proportion, adverse-events, when chosen",
    "newcombe": "proportion, adverse-events",
    "miettinen-nurminen": "proportion, adverse-events, when chosen",
    "conditional-odds-ratio": "proportion",
    "koopman": "proportion (risk ratio)",
    "kaplan-meier-log-log": "survival, sensitivity",
    "kaplan-meier-log": "survival, sensitivity, when chosen",
    "kaplan-meier-plain": "survival, sensitivity, when chosen",
    "reverse-kaplan-meier": "followup",
    "aalen-johansen-log": "incidence, when chosen",
    "aalen-johansen-plain": "incidence, when chosen",
    "mover": "survival, sensitivity (difference of rates)",
    "greenwood": "survival, sensitivity (difference of rates), when chosen",
    "restricted-mean": "survival, sensitivity",
    "rmst": "survival, sensitivity",
    "rmst-pointwise": "survival, sensitivity (groups of fewer than 40 patients)",
    "rmst-permutation": "survival, sensitivity (a group of fewer than 40 patients)",
    "rmst-permutation-exact": "survival, sensitivity (fewer than 10 000 ways to form the groups)",
    "log-rank-stratified": "survival, with `strata`",
    "log-rank-trend": "survival, with `trend`",
    "cox-stratified": "survival, with `strata`",
    "cox-breslow": "survival, sensitivity, hazards, when chosen",
    "cochran-armitage": "proportion, with `trend`",
    "log-rank": "survival, sensitivity",
    "log-rank-permutation-exact": "survival (fewer than 50 patients, or when chosen), sensitivity (when chosen)",
    "log-rank-permutation": "survival (fewer than 50 patients, or when chosen; where counting every assignment takes too long), "
    "sensitivity (when chosen)",
    "cox-efron": "survival, sensitivity, hazards",
    "cox-firth": "survival, sensitivity, hazards",
    "cox-likelihood-ratio": "hazards (a variable with several levels)",
    "proportional-hazards": "survival, hazards",
    "aalen-johansen": "incidence",
    "gray": "incidence",
    "fine-gray": "incidence",
    "holm": "any kind, inside a family, when chosen",
    "hochberg": "any kind, inside a family, when chosen",
    "benjamini-hochberg": "any kind, inside a family, when chosen",
    "auc-linear-up-log-down": "the derivation of kinetics describes it in its own words",
}
# kinds that record what this method says beside the test they made
BESIDE: Mapping[str, str] = {
    "wilcoxon-exact": "characteristics",
    "wilcoxon-normal": "characteristics, adverse-events, kinetics",
    "welch-t": "characteristics, kinetics",
    "anova": "characteristics, adverse-events, kinetics",
    "kruskal-wallis": "characteristics",
    "geometric-ratio": "kinetics",
    "log-rank": "survival (stratified or by permutation)",
    "linear-by-linear-exact": "characteristics, adverse-events, proportion (`trend`)",
    "linear-by-linear": "characteristics, adverse-events, proportion (`trend`)",
    "fisher-exact": "characteristics, proportion",
    "fisher-mid-p": "characteristics, proportion",
    "pearson-chi-square": "characteristics, proportion",
    "cox-likelihood-ratio": "hazards",
    "cox-firth": "hazards",
}


def where(key: str) -> str:
    """Where a method is used, in words."""
    if key in USED:
        return USED[key] + (f"; as an alternative: {BESIDE[key]}" if key in BESIDE else "")
    return f"as an alternative: {BESIDE[key]}" if key in BESIDE else NOWHERE


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def settings() -> str:
    """[methods] of the study file."""

    def choices(name: str) -> str:
        setting = METHODS[name]
        if setting.allowed:
            return ", ".join(f"`{word}`" for word in setting.allowed)
        return f"{setting.least} to {setting.most}" if setting.most is not None else f"{setting.least} or more"

    rows = [(f"`{name}`", setting.about, f"`{setting.default}`", choices(name)) for name, setting in METHODS.items()]
    return table(("setting", "decides", "default", "choices"), rows)


def methods() -> str:
    """Every statistical method, in the order of its key."""
    return table(
        ("method", "as the report describes it", "reference", "where"),
        [
            (f"`{key}`", f"{described.sentence} {described.reason}".strip(), described.reference, where(key))
            for key, described in sorted(descriptions().items())
        ],
    )


def definitions() -> str:
    """Every clinical definition."""
    known: Mapping[str, Description] = derive.definitions()
    return table(
        ("definition", "as the report describes it", "reference"),
        [(f"`{key}`", described.sentence, described.reference) for key, described in sorted(known.items())],
    )


PARTS = {"settings": settings, "methods": methods, "definitions": definitions}


def page(text: str) -> str:
    """The page with every generated part made anew."""
    for name, make in PARTS.items():
        marks = re.compile(rf"(<!-- {name}: [^\n]*-->\n)(.*?)(<!-- end of {name} -->)", re.DOTALL)
        found = marks.search(text)
        if found is None:
            raise ValueError(f"{PAGE.name} has no place for {name}")
        before, rest = text[: found.end(1)], text[found.start(3) :]
        text = f"{before}{make()}\n{rest}"
    return text


def main(arguments: list[str]) -> int:
    before = PAGE.read_text("utf-8")
    after = page(before)
    if "--check" in arguments:
        print("current" if before == after else "out of date: run python -m docs.make_methods")
        return int(before != after)
    PAGE.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
