"""What says most about an analysis: for a summary that no claims lead."""

from __future__ import annotations

from report.voice import Voice
from stats.groups import ALL


def main_results(voice: Voice, name: str) -> list[str]:
    """The contrasts (or, with one group, the estimates) that say most about an analysis."""
    analysis = voice.study.analyses[name]
    pairs, group = voice.pairs(name), voice.global_test(name)
    several = bool(pairs)
    if not voice.keys(name):
        return []  # nobody's group is known, and of everybody another analysis tells
    if analysis.kind in ("survival", "incidence") and voice.cell(f"{name}/events@{ALL}")["N"] == 0:
        return [f"{name}/events@{ALL}"]  # of which there is nothing else to say
    if analysis.kind == "survival":
        return [f"{name}/logrank@{group}" if several else f"{name}/median@all"]
    if analysis.kind == "incidence":
        return [f"{name}/gray@{group}"] if several else [f"{name}/events@all"]
    if analysis.kind == "proportion":
        return [
            f"{name}/{o}.test@{group}"
            if several and f"{name}/{o}.test@{group}" in voice.results and voice.cell(f"{name}/{o}@all")["N"] != 0
            else f"{name}/{o}@all"
            for o in analysis.options["outcomes"]
        ]
    if analysis.kind == "adverse-events":
        return [f"{name}/{t}.test@{group}" if several else f"{name}/{t}=any@all" for t in analysis.options["terms"]]
    if analysis.kind == "kinetics":
        known = [m for m in ("peak", "tmax") if voice.cell(f"{name}/{m}@all")["n"] != 0]
        return [f"{name}/{m}.test@{group}" if several and m in known else f"{name}/{m}@all" for m in known or ("peak",)]
    if analysis.kind == "characteristics" and len(pairs) == 1:
        return [f"{name}/balance@{group}"]
    return []
