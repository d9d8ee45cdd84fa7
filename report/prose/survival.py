"""Sentences about time to an event: events, medians, rates at fixed times, hazard, restricted mean, proportionality."""

from __future__ import annotations

import math

from markupsafe import Markup

from report import words
from report.lasting import names_time
from report.voice import Voice
from stats.groups import ALL, ARMS
from stats.results import Cell, number
from stats.study.types import Analysis

# patients in each group from which the normal interval of a difference in restricted means may take a side: with a dozen it
# excludes a true null in eight studies of a hundred, with forty in five (docs/honesty.md)
MEANS_FROM = 40
NORMAL = "rmst"  # the method of normal limits
CERTAIN = "the interval takes the mean of one of the groups as known without error"


def compare(voice: Voice, cell: Cell) -> words.Comparison | None:
    a, pair = cell.analysis, cell.group
    x, y = pair.split(":")
    label = voice.label(_label(voice, a))
    if cell.variable == "difference":
        sides = _sides(voice, f"{a}/survival~{number(cell.at or 0)}", (x, y), "rate")
        subject = Markup("{} at {}").format(_share(voice, a), _when(voice, cell))
        return voice.compared(subject, "share", sides, effect=cell, effect_name="difference")
    if cell.variable.startswith("rmst_difference"):
        sides = _sides(voice, f"{a}/rmst~{number(cell.at or 0)}", (x, y), "time")
        return means(voice, cell, lasting(voice, _endpoint(voice, a)), sides)
    sides = _sides(voice, f"{a}/events", (x, y), "{n} of {N} with an event")
    hazard = voice.cell(f"{a}/hazard@{pair}")
    if cell.variable == "hazard":
        subject = Markup("the hazard of an event ({})").format(label)
        return voice.compared(subject, "hazard", sides, effect=hazard, effect_name="hazard ratio", null=1, test=hazard)
    if cell.variable.startswith("logrank"):
        # a lower hazard is a longer survival
        return voice.compared(
            _lasting(voice, a),
            "time",
            sides,
            effect=hazard,
            effect_name="hazard ratio",
            null=1,
            sign=-1,
            test=cell,
            test_name=voice.names.logrank(a),
        )
    return None


def means(voice: Voice, cell: Cell, label: Markup, sides: tuple[words.Side, words.Side]) -> words.Comparison:
    """Two restricted means by what is printed of them; normal limits take no side in small groups."""
    cell = voice.cell(voice.printed(cell.address))
    normal = cell.methods.get("lower") == NORMAL
    return voice.compared(
        Markup("restricted mean {} up to {}").format(label, _when(voice, cell)),
        "time",
        sides,
        effect=cell,
        effect_name="difference",
        test=cell,
        safe_from=MEANS_FROM if normal else 0,
        caution=CERTAIN if normal and any(math.isnan(mean.get("lower")) for mean in _means(voice, cell)) else "",
    )


def _means(voice: Voice, cell: Cell) -> list[Cell]:
    """The two restricted means that a difference is of."""
    stem = f"{cell.analysis}/{cell.variable.replace('rmst_difference', 'rmst')}~{number(cell.at or 0)}"
    return [voice.cell(f"{stem}@{key}") for key in cell.group.split(":")]


def among(voice: Voice, cell: Cell) -> Markup:
    if cell.variable.partition(".")[0] == "trend":
        return _trend(voice, cell.analysis)
    sides = [
        voice.side(c, voice.show(c, "{n} of {N} with an event"))
        for c in (voice.cell(f"{cell.analysis}/events@{key}") for key in voice.keys(cell.analysis))
    ]
    return words.among(
        _lasting(voice, cell.analysis),
        sides,
        cell.get("p_value"),
        Markup("{} {}").format(voice.names.logrank(cell.analysis), voice.p(cell)),
        voice.study.alpha,
        voice.why(cell),
    )


