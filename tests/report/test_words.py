"""The grammar, case by case: what a result is, and the sentence it may be given."""

import math

import pytest
from markupsafe import Markup

from report import lint, words
from report.words import Comparison, Side

M = Markup
X, Y = Side(M("in the A group"), M("80%")), Side(M("in the B group"), M("31%"))


def comparison(estimate=math.nan, lower=math.nan, upper=math.nan, p=math.nan, **more):
    known = not math.isnan(lower)
    shown = {
        "effect": M("difference 49 points; 95% CI, 8 to 73") if known else M(),
        "chance": M("P = .03") if not math.isnan(p) else M(),
        "span": M("8 to 73 points") if known else M(),
    }
    return Comparison(
        M("survival"), "share", X, Y, 0.05, estimate=estimate, lower=lower, upper=upper, p=p, **{**shown, **more}
    )


CASES = [
    # interval and test both exclude: said, in the direction of the estimate
    (
        dict(estimate=0.49, lower=0.08, upper=0.73, p=0.03),
        "more",
        "Survival was higher in the A group than in the B group (80% vs 31%; difference 49 points; 95% CI, 8 to 73; P = .03).",
    ),
    (
        dict(estimate=-0.49, lower=-0.73, upper=-0.08, p=0.03),
        "less",
        "Survival was lower in the A group than in the B group (80% vs 31%; difference 49 points; 95% CI, 8 to 73; P = .03).",
    ),
    # no test: the interval decides
    (
        dict(estimate=0.49, lower=0.08, upper=0.73),
        "more",
        "Survival was higher in the A group than in the B group (80% vs 31%; difference 49 points; 95% CI, 8 to 73).",
    ),
    # the interval includes the null: nothing is said to differ
    (
        dict(estimate=0.2, lower=-0.1, upper=0.5, p=0.2),
        "open",
        "Survival did not differ significantly between the A group and the B group (80% vs 31%; difference 49 points; "
        "95% CI, 8 to 73; P = .03).",
    ),
    # an upper limit on the null from above is not an exclusion when no test says so
    (
        dict(estimate=0.2, lower=0.0, upper=0.5),
        "open",
        "Survival did not differ significantly between the A group and the B group (80% vs 31%; difference 49 points; "
        "95% CI, 8 to 73).",
    ),
    # a closed rank interval that ends on the null its own test rejects: the test decides
    (
        dict(estimate=4.0, lower=0.0, upper=5.0, p=0.001),
        "more",
        "Survival was higher in the A group than in the B group (80% vs 31%; difference 49 points; 95% CI, 8 to 73; P = .03).",
    ),
    # interval and test disagree: nothing is claimed
    (
        dict(estimate=0.2, lower=-0.01, upper=0.5, p=0.04),
        "split",
        "Survival: 80% in the A group and 31% in the B group; interval and test do not agree (difference 49 points; "
        "95% CI, 8 to 73; P = .03), and nothing is claimed.",
    ),
    (
        dict(estimate=0.2, lower=0.01, upper=0.5, p=0.06),
        "split",
        "Survival: 80% in the A group and 31% in the B group; interval and test do not agree (difference 49 points; "
        "95% CI, 8 to 73; P = .03), and nothing is claimed.",
    ),
    # an interval of less confidence than alpha asks for can exclude the null where the test finds nothing
    (
        dict(estimate=0.2, lower=0.01, upper=0.5, p=0.06, loose=True),
        "open",
        "Survival did not differ significantly between the A group and the B group (80% vs 31%; difference 49 points; "
        "95% CI, 8 to 73; P = .03).",
    ),
    (
        dict(estimate=0.2, lower=-0.01, upper=0.5, p=0.04, loose=True),
        "split",
        "Survival: 80% in the A group and 31% in the B group; interval and test do not agree (difference 49 points; "
        "95% CI, 8 to 73; P = .03), and nothing is claimed.",
    ),
    # not estimable: says why
    (
        dict(why=M("no events in the A group")),
        "unknown",
        "Survival: 80% in the A group and 31% in the B group; the difference could not be estimated: no events in the A group.",
    ),
    (dict(), "unknown", "Survival: 80% in the A group and 31% in the B group; the difference could not be estimated."),
    # what is estimated and shown is not said to be missing: only its limits are, or its test
    (
        dict(estimate=0.49, effect=M("difference 49 points"), why=M("too few values")),
        "unknown",
        "Survival: 80% in the A group and 31% in the B group (difference 49 points); no limits could be given: too few values.",
    ),
    (
        dict(effect=M("difference 49 points; 95% CI, 8 to 73"), span=M("8 to 73 points"), why=M("all values are equal")),
        "unknown",
        "Survival: 80% in the A group and 31% in the B group (difference 49 points; 95% CI, 8 to 73); no test could be made: "
        "all values are equal.",
    ),
    (
        dict(effect=M("difference 49 points"), few=True, caution="there are fewer than five patients in a group"),
        "unknown",
        "Survival: 80% in the A group and 31% in the B group (difference 49 points); there are fewer than five patients in a "
        "group, and nothing is claimed.",
    ),
    # an interval that is not to be taken at its word takes no side; one that includes the null takes none anyway
    (
        dict(estimate=0.49, lower=0.08, upper=0.73, p=0.03, caution="there are fewer than five patients in a group"),
        "unsure",
        "Survival: 80% in the A group and 31% in the B group (difference 49 points; 95% CI, 8 to 73; P = .03); there are fewer "
        "than five patients in a group, and nothing is claimed.",
    ),
    (
        dict(estimate=0.2, lower=-0.1, upper=0.5, caution="there are fewer than five patients in a group"),
        "open",
        "Survival did not differ significantly between the A group and the B group (80% vs 31%; difference 49 points; "
        "95% CI, 8 to 73).",
    ),
    # a group too small to be tested is not said to differ significantly or not
    (
        dict(estimate=0.2, lower=-0.1, upper=0.5, caution="there are fewer than five patients in a group", few=True),
        "unsure",
        "Survival: 80% in the A group and 31% in the B group (difference 49 points; 95% CI, 8 to 73); there are fewer "
        "than five patients in a group, and nothing is claimed.",
    ),
    # a test alone, which way it points being known
    (dict(p=0.01, lean=0.3), "more", "Survival was higher in the A group than in the B group (80% vs 31%; P = .03)."),
    (dict(p=0.01, lean=-0.3), "less", "Survival was lower in the A group than in the B group (80% vs 31%; P = .03)."),
    (
        dict(p=0.5, lean=-0.3),
        "open",
        "Survival did not differ significantly between the A group and the B group (80% vs 31%; P = .03).",
    ),
    # P of exactly alpha is not below alpha
    (
        dict(p=0.05, lean=0.3),
        "open",
        "Survival did not differ significantly between the A group and the B group (80% vs 31%; P = .03).",
    ),
]


