"""Reference values of tables, proportions, trends and balance, on public data, against R.

`COVERED` states how many entries of a family are compared, so that the comparison can't shrink unseen.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import oracle_entries as source
import pytest
from oracle_entries import Entry, number, same

from stats.methods import balance, proportions, ranks, tables


def table_of(oracle: Path, entry: Entry) -> np.ndarray:
    """The entry's table; counted from the data as well where they can be had, and then the two must agree."""
    given, frame = np.array(entry["input"]["table"]), source.data(oracle, entry)
    if frame is not None and "row_levels" in entry["input"]:
        columns = entry["input"]["columns"]
        counted = source.crosstab(frame, columns["row"], columns["col"], entry["input"]["row_levels"],
                                  entry["input"]["col_levels"])
        assert (counted == given).all(), entry["id"]
    return given


def chi_square(oracle: Path, entry: Entry) -> bool:
    values, table = entry["values"], table_of(oracle, entry)
    found = tables.chi_square(table, yates=".chisq_yates." in entry["id"])
    if (table.sum(axis=0) == 0).any():  # R divides by an expected count of 0
        assert math.isnan(number(values["p"]))
        assert not math.isnan(found.p_value)
        return True
    for result, key in ((found.statistic, "chi2"), (found.df, "df"), (found.p_value, "p")):
        same(result, values[key])
    return True


def fisher_2x2(oracle: Path, entry: Entry) -> bool:
    table, values = table_of(oracle, entry), entry["values"]
    same(tables.fisher(table).p_value, values["p"])
    (a, b), (c, d) = table.tolist()
    found, precise = proportions.odds_ratio(a, a + b, c, c + d), values["precise"]
    for result, key in ((found.estimate, "or_conditional_mle"), (found.lower, "ci_lower"), (found.upper, "ci_upper")):
        same(result, precise[key])
    return True


def fisher_rxc(oracle: Path, entry: Entry) -> bool:
    table = table_of(oracle, entry)
    found = tables.fisher(table)
    if math.isnan(found.p_value):  # some nine hundred patients in three rows and columns: Pearson's case by the rule
        assert found.note == tables.TOO_LARGE
        assert tables.association(table).method == "pearson-chi-square"
        return False
    same(found.p_value, entry["values"]["p"])
    return True


def proportion(oracle: Path, entry: Entry) -> bool:
    values = entry["values"]
    for method, key in ((proportions.clopper_pearson, "clopper_pearson"), (proportions.wilson, "wilson")):
        found = method(values["x"], values["n"])
        same(found.estimate, values["p"])
        same(found.lower, values[key][0])
        same(found.upper, values[key][1])
    frame, given = source.data(oracle, entry), entry["input"]
    if frame is not None and "event" in given:
        level = entry["id"].removeprefix(".".join(entry["id"].split(".")[:2])).split(".")[-1]
        rows = frame[(frame[given["columns"]["group"]].map(source.text) == level)][given["columns"]["outcome"]].dropna()
        assert [int((rows.map(source.text) == source.text(given["event"])).sum()), len(rows)] == [values["x"],
                                                                                                values["n"]]
    return True


def two_by_two(entry: Entry) -> tuple[int, int, int, int]:
    (x1, x2), (n1, n2) = entry["input"]["x"], entry["input"]["n"]
    return x1, n1, x2, n2


def risk_difference(_: Path, entry: Entry) -> bool:
    values = entry["values"]
    for method, key in ((proportions.newcombe, "newcombe"), (proportions.miettinen_nurminen, "miettinen_nurminen")):
        found = method(*two_by_two(entry))
        same(found.estimate, values["difference"])
        same(found.lower, values[key][0])
        same(found.upper, values[key][1])
    return True


def risk_ratio(_: Path, entry: Entry) -> bool:
    values, counts = entry["values"], two_by_two(entry)
    found = proportions.risk_ratio(*counts)
    same(found.estimate, values["rr"])
    same(found.lower, values["koopman"][0])
    same(found.upper, values["koopman"][1])
    n = counts[1] + counts[3]
    wider = proportions.risk_ratio(*counts, inflation=n / (n - 1))
    same(wider.lower, values["miettinen_nurminen"][0])
    same(wider.upper, values["miettinen_nurminen"][1])
    return True


def odds_ratio(_: Path, entry: Entry) -> bool:
    found, values = proportions.odds_ratio(*two_by_two(entry)), entry["values"]
    for result, key in ((found.estimate, "or_conditional"), (found.lower, "exact_lower"),
                        (found.upper, "exact_upper")):
        same(result, values[key], 1e-2)  # fisher.test itself is no better; fisher_2x2 has the precise values
    x1, n1, x2, n2 = two_by_two(entry)
    same(tables.fisher([[x1, n1 - x1], [x2, n2 - x2]]).p_value, values["fisher_p"])
    return True


