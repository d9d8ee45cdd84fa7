"""Sentences about Cox regression: which variables went with a higher or lower hazard, alone and adjusted."""

from __future__ import annotations

import math

from markupsafe import Markup

from report import plurals, words
from report.names import UnknownName
from report.tables.hazards import named, per
from report.voice import Voice
from stats.groups import ALL
from stats.results import Cell
from stats.study.types import Analysis

NOTHING = Markup()


def state(voice: Voice, cell: Cell, *, said: bool = False) -> Markup:
    """What one ratio says: an association, none that was shown, or why it can't be estimated. said: of which endpoint, and in
    which model, the sentences before have said."""
    variable, _, asked = cell.variable.rpartition(".")
    label = _label(voice, cell.analysis)
    if asked not in ("hazard", "adjusted"):
        raise KeyError(f"{cell.address} is no ratio of a variable, and no sentence says it")
    what = _what(voice, cell.analysis, variable, cell.level)
    compared = _compared(voice, cell)
    found = words.verdict(compared)
    if math.isnan(cell["p_value"]) and not math.isnan(cell["estimate"]):
        return words.upper_first(
            Markup("the hazard ratio of {} for {} was not tested: {} ({}).").format(
                what, label, compared.why, compared.effect
            )
        )
    inside = words.listed([compared.effect, compared.chance])
    model = " in the adjusted model" if asked == "adjusted" and not said else ""
    hazard = Markup("hazard of an event") if said else Markup("hazard of an event ({})").format(label)
    if found == "unknown":
        why = Markup(": {}").format(compared.why) if compared.why else NOTHING
        return words.upper_first(
            Markup("the hazard ratio of {} for {}{} could not be estimated{}.").format(what, label, model, why)
        )
    if found in ("more", "less"):
        return words.upper_first(
            Markup("{} was associated with a {} {}{} ({}).").format(
                what, "higher" if found == "more" else "lower", hazard, model, inside
            )
        )
    if found == "open":
        text = Markup("{} was not significantly associated with the {}{} ({}).")
        return words.upper_first(text.format(what, hazard, model, inside))
    return words.upper_first(
        Markup("for {} and the {}{} interval and test do not agree ({}), and nothing is claimed.").format(
            what, hazard, model, inside
        )
    )


def sentences(voice: Voice, analysis: Analysis) -> dict[str, Markup | list[Markup]]:
    """opening: endpoint, patients, events; found: each association shown; open: the variables without one; model: on
    what the adjusted model rests, with `adjusted` and `still` its associations and the rest."""
    name = analysis.name
    events = voice.cell(f"{name}/events@{ALL}")
    opening = Markup("Cox regression for {} included {} with {}.").format(
        _label(voice, name), voice.count(events, "N"), voice.count(events, "n", "event")
    )
    out: dict[str, Markup | list[Markup]] = {"opening": opening, "model": NOTHING, "adjusted": [], "still": NOTHING}
    out["found"], out["open"] = _sorted(voice, name, "hazard")
    if f"{name}/model@{ALL}" in voice.results:
        out["model"] = _model(voice, name)
        out["adjusted"], out["still"] = _sorted(voice, name, "adjusted")
    return out