def state(voice: Voice, cell: Cell) -> Markup:
    label = voice.label(_label(voice, cell.analysis))
    where = voice.where(cell.analysis, cell.group)
    if cell.variable == "median":
        length = _lasting(voice, cell.analysis)
        return words.upper_first(Markup("median {} was {} {}.").format(length, voice.show(cell, "time-ci"), where))
    if cell.variable == "events" and cell["N"] == 0:
        return _nobody(voice, cell.analysis)
    if cell.variable == "events":
        return words.upper_first(Markup("{} had an event ({}) {}.").format(voice.show(cell, "events"), label, where))
    if cell.variable.startswith("rmst"):
        mean = voice.cell(voice.printed(cell.address))
        return words.upper_first(
            Markup("restricted mean {} up to {} was {} {}.").format(
                lasting(voice, _endpoint(voice, cell.analysis)), _when(voice, cell), voice.show(mean, "time-ci"), where
            )
        )
    pattern = "rate-ci" if cell.variable == "survival" else "time-ci"
    cell = voice.cell(voice.printed(cell.address))
    return words.upper_first(
        Markup("{} at {} was {} {}.").format(
            _share(voice, cell.analysis) if cell.variable == "survival" else lasting(voice, _endpoint(voice, cell.analysis)),
            _when(voice, cell), voice.show(cell, pattern), where
        )
    )


def sentences(voice: Voice, analysis: Analysis) -> dict[str, Markup | list[Markup]]:
    """events, median, rates (one per time), hazard, means (one per time), proportional."""
    name = analysis.name
    label = voice.label(_label(voice, name))
    keys = voice.keys(name) if len(voice.keys(name)) > 1 else (ALL,)
    single = len(keys) == 1
    if voice.cell(f"{name}/events@{ALL}")["N"] == 0:
        nothing: list[Markup] = []
        return {"events": _nobody(voice, name), "rates": nothing, "means": nothing, "hazard": nothing,
                "proportional": nothing, "median": Markup(), "entered": Markup(), "stratified": Markup(), "trend": Markup()}

    def each(variable: str, pattern: str, at: str = "") -> Markup:
        cells = [voice.cell(f"{name}/{variable}{at}@{key}") for key in keys]
        return words.listed(
            [
                Markup("{} {}").format(voice.show(c, pattern), Markup() if single else voice.where(name, c.group))
                for c in cells
            ],
            comma=True,
        )

    out: dict[str, Markup | list[Markup]] = {
        "events": words.upper_first(
            Markup("events for {} were recorded in {}.").format(label, each("events", "events-share"))
        ),
        "median": words.upper_first(
            Markup("median {} was {}.").format(_lasting(voice, name), each("median", "time-ci"))
        ),
    }
    rates, means = [], []
    for t in analysis.options.get("at", ()):
        at = f"~{number(t)}"
        rate = Markup("at {}, {} was {}.").format(
            _when(voice, voice.cell(f"{name}/survival{at}@{keys[0]}")),
            _share(voice, name),
            each("survival", "rate-ci", at),
        )
        text = words.upper_first(rate)
        for pair in (":".join(p) for p in voice.pairs(name)):
            compared = compare(voice, voice.cell(f"{name}/difference{at}@{pair}"))
            if compared is not None:
                text += Markup(" {}").format(words.sentence(compared, brief=True, several=len(voice.pairs(name)) > 1))
            mean = compare(voice, voice.cell(f"{name}/rmst_difference{at}@{pair}"))
            if mean is not None and words.verdict(mean) != "unknown":
                means.append(words.sentence(mean))
        rates.append(text)
    out |= {"rates": rates, "means": means, "hazard": _hazards(voice, name), "proportional": _proportional(voice, name)}
    return out | {
        "entered": _entered(voice, name),
        "stratified": _stratified(voice, name),
        "trend": _trend(voice, name),
    }


def _nobody(voice: Voice, name: str) -> Markup:
    """Of an analysis that nobody is in: why."""
    known = Markup("{} is known in no patient.").format(words.upper_first(lasting(voice, _endpoint(voice, name))))
    return _entered(voice, name) or known


def _entered(voice: Voice, name: str) -> Markup:
    """Who is in a landmark analysis, of those with a known time; nothing where no time is known."""
    cells = voice.results.select(name, "landmark", ALL)
    if not cells or cells[0]["N"] == 0:
        return Markup()
    cell = cells[0]
    at, n, many = voice.show(cell, "{at}"), cell["n"], voice.count(cell, "N")
    if n == cell["N"]:
        text = Markup("after which {} still").format(Markup("all {} were").format(many) if n > 1 else "the only patient was")
    elif n == 0:
        text = Markup("after which {}").format(
            Markup("none of the {} was still").format(many) if cell["N"] > 1 else "the only patient was no longer"
        )
    else:
        who = Markup("{} who {} still").format(voice.show(cell, "{n} of {N} patients"), "was" if n == 1 else "were")
        return Markup(
            "The analysis starts at the landmark of {} and includes the {} under observation without the event after it."
        ).format(at, who)
    return Markup("The analysis starts at the landmark of {}, {} under observation without the event.").format(at, text)