@pytest.mark.parametrize(("given", "verdict", "text"), CASES)
def test_sentence(given, verdict, text):
    c = comparison(**given)
    assert words.verdict(c) == verdict
    assert words.sentence(c) == text


@pytest.mark.parametrize(("given", "_verdict", "_text"), CASES)
def test_no_sentence_claims_too_much(given, _verdict, _text):
    assert lint.claims_too_much(str(words.sentence(comparison(**given)))) == []


def test_ratio_scale_and_sign():
    """A hazard ratio below one is a longer survival when the sign says so."""
    ratio = dict(estimate=0.2, lower=0.05, upper=0.8, null=1.0, p=0.02)
    assert words.verdict(comparison(**ratio)) == "less"
    assert words.verdict(comparison(**ratio, sign=-1)) == "more"


@pytest.mark.parametrize("given", [c[0] for c in CASES])
def test_swapping_the_groups_mirrors_the_verdict(given):
    c = comparison(**given)
    flip = {key: -value for key, value in given.items() if key in ("estimate", "lean")}
    if "lower" in given:
        flip |= {"lower": -given["upper"], "upper": -given["lower"]}
    mirrored = words.verdict(comparison(**{**given, **flip}))
    assert mirrored == {"more": "less", "less": "more"}.get(words.verdict(c), words.verdict(c))


