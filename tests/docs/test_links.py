"""Every link between the project's own pages leads somewhere, anchors included."""

import re

import pytest

from tests.docs.pages import ROOT, anchors, outside_code

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "data").glob("*/README.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(page):
    return [link for link in LINK.findall(outside_code(page.read_text("utf-8"))) if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for link in links(page):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), f"{link} leads out of the project"
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), f"{link}: {file or page.name} has no such heading"


def test_the_readme_leads_to_every_page_of_the_docs():
    linked = {link.partition("#")[0] for link in links(ROOT / "README.md")}
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} <= linked


def test_pages_name_no_file_that_is_not_there():
    """Paths in backticks that look like files of the project exist."""
    for page in PAGES:
        for path in re.findall(
            r"`((?:stats|report|templates|tests|docs|data)/[\w./-]+\.\w+)`", page.read_text("utf-8")
        ):
            if not re.search(r"[A-Z]{4}", path):  # NAME, KIND: for the reader to fill in
                assert (ROOT / path).exists(), f"{page.name} names {path}"
