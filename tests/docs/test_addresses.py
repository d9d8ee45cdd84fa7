"""docs/addresses.md describes every address and every statistic that an analysis makes."""

import re

from tests.docs.pages import read, rows, section

PAGE = read("addresses.md")
GROUPS = {"@X:Y": "@[^@:]+:[^@:]+", "@arms": "@arms", "@all": "@all", "@G": "@[^@:]+"}
COMMON = ("A/population@G", ["n"])


def pattern(address: str) -> re.Pattern[str]:
    """An address of the page as a regular expression: words in capitals stand for names, T for a time."""
    stem, mark, group = address.partition("@")
    stem = stem.removeprefix("A/").replace("~T", "~[-0-9.e+]+")
    parts = re.split(r"([A-Z]{4,})", stem)
    body = "".join("[^=~@]+" if part.isupper() else part.replace(".", r"\.") for part in parts)
    body = body.replace(r"[-0-9\.e+]", "[-0-9.e+]")
    return re.compile(f"[^/]+/{body}{GROUPS[mark + group]}")


def described(kind: str) -> list[tuple[str, re.Pattern[str], set[str]]]:
    """(address, its expression, statistics) of everything that the page says of a kind."""
    found = []
    for cells in [COMMON, *rows(section(PAGE, f"## `{kind}`"))]:
        stats = cells[1] if isinstance(cells[1], list) else cells[1].split(", ")
        for address in re.findall(r"`?(A/[^`,]+)`?", cells[0]):
            found.append((address, pattern(address), set(stats)))
    return found


def kind_of(study, analysis: str) -> str:
    return study.analyses[analysis].kind if analysis in study.analyses else "study"


def test_every_address_and_statistic_is_described(counted):
    study, results = counted
    known: dict[str, list] = {}
    astray = set()
    for row in results.rows:
        kind = kind_of(study, row.analysis)
        options = known.setdefault(kind, described(kind))
        address = row.address.replace(".family", "") if row.stat == "p_value" else row.address
        if not any(row.stat in stats and form.fullmatch(address) for _, form, stats in options):
            astray.add(f"{kind}: {row.address} {row.stat}")
    assert not astray, "docs/addresses.md says nothing of: " + "; ".join(sorted(astray)[:10])


def test_every_kind_is_described_and_tried(counted):
    from stats.run import kinds

    study, _ = counted
    assert {analysis.kind for analysis in study.analyses.values()} == set(kinds())
    for kind in kinds():
        assert described(kind)


def test_nothing_is_described_that_is_never_made(counted):
    """Each address of the page is made by some analysis here."""
    study, results = counted
    made: dict[str, list[str]] = {}
    for cell in results:
        made.setdefault(kind_of(study, cell.analysis), []).append(cell.address)
    for kind, addresses in made.items():
        for address, form, _ in described(kind):
            facts = kind == "study" and address == COMMON[0]  # facts about the study have no population
            assert facts or any(map(form.fullmatch, addresses)), f"{kind} never makes {address}"


def test_the_example_of_the_page_is_an_address(counted):
    _, results = counted
    for address in ("os/survival~12@R", "baseline/sex=F@D", "pfs/difference~12@R:D", "tox/crs.test@R:D"):
        assert address in PAGE
        assert address in results