def _sorted(voice: Voice, name: str, asked: str) -> tuple[list[Markup], Markup]:
    """Sentences of the ratios whose interval excludes one, and one sentence that names the variables of the others."""
    loud: dict[str, list[Markup]] = {}
    quiet: dict[str, Markup] = {}
    for cell in voice.results.select(name, group=ALL):
        variable, _, last = cell.variable.rpartition(".")
        if last != asked or math.isnan(cell["p_value"]):
            continue
        overall = f"{name}/{variable}.overall@{ALL}"
        if asked == "hazard" and overall in voice.results and voice.cell(overall).get("p_value") >= voice.study.alpha:
            # levels are looked at one by one only where the variable as a whole says something
            loud[variable] = [_as_a_whole(voice, voice.cell(overall), variable)]
        elif words.verdict(found := _compared(voice, cell)) == "open" and not found.excludes:
            quiet[variable] = voice.label(named(voice, variable))
        else:
            loud.setdefault(variable, []).append(state(voice, cell, said=True))
    shown = [sentence for sentences in loud.values() for sentence in sentences]
    rest = [label for variable, label in quiet.items() if variable not in loud]
    if not rest:
        return shown, NOTHING
    return shown, Markup("The {} of the {}hazard ratio{} of {} included one.").format(
        "interval" if len(rest) == 1 else "intervals",
        "adjusted " if asked == "adjusted" else "",
        "" if len(rest) == 1 else "s",
        words.listed(rest, comma=True),
    )


def _as_a_whole(voice: Voice, test: Cell, variable: str) -> Markup:
    text = Markup("{} as a whole was not significantly associated with the hazard of an event ({}).")
    return words.upper_first(text.format(voice.label(named(voice, variable)), voice.p(test)))


def _model(voice: Voice, name: str) -> Markup:
    model = voice.cell(f"{name}/model@{ALL}")
    text = Markup("The adjusted model included {} with {} and {}").format(
        voice.count(model), voice.count(model, "events", "event"), voice.count(model, "parameters", "parameter")
    )
    ratios = [c for c in voice.results.select(name, group=ALL) if c.variable.endswith(".adjusted")]
    if all(math.isnan(c.get("estimate")) for c in ratios):
        why = voice.why(*ratios)
        return text + (Markup("; it could not be estimated: {}.").format(why) if why else Markup("."))
    if model.note:
        text += Markup("; with {} its estimates are unstable").format(model.note)
    test = voice.cell(f"{name}/proportionality@{ALL}")
    p = test.get("p_value")
    if not math.isnan(p) and p < voice.study.alpha:
        text += Markup("; hazards were not proportional ({}), and its ratios are averages over follow-up").format(
            voice.p(test)
        )
    return text + Markup(".")


def _compared(voice: Voice, cell: Cell) -> words.Comparison:
    side = words.Side(NOTHING, NOTHING)
    return voice.compared(NOTHING, "hazard", (side, side), effect=cell, effect_name="hazard ratio", null=1, test=cell)


def _what(voice: Voice, name: str, variable: str, level: str) -> Markup:
    """The variable as the subject of the sentence: 'higher age (per year)', 'TP53 mutation', 'II versus I (stage)'."""
    column = voice.names.column(variable)
    label = voice.label(named(voice, variable))
    if not level:
        more = "a higher number of" if plurals.plural(label.striptags()) else "higher"
        return Markup('{} {} (<span class="label">{}</span>)').format(more, label, per(voice, variable))
    if column.type == "flag":
        return label
    against = [
        key
        for key in voice.names.levels(variable)
        if voice.cell(f"{name}/{variable}={key}@{ALL}")["n"] != 0 and not _has_ratio(voice, name, variable, key)
    ]
    mine = voice.title(_level(voice, variable, level))
    called = voice.title if column.type == "arm" else voice.label
    other = Markup(" versus {}").format(called(_level(voice, variable, against[0]))) if against else NOTHING
    named_itself = column.type == "arm" or label.striptags().casefold() in mine.striptags().casefold()
    tail = Markup() if named_itself else Markup(" ({})").format(label)
    return Markup("{}{}{}").format(mine, other, tail)


def _level(voice: Voice, variable: str, level: str) -> str:
    try:
        return voice.names.level(variable, level)
    except UnknownName:
        return level


def _has_ratio(voice: Voice, name: str, variable: str, level: str) -> bool:
    return f"{name}/{variable}.hazard={level}@{ALL}" in voice.results


def _label(voice: Voice, name: str) -> Markup:
    return voice.label(voice.names.endpoint(str(voice.study.analyses[name].options["endpoint"])).label)