def _stratified(voice: Voice, name: str) -> Markup:
    """What test and hazard ratio are stratified by, and who is in neither for want of it."""
    column = str(voice.study.analyses[name].options.get("strata", ""))
    if not column:
        return Markup()
    text = Markup("The log-rank test and hazard ratios are stratified by {}").format(voice.label(voice.names.label(column)))
    lost = voice.cell(f"{name}/strata@{ALL}")
    if lost["missing"] > 0:
        text += Markup(", which is unknown for {} who {} not in them").format(
            voice.count(lost, "missing"), "is" if lost["missing"] == 1 else "are"
        )
    return text + Markup(".")


def _trend(voice: Voice, name: str) -> Markup:
    """The test of groups in their order, which says that curves are ordered and not how."""
    address = f"{name}/trend@{ARMS}"
    if address not in voice.results:
        return Markup()
    cell = voice.cell(address)
    subject = Markup("in the order of the groups, {}").format(_lasting(voice, name))
    chance = Markup("log-rank test for trend {}").format(voice.p(cell))
    return words.trend(subject, cell.get("p_value"), chance, voice.study.alpha, voice.why(cell))


def _hazards(voice: Voice, name: str) -> list[Markup]:
    said = [
        finding
        for finding in (compare(voice, voice.cell(f"{name}/logrank@{':'.join(pair)}")) for pair in voice.pairs(name))
        if finding is not None
    ]
    text = [words.sentence(finding) for finding in said]
    if len(voice.keys(name)) > 2:
        text.insert(0, among(voice, voice.cell(f"{name}/logrank@{ARMS}")))
    return text


def _proportional(voice: Voice, name: str) -> list[Markup]:
    """The check of proportional hazards, said only where it fails: otherwise it stands in the table."""
    out = []
    pairs = voice.pairs(name)
    for x, y in pairs:
        cell = voice.cell(f"{name}/proportionality@{x}:{y}")
        p = cell.get("p_value")
        if not math.isnan(p) and p < voice.study.alpha:
            # of several contrasts it must be said which
            who = Markup(" between {} and {}").format(voice.group(name, x), voice.group(name, y)) if len(pairs) > 1 else ""
            out.append(
                Markup("Hazards were not proportional{} ({}); {} hazard ratio is an average over follow-up.").format(
                    who, voice.p(cell), "this" if who else "the"
                )
            )
    return out


def lasting(voice: Voice, endpoint: str) -> Markup:
    """What a time to an endpoint is called: 'overall survival', and of an event the time to it."""
    title = voice.names.title(endpoint)
    plain = voice.label(title)
    return plain if names_time(title) else Markup("time to an event ({})").format(plain)


def share(voice: Voice, endpoint: str, censored: str = "") -> Markup:
    """What is left of 1 at a time: 'overall survival'; of a duration or an event the share without an event."""
    plain = voice.label(voice.names.title(endpoint))
    return plain if voice.names.names_share(endpoint) else Markup("the share without an event ({}{})").format(plain, censored)


def _endpoint(voice: Voice, analysis: str) -> str:
    return str(voice.study.analyses[analysis].options["endpoint"])


def _share(voice: Voice, analysis: str) -> Markup:
    censored = "; competing events censored" if voice.names.competes(analysis, voice.results) else ""
    return share(voice, _endpoint(voice, analysis), censored)


def _lasting(voice: Voice, analysis: str) -> Markup:
    """The time, with the landmark that it counts from where there is one."""
    since = voice.names.landmark(analysis)
    return lasting(voice, _endpoint(voice, analysis)) + (Markup(" from {}").format(voice.label(since)) if since else "")


def _when(voice: Voice, cell: Cell) -> Markup:
    """'6 months', of a landmark analysis '6 months after the landmark at 3 months'."""
    since = voice.names.landmark(cell.analysis)
    after = Markup(" after {}").format(voice.label(since)) if since else Markup()
    return voice.show(cell, "{at}") + after


def _label(voice: Voice, analysis: str) -> str:
    return voice.names.timed(analysis)


def _sides(voice: Voice, stem: str, keys: tuple[str, str], pattern: str) -> tuple[words.Side, words.Side]:
    x, y = (voice.cell(f"{stem}@{key}") for key in keys)
    return voice.side(x, voice.show(x, pattern)), voice.side(y, voice.show(y, pattern))