def test_wide_interval_says_what_it_leaves_open():
    c = comparison(estimate=0.2, lower=-0.1, upper=0.5, p=0.2, wide=True, span=M("−10 to 50 points"))
    assert words.sentence(c).endswith(" The interval does not exclude differences from −10 to 50 points.")
    assert "does not exclude" not in words.sentence(c, tail=False)
    ratio = comparison(estimate=1.2, lower=0.4, upper=5, p=0.7, null=1.0, wide=True, span=M("0.40 to 5.0"))
    assert "does not exclude ratios from 0.40 to 5.0" in words.sentence(ratio)


@pytest.mark.parametrize(
    ("scale", "more", "less"),
    [
        ("time", "longer", "shorter"),
        ("moment", "later", "earlier"),
        ("share", "higher", "lower"),
        ("grade", "higher", "lower"),
    ],
)
def test_scale_chooses_the_adjective(scale, more, less):
    def said(estimate):
        low, high = sorted((estimate * 0.5, estimate * 1.5))
        return words.sentence(Comparison(M("x"), scale, X, Y, 0.05, estimate=estimate, lower=low, upper=high))

    assert f"was {more} in" in said(2)
    assert f"was {less} in" in said(-2)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.01, "Response differed among the three groups (1 in A, 2 in B and 3 in C; P = .01)."),
        (0.20, "Response did not differ significantly among the three groups (1 in A, 2 in B and 3 in C; P = .01)."),
        (math.nan, "Response could not be compared among the three groups (1 in A, 2 in B and 3 in C): too few."),
    ],
)
def test_three_groups_differ_but_never_which(p, expected):
    sides = [Side(M(f"in {g}"), M(str(i))) for i, g in enumerate("ABC", 1)]
    assert words.among(M("response"), sides, p, M("P = .01"), 0.05, M("too few")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Overall survival", "overall survival"),
        ("CAR transgene", "CAR transgene"),
        ("Ph-positive", "Ph-positive"),
        ("ECOG performance status", "ECOG performance status"),
        ("Age", "age"),
        ("Karnofsky score", "Karnofsky score"),
        ("TP53 mutation", "TP53 mutation"),
        ("", ""),
    ],
)
def test_labels_inside_a_sentence(text, expected):
    assert words.lower_first(text) == expected


def test_notes_stand_before_the_full_stop():
    assert words.noted(M("It was so."), M("Table 1")) == "It was so (Table 1)."
    assert words.noted(M("It was so."), M()) == "It was so."


@pytest.mark.parametrize(
    "text",
    [
        "There was no difference between the groups.",
        "The arms were similar.",
        "Survival was better with A.",
        "There was a trend toward benefit.",
        "The P value was borderline.",
        "P = 0.000",
        "The difference was NS.",
        "Treatment was safe.",
        "Rates were comparable.",
        "This improved survival.",
        "The effect of treatment was large.",
        "The result was significant.",
    ],
)
def test_the_lint_refuses(text):
    assert lint.claims_too_much(text) != []


@pytest.mark.parametrize(
    "text",
    [
        "Response did not differ significantly between A and B (P = .40).",
        "Interval and test do not agree, and nothing is claimed.",
        "A difference was not significant; the interval shows what is not excluded.",
    ],
)
def test_the_lint_lets_pass(text):
    assert lint.claims_too_much(text) == []


def test_nothing_claimed_in_brief():
    """After a sentence that has both values already."""
    c = comparison(estimate=0.49, lower=0.08, upper=0.73, caution="there are fewer than five patients in a group")
    assert words.sentence(c, brief=True) == (
        "There are fewer than five patients in a group, and nothing is claimed of the difference (difference 49 points; "
        "95% CI, 8 to 73)."
    )


def test_values_have_parentheses_where_they_stand_in_none_and_brackets_where_they_do():
    """An address may hold brackets of its own, and keeps them."""
    x, y = (Side(M(f"in the {group} group"), M(f'<data value="a/b[{group}]">2/3 [67%]</data>')) for group in "AB")
    few = Comparison(M("response"), "share", x, y, 0.05, effect=M("difference 0 points"), few=True, caution="they are few")
    said = str(words.sentence(few))
    assert said.startswith('Response: <data value="a/b[A]">2/3 (67%)</data> in the A group and <data value="a/b[B]">2/3 (67%)')
    more = Comparison(M("response"), "share", x, y, 0.05, estimate=0.4, lower=0.1, upper=0.6)
    assert '(<data value="a/b[A]">2/3 [67%]</data> vs' in str(words.sentence(more))
