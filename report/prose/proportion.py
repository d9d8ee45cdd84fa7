"""Sentences about shares of patients with an outcome."""

from __future__ import annotations

from markupsafe import Markup

from report import plurals, words
from report.voice import Voice
from stats.groups import ALL
from stats.results import Cell
from stats.study.types import Analysis

EFFECTS = {"difference": ("difference", 0), "odds_ratio": ("odds ratio", 1), "risk_ratio": ("risk ratio", 1)}


def compare(voice: Voice, cell: Cell) -> words.Comparison:
    outcome, _, asked = cell.variable.partition(".")
    a = f"{cell.analysis}/{outcome}"
    x, y = (voice.cell(f"{a}@{key}") for key in cell.group.split(":"))
    name, null = EFFECTS.get(asked, EFFECTS["difference"])
    effect = voice.cell(f"{a}.{asked if asked in EFFECTS else 'difference'}@{cell.group}")
    test = f"{a}.test@{cell.group}"
    return voice.compared(
        _rate(voice, outcome),
        "share",
        (_side(voice, x), _side(voice, y)),
        effect=effect,
        effect_name=name,
        null=null,
        test=voice.cell(test) if test in voice.results else None,
    )


def among(voice: Voice, cell: Cell) -> Markup:
    outcome, _, asked = cell.variable.partition(".")
    if asked.startswith("trend"):
        return _trend(voice, voice.study.analyses[cell.analysis], outcome)
    sides = [_side(voice, voice.cell(f"{cell.analysis}/{outcome}@{key}")) for key in voice.keys(cell.analysis)]
    return words.among(
        _rate(voice, outcome), sides, cell.get("p_value"), voice.p(cell), voice.study.alpha, voice.why(cell)
    )


def state(voice: Voice, cell: Cell) -> Markup:
    if cell.group == ALL:
        return _alone(voice, cell)
    return _recorded(voice, cell, voice.where(cell.analysis, cell.group))


def sentences(voice: Voice, analysis: Analysis) -> dict[str, list[Markup]]:
    """found: one sentence per outcome, or a statement where there is one group; missing: who could not be counted."""
    found, missing = [], []
    for outcome in analysis.options["outcomes"]:
        a = f"{analysis.name}/{outcome}"
        if not voice.pairs(analysis.name) or voice.cell(f"{a}@all")["N"] == 0:
            found.append(_alone(voice, voice.cell(f"{a}@all")))
        else:
            parts = _each(voice, analysis, outcome), _compared(voice, analysis, outcome), _trend(voice, analysis, outcome)
            found.append(Markup(" ").join(part for part in parts if part))
        left_out = voice.cell(f"{a}@all")
        if left_out.get("missing") > 0:
            missing.append(
                Markup("For {}, {} with no assessment {} not counted.").format(
                    voice.label(voice.names.title(outcome)),
                    voice.count(left_out, "missing"),
                    "was" if left_out["missing"] == 1 else "were",
                )
            )
    return {"found": found, "missing": missing}


def _each(voice: Voice, analysis: Analysis, outcome: str) -> Markup:
    parts = [
        Markup("{} {}").format(_shown(voice, f"{analysis.name}/{outcome}@{key}"), voice.where(analysis.name, key))
        for key in voice.keys(analysis.name)
    ]
    label = voice.label(voice.names.title(outcome))
    return words.upper_first(
        Markup("{} {} recorded in {}.").format(label, plurals.was(label), words.listed(parts, comma=True))
    )


def _shown(voice: Voice, address: str) -> Markup:
    """A share with its interval; of nobody only the count."""
    return voice.show(address, "share-ci" if voice.cell(address)["N"] else "{n}/{N}")


def _compared(voice: Voice, analysis: Analysis, outcome: str) -> Markup:
    """What the difference supports; the shares themselves stand in the sentence before.

    Of more than two groups without a test each contrast speaks for itself, by its interval.
    """
    test = f"{analysis.name}/{outcome}.test@arms"
    pairs = voice.pairs(analysis.name)
    if len(pairs) > 1 and test in voice.results:
        cell = voice.cell(test)
        return words.among(
            _rate(voice, outcome),
            [],
            cell.get("p_value"),
            voice.p(cell),
            voice.study.alpha,
            voice.why(cell),
            len(voice.keys(analysis.name)),
        )
    contrasts = [voice.cell(f"{analysis.name}/{outcome}.difference@{x}:{y}") for x, y in pairs]
    brief = len(pairs) == 1
    return Markup(" ").join(words.sentence(compare(voice, cell), brief=brief) for cell in contrasts)


def _trend(voice: Voice, analysis: Analysis, outcome: str) -> Markup:
    """The test of groups in their order, where it is asked for."""
    address = f"{analysis.name}/{outcome}.trend@arms"
    if address not in voice.results:
        return Markup()
    cell = voice.cell(address)
    subject = Markup("in the order of the groups, {}").format(_rate(voice, outcome))
    chance = Markup("Cochran–Armitage test {}").format(voice.p(cell))
    return words.trend(subject, cell.get("p_value"), chance, voice.study.alpha, voice.why(cell))


def _alone(voice: Voice, cell: Cell) -> Markup:
    return _recorded(voice, cell, Markup())


def _recorded(voice: Voice, cell: Cell, where: Markup) -> Markup:
    """A share with its interval; where nobody was assessed there is none."""
    label = voice.label(voice.names.title(cell.variable))
    if cell["N"] == 0:
        return words.upper_first(words.tidied(Markup("{} {} known in no patient {}.").format(label, _is(label), where)))
    return words.upper_first(
        words.tidied(Markup("{} {} recorded in {} {}.").format(label, plurals.was(label), voice.show(cell, "share-ci"), where))
    )


def _is(label: Markup) -> str:
    return "are" if plurals.was(label) == "were" else "is"


def _rate(voice: Voice, outcome: str) -> Markup:
    return Markup("the rate of {}").format(voice.label(voice.names.title(outcome)))


def _side(voice: Voice, cell: Cell) -> words.Side:
    return voice.side(cell, voice.aside(cell, "share" if cell["N"] else "{n}/{N}"))