def smd(oracle: Path, entry: Entry) -> bool:
    frame, given = source.data(oracle, entry), entry["input"]
    assert frame is not None
    column, levels = given["columns"]["group"], given["groups"]
    group = frame[column].map(source.text)
    frame = frame[group.isin([source.text(level) for level in levels])]
    categorical = given["columns"].get("categorical") or []
    categorical = [categorical] if isinstance(categorical, str) else categorical
    for variable, expected in entry["values"].items():
        if variable in categorical:
            seen = sorted(frame[variable].dropna().unique().tolist(), key=str)
            counts = source.crosstab(frame, column, variable, levels, seen)
            found = {(i, j): balance.smd_levels(counts[i], counts[j])
                     for i in range(len(levels)) for j in range(i + 1, len(levels))}
        else:
            parts = [frame.loc[frame[column].map(source.text) == source.text(level), variable].to_numpy(float)
                     for level in levels]
            found = {(i, j): balance.smd_number(parts[i], parts[j])
                     for i in range(len(levels)) for j in range(i + 1, len(levels))}
        for (i, j), one in found.items():
            same(one.estimate, expected[f"{i + 1} vs {j + 1}"])
        if len(levels) > 2:
            same(float(np.mean([one.estimate for one in found.values()])), expected["average"])
    return True


def tableone_p(oracle: Path, entry: Entry) -> bool:
    frame, given, values = source.data(oracle, entry), entry["input"], entry["values"]
    assert frame is not None
    column, levels = given["columns"]["group"], given["groups"]
    for variable, expected in (values.get("continuous") or {}).items():
        parts = [frame.loc[frame[column].map(source.text) == source.text(level), variable].dropna().to_numpy(float)
                 for level in levels]
        same(ranks.kruskal(parts).p_value, expected["pNonNormal"])
        same(ranks.anova(parts).p_value, expected["pNormal"])
    for variable, expected in (values.get("categorical") or {}).items():
        seen = sorted(frame[variable].dropna().unique().tolist(), key=str)
        counts = source.crosstab(frame, column, variable, levels, seen)
        same(tables.chi_square(counts, yates=True).p_value, expected["pApprox"])
        exact = tables.fisher(counts)
        if expected.get("pExact", "NA") != "NA" and not math.isnan(exact.p_value):
            same(exact.p_value, expected["pExact"])
    return True


def trend(oracle: Path, entry: Entry) -> bool:
    table = np.array(entry["input"]["table"]).T
    scores, values, family = entry["input"]["scores"], entry["values"], entry["id"].split(".")[1]
    if family == "cochran_armitage":
        found = tables.cochran_armitage(table, scores)
        same(found.statistic, values["chi2"])
    else:
        exact = family == "linear_by_linear_exact"
        found = tables.linear_by_linear(table, exact=exact, column_scores=scores)
        same(math.sqrt(found.statistic), abs(number(values["Z" if exact else "z"])))
        assert found.exact is exact
    same(found.p_value, values["p"])
    return True


def linear_rc(_: Path, entry: Entry) -> bool:
    given = entry["input"]
    found = tables.linear_by_linear(given["table"], exact=False, row_scores=given["row_scores"],
                                    column_scores=given["col_scores"])
    same(found.statistic, entry["values"]["chi2_formula"])
    same(found.p_value, entry["values"]["p_formula"])
    return True


def adverse_events(oracle: Path, entry: Entry) -> bool:
    events = source.data(oracle, entry | {"input": {}})
    assert events is not None
    kept = events[(events["TRTEMFL"] == "Y") & (events["SAFFL"] == "Y")]
    overview = next(e for e in source.entries(oracle, "ae_overview"))["values"]["denominators"]
    for term, expected in entry["values"].items():
        of = kept[kept["AEDECOD"] == term].drop_duplicates("USUBJID")["TRTA"].value_counts()
        table = [[of.get(arm, 0), overview[arm] - of.get(arm, 0)] for arm in ("Xanomeline High Dose", "Placebo")]
        same(tables.fisher(table).p_value, expected)
    return True


COVERED = {
    "chisq_nocorrection": (chi_square, 54), "chisq_yates": (chi_square, 26), "fisher_2x2": (fisher_2x2, 26),
    "fisher_rxc": (fisher_rxc, 27), "proportion": (proportion, 33), "risk_difference": (risk_difference, 15),
    "risk_ratio": (risk_ratio, 15), "odds_ratio": (odds_ratio, 15), "smd": (smd, 18), "tableone_p": (tableone_p, 18),
    "cochran_armitage": (trend, 8), "linear_by_linear": (trend, 8), "linear_by_linear_exact": (trend, 8),
    "linear_by_linear_rc": (linear_rc, 3), "ae_fisher_high_vs_placebo": (adverse_events, 1),
}


@pytest.mark.parametrize("family", COVERED)
def test_agrees_with_r(oracle: Path, family: str) -> None:
    check, expected = COVERED[family]
    assert source.walk(oracle, family, check) == expected


def test_every_filter_of_these_families_is_understood(oracle: Path) -> None:
    unknown = [entry["id"] for entry in source.entries(oracle, *COVERED)
               if ".ae_" not in entry["id"] and source.data(oracle, entry) is None]
    assert unknown == []
