"""audit: an abstract's claims, its undeclared statements, its numbers; and what a build says of abstract.txt."""

import json
import zipfile

import pytest

import build_report
from tests.sixteen import ABSTRACT, change


def findings(folder, run, *options):
    said = run("audit", folder / "abstract.txt", folder, "--json", *options)
    return said, json.loads(said.out)


def codes(found):
    return [one["code"] for one in found["findings"]]


def test_the_claims_verdicts_and_the_exit_code(run, study):
    said, found = findings(study, run)
    verdicts = {one["name"]: one["verdict"] for one in found["claims"]}
    assert verdicts == {"response": "not shown", "share": "supported"}
    assert codes(found) == []
    assert said.code == 4  # "did not differ" without a margin is never supported
    assert found["failed"] == 1


def test_all_holds_once_nothing_is_overclaimed(run, study):
    text = (study / "study.toml").read_text("utf-8")
    start = text.index("[claims.response]")
    (study / "study.toml").write_text(text[:start] + text[text.index("[claims.share]") :], "utf-8")
    change(study / "abstract.txt", "; complete response did not differ between the groups", "")
    said = run("audit", study / "abstract.txt", study)
    assert said.code == 0, said.all
    assert "1 of 1 claims supported, 0 further findings, 0 of 2 numbers without a result. All holds." in said.out


def test_an_undeclared_comparison_is_shown_with_its_words(run, study):
    change(study / "abstract.txt", "between the groups.", "between the groups. Toxicity was milder in the R group.")
    said, found = findings(study, run)
    assert said.code == 4
    assert codes(found) == ["V_UNDECLARED"]
    assert "“milder”" in found["findings"][0]["reason"]
    assert "Toxicity was milder in the R group" in found["findings"][0]["reason"]


@pytest.mark.parametrize(
    "said_now",
    ["complete response did differ between the groups", "complete response didn't quite differ between the groups"],
)
def test_a_quote_that_changed_is_stale_and_the_new_words_are_undeclared(run, study, said_now):
    change(study / "abstract.txt", "complete response did not differ between the groups", said_now)
    _, found = findings(study, run)
    stale = [one for one in found["findings"] if one["code"] == "V_STALE_QUOTE"]
    assert [one["claim"] for one in stale] == ["response"]
    assert "the nearest sentence is now" in stale[0]["reason"]


def test_a_negation_makes_a_quote_stale(run, study):
    change(study / "study.toml", "complete response did not differ between the groups", "OS was higher in the R group")
    (study / "abstract.txt").write_text(
        ABSTRACT.replace("complete response did not differ between the groups", "OS was not higher in the R group"),
        "utf-8",
    )
    _, found = findings(study, run)
    assert codes(found) == ["V_STALE_QUOTE", "V_UNDECLARED"]


def test_background_and_methods_are_not_searched_but_for_the_arms(run, study):
    _, found = findings(study, run)
    assert codes(found) == []  # "Better treatments are needed"
    change(study / "abstract.txt", "Better treatments are needed.", "The R group did better than the D group.")
    _, found = findings(study, run)
    assert codes(found) == ["V_UNDECLARED"]


@pytest.mark.parametrize(("design", "expected"), [("retrospective cohort", True), ("randomised trial", False)])
def test_words_of_cause_need_a_randomised_comparison(run, study, design, expected):
    change(study / "study.toml", "retrospective cohort", design)
    change(
        study / "study.toml",
        "complete response did not differ between the groups",
        "R cells improved complete response",
    )
    change(
        study / "abstract.txt",
        "complete response did not differ between the groups",
        "R cells improved complete response",
    )
    said, found = findings(study, run)
    assert ("V_CAUSAL_WORDING" in codes(found)) is expected
    if expected:
        one = found["findings"][codes(found).index("V_CAUSAL_WORDING")]
        assert "retrospective cohort, not randomised" in one["reason"]
        assert "was associated with" in one["remedy"]
        assert codes(found).count("V_CAUSAL_WORDING") == 1  # said of the claim, not again of the text
    assert said.code == 4


def test_a_printed_number_that_is_off_by_one_digit(run, study):
    change(study / "study.toml", 'printed = { R = "75%" }', 'printed = { R = "76%" }')
    change(study / "study.toml", "seen in 75% of", "seen in 76% of")
    change(study / "abstract.txt", "75%", "76%")
    said, found = findings(study, run)
    share = next(one for one in found["claims"] if one["name"] == "share")
    assert (share["verdict"], share["not_in_the_data"]) == ("value mismatch", ["R: 76"])
    assert [n["how"] for n in found["numbers"]] == ["found", "differs"]
    assert said.code == 4


