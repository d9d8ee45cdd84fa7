"""The exhibits and sections of a made study: the usual ones, or declared ones with any of their options."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.bad_inputs.made_analyses import several, some

SHOWN = {  # exhibits that show an analysis of each kind; a forest is refused where it has nothing to show
    "characteristics": ["characteristics"],
    "proportion": ["proportion", "forest"],
    "survival": ["survival-curve", "survival", "forest"],
    "incidence": ["incidence-curve", "incidence", "forest"],
    "hazards": ["hazards", "forest"],
    "sensitivity": ["sensitivity"],
    "adverse-events": ["adverse-events", "grades", "shift"],
    "kinetics": ["kinetics", "course", "dots"],
    "flow": ["flow"],
}
TOGETHER = ("proportion", "forest", "survival", "incidence", "hazards", "sensitivity", "adverse-events", "kinetics")
TOGETHER += ("survival-curve", "incidence-curve", "course", "dots")
ON = st.booleans()
CURVE = {
    "percent": ON,
    "bands": ON,
    "key": ON,
    "overall": ON,
    "x_title": st.just("Since"),
    "counts": several("at_risk", "events", "censored"),
}
OPTIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "characteristics": {"total": ON},
    "proportion": {"ratios": ON},
    "adverse-events": {"grades": ON, "spells": ON},
    "kinetics": {"measures": several("peak", "tmax", "auc", "last_day", "last", "persistence")},
    "survival-curve": {**CURVE, "few": st.integers(0, 9)},
    "incidence-curve": {**CURVE, "competing": ON},
    "course": {"overlaid": ON, "patients": ON, "counts": ON, "x_title": st.just("Since")},
    "dots": {"measures": several("peak", "tmax"), "compare": ON},
    "grades": {"tests": ON},
    "flow": {"arms": ON},
    "forest": {
        "statistic": st.sampled_from(["hazard", "adjusted", "subhazard", "odds_ratio", "risk_ratio", "difference"]),
        "at": st.sampled_from([1, 6]),
    },
}


@st.composite
def exhibits(draw: st.DrawFn, asked: dict[str, Any]) -> dict[str, Any]:
    """The usual ones, or declared ones which a section shows; several analyses of a kind may stand in one."""
    if draw(st.booleans()):
        return {}
    made: dict[str, Any] = {}
    for name, of in asked.items():
        kinds = SHOWN.get(of["kind"], [])
        if not kinds or not draw(st.booleans()):
            continue
        kind = draw(st.sampled_from(kinds))
        alike = [other for other, its in asked.items() if its["kind"] == of["kind"]]
        both = len(alike) > 1 and kind in TOGETHER and draw(st.booleans())
        made[f"{name}-x"] = {
            "kind": kind,
            "of": alike if both else name,
            **draw(some(title=st.just("What was found"))),
            **draw(some(**OPTIONS.get(kind, {}))),
        }
    for kind in draw(st.sets(st.sampled_from(["ledger", "claims"]))):
        made[f"{kind}-x"] = {"kind": kind}
    if not made:
        return {}
    names = list(made)
    cut = draw(st.integers(1, len(names)))
    closing = [{"id": name} for name in ("methods", "limitations", "reproducibility") if draw(st.booleans())]
    shown = [{"id": "all", "title": "Results", "exhibits": names[:cut]}]
    shown += [{"id": "more", "level": 3, "exhibits": names[cut:]}] if names[cut:] else []
    return {"exhibits": made, "sections": [*shown, *closing]}
