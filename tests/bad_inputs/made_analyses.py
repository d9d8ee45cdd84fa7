"""The blocks of a made study that ask for something: populations, endpoints, methods, analyses, claims."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

KINDS = (
    "characteristics",
    "proportion",
    "survival",
    "incidence",
    "followup",
    "hazards",
    "sensitivity",
    "adverse-events",
    "kinetics",
    "flow",
)
TIMES = ("os", "pfs", "relapse", "state")
VARIABLES = ("age", "dose", "sex", "stage", "marker")


def some(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of these keys, or none."""
    return st.fixed_dictionaries({}, optional=keys)


def several(*names: str, least: int = 1) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=least, max_size=len(names), unique=True)


def conditions() -> st.SearchStrategy[str]:
    compared = st.builds(
        "{} {} {}".format,
        st.sampled_from(["age", "dose"]),
        st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
        st.sampled_from(["34", "50", "0", "1e3", "-1"]),
    )
    plain = [
        "marker",
        "sex == 'M'",
        "stage in ['0', '1']",
        "sex not in ['F']",
        "known(age)",
        "missing(relapse)",
        "start >= '2020-01-07'",
    ]
    return st.recursive(
        compared | st.sampled_from(plain),
        lambda inner: (
            st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
            | st.builds("not {}".format, inner)
        ),
        max_leaves=5,
    )


def populations() -> st.SearchStrategy[dict[str, Any]]:
    of = st.fixed_dictionaries(
        {}, optional={"label": st.sampled_from(["those evaluable", "patients of 50 years"]), "where": conditions()}
    )
    return st.fixed_dictionaries({"all": st.just({"label": "all patients"}), "chosen": of})


def endpoints() -> st.SearchStrategy[dict[str, Any]]:
    unit = {"unit": st.sampled_from(["days", "weeks", "months", "years"])}
    named = {
        "label": st.sampled_from(["Survival", "Time to X", "Überleben"]),
        "short": st.sampled_from(["OS", "EFS"]),
        "definition": st.just("Time from infusion to what counts"),
        "better": st.sampled_from(["higher", "lower"]),
    }

    def of(*optional: str, **fixed: Any) -> st.SearchStrategy[dict[str, Any]]:
        allowed = {**named, **unit}
        return some(**{key: allowed[key] for key in optional}).map(lambda more: fixed | more)

    return st.fixed_dictionaries(
        {
            "os": of("label", "short", "unit", start="start", event=["death"], censor=["last"]),
            "pfs": of("label", "definition", start="start", event=["relapse", "death"], censor=["last"]),
            "relapse": of("label", "better", start="start", event=["relapse"], competing=["death"], censor=["last"]),
            "state": of("label", time="months", status="state"),
            "stable": of("label", "better", column="stage", responses=["1", "2"]),
            "marked": st.builds(lambda where: {"label": "Marked", "where": where}, conditions()),
        }
    )


def methods() -> st.SearchStrategy[dict[str, Any]]:
    limits = st.sampled_from(["log-log", "log", "plain"])
    return some(
        proportion_interval=st.sampled_from(["clopper-pearson", "wilson"]),
        difference_interval=st.sampled_from(["newcombe", "miettinen-nurminen"]),
        survival_interval=limits,
        incidence_interval=limits,
        rate_difference=st.sampled_from(["mover", "greenwood"]),
        logrank_test=st.sampled_from(["log-rank", "permutation"]),
        ties=st.sampled_from(["efron", "breslow"]),
        rmst_interval=st.sampled_from(["normal", "small-sample", "auto"]),
        shift_interval=st.sampled_from(["exact", "normal"]),
        quantile_type=st.integers(1, 9),
        exact_limit=st.sampled_from([0, 5, 60]),
        fisher_limit=st.sampled_from([0, 5, 100]),
        fewest=st.integers(2, 6),
        multiplicity=st.sampled_from(["none", "holm", "hochberg", "bh"]),
    )