def test_numbers_are_bound_or_listed(run, study):
    change(
        study / "abstract.txt",
        "between the groups.",
        "between the groups. OS at 12 months was 100% in the R group and 50% in the D group (95% CI, 15% to 77%). "
        "Median hope was 17.3 units.",
    )
    _, found = findings(study, run)
    bound = {n["text"]: (n["how"], n["address"]) for n in found["numbers"]}
    assert bound["16"] == ("found", "study/subjects@all")
    assert bound["75"] == ("declared", "response/cr@R")
    assert bound["100"] == ("found", "os/survival~12@R")
    assert bound["50"] == ("found", "os/survival~12@D")
    assert bound["12"][0] == "time"
    assert bound["17.3"][0] == "unbound"


def test_the_table_for_people(run, study):
    said = run("audit", study / "abstract.txt", study)
    assert said.out.startswith("abstract.txt: 4 sentences, 2 declared claims, 2 numbers")
    assert "not shown" in said.out
    assert "Something has to change before this is sent." in said.out


def word(path, paragraphs):
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "".join(f"<w:p>{p}</w:p>" for p in paragraphs)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>")


def test_a_word_document_is_read_with_its_changes_accepted(run, study):
    def text(said):
        return f"<w:r><w:t>{said}</w:t></w:r>"

    word(
        study / "abstract.docx",
        [
            text("Results"),
            text("Complete response was seen in 75% of the R group; ")
            + "<w:ins>"
            + text("complete response did not differ")
            + "</w:ins>"
            + "<w:del><w:r><w:delText>complete response was higher</w:delText></w:r></w:del>"
            + text(" between the groups."),
        ],
    )
    said = run("audit", study / "abstract.docx", study, "--json")
    assert codes(json.loads(said.out)) == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("gone.txt", None, "E_FILE_MISSING"),
        ("a.pdf", b"%PDF-1.7", "E_WRONG_TYPE"),
        ("a.docx", b"no zip", "E_WRONG_TYPE"),
        ("a.txt", b"caf\xe9", "E_ENCODING"),
        ("b.txt", b" \n", "E_EMPTY_FILE"),
    ],
)
def test_texts_that_cannot_be_read(run, study, name, content, code):
    if content is not None:
        (study / name).write_bytes(content)
    said = run("audit", study / name, study)
    assert said.code == 2
    assert code in said.err


def test_a_folder_is_no_text(run, study):
    said = run("audit", study, study)
    assert said.code == 2
    assert f"E_NOT_A_FILE {study.name}: {study} is a folder" in said.err


def test_a_build_reads_the_abstract_beside_the_study(run, study, tmp_path):
    out = tmp_path / "report"
    build = ("build", study, "--out", out, "--formats", "html", "--quiet")
    change(study / "abstract.txt", "between the groups.", "between the groups. Toxicity was milder in the R group.")
    assert run(*build).code == 0  # only --audit makes it count
    found = json.loads((out / "findings.json").read_text("utf-8"))
    assert [one["code"] for one in found] == ["V_NO_MARGIN", "V_UNDECLARED"]
    said = run(*build, "--audit")
    assert said.code == 4
    assert "milder" in said.err
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert (
        "abstract.txt" in manifest["about"]["inputs"] if "about" in manifest else "abstract.txt" in manifest["inputs"]
    )
    (study / "abstract.txt").unlink()
    assert run(*build, "--audit").code == 4  # the claim without a margin
    assert "V_UNDECLARED" not in (out / "findings.json").read_text("utf-8")
    (study / "abstract.txt").write_text(ABSTRACT.replace("75%", "74%"), "utf-8")
    run(*build)  # an abstract that came since is noticed
    assert "V_STALE_QUOTE" in (out / "findings.json").read_text("utf-8")


def test_the_shipped_abstract_is_quoted_whole_and_declares_every_statement(run):
    said = run("audit", f"{build_report.ROOT}/data/cart/abstract.txt", "--json")
    found = json.loads(said.out)
    assert said.code == 4
    assert found["findings"] == []
    assert sum(one["supported"] for one in found["claims"]) == 2
    assert [(n["text"], n["how"]) for n in found["numbers"]] == [
        ("23", "found"),
        ("2019", "unbound"),
        ("2024", "date"),
        ("99.31", "declared"),
        ("0.32", "declared"),
        ("28", "time"),
        ("12", "time"),
    ]
