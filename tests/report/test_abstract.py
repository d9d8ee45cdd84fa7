"""The parts of an audit: sentences, cues, contradictions among numbers."""

import pytest

from report import cues, rechecks
from report.manuscript import Manuscript, plain


def parts(text):
    return [(s.part, s.text) for s in Manuscript("a.txt", plain(text)).sentences]


def test_sentences_know_their_part():
    assert parts(
        "Background: One thing. Methods: Two (vs. three) were e.g. seen. Results: It was 0.5. P = .03 was seen."
        "Conclusion: Good."
    ) == [
        ("background", "One thing."),
        ("methods", "Two (vs. three) were e.g. seen."),
        ("results", "It was 0.5."),
        ("results", "P = .03 was seen."),
        ("conclusion", "Good."),
    ]
    assert parts("No labels here. Just text") == [("", "No labels here."), ("", "Just text")]
    assert parts("Results of others differ. RESULTS We saw it.") == [
        ("", "Results of others differ."),
        ("results", "We saw it."),
    ]


def test_sentences_stand_where_they_say():
    text = Manuscript("a.txt", plain("Background: One  thing.\nResults:  “Two” things.  Three."))
    assert [text.plain[s.start : s.end] for s in text.sentences] == [s.text for s in text.sentences]


def test_quotations_are_found_whatever_their_quotes_and_spaces():
    text = Manuscript("a.txt", plain("The\u00a0“better” group’s peak was higher.Next"))
    assert text.find('the "better" group\'s\n peak was higher.')
    assert text.find("group's peak was high") is None  # words are whole
    assert text.find("") is None


@pytest.mark.parametrize(
    "text",
    [
        "CRS was milder in the R group.",
        "The peak was earlier in D.",
        "There was no difference in age.",
        "PFS did not differ.",
        "Rates were similar.",
        "It was well tolerated.",
        "It is an effective salvage.",
        "Death was less frequent with R.",
        "Age was associated with death.",
        "X was superior.",
        "PFS was longer than OS.",
        "It was significantly so.",
    ],
)
def test_statements_are_seen(text):
    assert cues.claims(text)


@pytest.mark.parametrize(
    "text",
    [
        "Grade 3 or higher CRS was seen.",
        "More than 5% of cells.",
        "Patients older than 18.",
        "Ten patients relapsed.",
        "Fewer than 10 cells.",
        "Further studies are needed.",
        "Earlier studies have shown it.",
        "Higher than 5 copies.",
    ],
)
def test_thresholds_and_plain_facts_are_no_statements(text):
    assert cues.claims(text) == []


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("R improved PFS.", True),
        ("R reduced the risk.", True),
        ("It led to death.", True),
        ("The effect of R on OS.", True),
        ("Deaths due to CRS.", True),
        ("Blasts were reduced in all.", False),
        ("Adverse effects of R.", False),
        ("R was associated with longer PFS.", False),
        ("PFS was higher in R.", False),
    ],
)
def test_words_of_cause(text, cause):
    assert bool(cues.causes(text)) is cause


@pytest.mark.parametrize(
    "text",
    [
        "ORR was 9/10 (90%) and 85% (11/13).",
        "CR in 1 of 3 patients (33%).",
        "2/3 (66.7%)",
        "1/8 (13%)",
        "1/8 (12%)",
        "HR 0.45 (95% CI, 0.20–0.95; P = .03)",
        "HR, 0.45; 95% CI, 0.20 to 1.95; P = .30",
        "survival 90% (95% CI, 47%–99%)",
        "difference −12 percentage points (95% CI, −20 to −3; P = .01)",
        "OR 1,200 (95% CI 1,000-1,500)",
        "P < .001",
        "HR 0·45 (95% CI 0·20–1·00; P = .05)",
    ],
)
def test_numbers_that_agree(text):
    assert list(rechecks.faults(text)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("11 of 13 patients (84%)", "11/13 is not 84%"),
        ("66% (2/3)", "2/3 is not 66%"),
        ("14/13 (100%)", "14 of 13 is more than all"),
        ("HR 0.45 (95% CI, 0.50–0.95)", "outside its own interval"),
        ("HR 0.45 (95% CI, 0.95–0.20)", "wrong order"),
        ("HR 0.45 (95% CI, 0.20–1.95; P = .03)", "which it holds"),
        ("HR 0.45 (95% CI, 0.20–0.95; P = .30)", "which it leaves out"),
        ("difference 5 percentage points (95% CI, −27 to 33; P = .01)", "which it holds"),
        ("P = .000", "never 0"),
        ("P = 1.2", "no probability"),
    ],
)
def test_numbers_that_contradict_each_other(text, said):
    assert said in " ".join(rechecks.faults(text))