@st.composite
def _analysis(draw: st.DrawFn, kind: str, arms: list[str]) -> dict[str, Any]:
    at = st.lists(st.sampled_from([0, 1, 0.5, 3, 6, 12, 24]), max_size=3, unique=True).map(sorted)
    time, flag = st.sampled_from(TIMES), st.booleans()
    by = {"by": st.sampled_from(["arm", "sex", "stage"])}
    must: dict[str, Any] = {}
    may: dict[str, Any] = {}
    match kind:
        case "characteristics":
            must = {"variables": several(*VARIABLES)}
            may = {"test": flag, "means": st.just(["age"]), "balanced": st.sampled_from([0, 0.1, 0.2]), **by}
        case "proportion":
            must, may = {"outcomes": several("stable", "marked")}, {"test": flag, "trend": flag, **by}
        case "survival":
            must = {"endpoint": time}
            may = {
                "at": at,
                "ticks": at,
                "landmark": st.sampled_from([0, 1, 6]),
                "strata": st.sampled_from(["sex", "stage"]),
                "trend": flag,
                **by,
            }
        case "incidence":
            must, may = {"endpoint": st.sampled_from(["relapse", "state", "os"])}, {"at": at, "ticks": at, **by}
        case "followup":
            must, may = {"endpoint": time}, by
        case "hazards":
            must = {"endpoint": time, "variables": several("arm", *VARIABLES)}
            may = {"multivariable": flag}
        case "sensitivity":
            must, may = {"endpoints": several("pfs", "relapse", "state", least=2)}, {"at": at, **by}
        case "adverse-events":
            must, may = {"terms": several("crs", "rash", "worst")}, {"severe": st.integers(1, 5), **by}
        case "kinetics":
            must = {"analyte": st.just("copies")}
            may = {
                "at": st.sampled_from([[0, 7], [28]]),
                "individuals": st.sampled_from([0, 3, 300]),
                "lloq": st.just(6),
                "window": st.sampled_from([[0, 14], [7, 7]]),
                **by,
            }
        case "flow":
            must, may = {"stages": st.just(["consented", "treated"])}, {"reason": st.just("why")}
    shared = {"family": st.sampled_from(["main", "other"]), "label": st.just("Named analysis")}
    if kind not in ("flow", "adverse-events"):
        shared |= {"confidence": st.sampled_from([0.8, 0.99])}
    if kind not in ("flow", "followup"):
        shared |= {"fewest": st.integers(2, 4)}
    if kind == "hazards" and draw(st.booleans()):
        may["multivariable"] = st.just(["age", "sex"])
    if kind != "flow":
        shared["population"] = st.sampled_from(["all", "chosen"])
    of: dict[str, Any] = {
        "kind": kind,
        **draw(st.fixed_dictionaries(must)),
        **draw(some(**may)),
        **draw(some(**shared)),
    }
    if "means" in of and "age" not in of["variables"]:
        del of["means"]
    if of.get("strata") == of.get("by", "arm"):
        del of["strata"]
    return of


@st.composite
def analyses(draw: st.DrawFn, arms: list[str]) -> dict[str, Any]:
    """Nought to four analyses of any kind; two may be of one kind."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=0, max_size=4))
    return {f"{kind.partition('-')[0]}_{number}": draw(_analysis(kind, arms)) for number, kind in enumerate(kinds)}


@st.composite
def claims(draw: st.DrawFn, asked: dict[str, Any], arms: list[str]) -> dict[str, Any]:
    """A judgement, and what might be said of the analyses there are."""
    made: dict[str, Any] = {}
    if draw(st.booleans()):
        made["judged"] = {
            "quote": "Treatment was feasible",
            "type": "judgement",
            **draw(some(signed_off_by=st.just("A. Nobody"))),
        }
    if len(arms) < 2:
        return made
    pair = f"{arms[1]}:{arms[0]}"
    for name, of in asked.items():
        if of.get("by", "arm") != "arm" or not draw(st.booleans()):
            continue
        where = {
            "survival": "hazard",
            "incidence": "subhazard",
            "proportion": f"{of.get('outcomes', ['x'])[0]}.difference",
        }
        if of["kind"] in where:
            made[name] = {
                "quote": "The groups were told apart",
                "type": draw(st.sampled_from(["difference", "no-difference"])),
                "result": f"{name}/{where[of['kind']]}@{pair}",
                "expect": draw(st.sampled_from([f"{arms[1]} > {arms[0]}", f"{arms[0]} better than {arms[1]}"])),
            }
            if made[name]["type"] == "no-difference":
                del made[name]["expect"]
    return made
