"""All files of a submission by name, from one prepared report. Nothing here touches the disk."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from report.build import Prepared
from report.docx_package import zipped
from report.exhibits import Shown
from report.submission import checklist, front, limits, listings, pages, references, statements, workbook
from report.submission.listings import Listing
from report.submission.pages import Paper
from stats.study.types import Study

DRAWN = ("svg", "png", "tiff", "pdf", "eps")
LISTINGS = "listings/"
CONTENTS = (
    ("manuscript.docx", "title page, abstract, methods, results, limitations; then references, tables, legends"),
    ("tables/", "each table as Word and as a spreadsheet, whose second sheet has the numbers behind it"),
    ("figures/", "each figure as PDF, SVG and EPS (lines) and as PNG and TIFF (dots), at the journal's widths"),
    ("figure-legends.docx", "the legends by themselves"),
    ("supplement.docx", "choice of tests, further tables, and how the report was made"),
    (LISTINGS, "patients one by one, under new numbers: as Word, and as a spreadsheet"),
    ("results.csv", "every number with its address, statistic and method"),
    ("statements.md", "availability of data and code, software; prompts for the rest"),
    ("references.bib, references.md", "the sources of the methods"),
    ("checklist.docx, checklist.md", "the reporting guideline: where the report answers it, and what authors must add"),
    ("limits.md", "for you, not for the journal: its limits against what is here, and how sure they are"),
)


def files(study: Study, made: Prepared, listed: Sequence[Listing] = ()) -> dict[str, bytes]:
    """The folder's files, and `SHORT-STYLE.zip` with all of them. listed: patients one by one, if somebody asked for them."""
    paper = Paper(made)
    sections = paper.text()  # first: they number the references
    pictures = {one.anchor: one.files["png"] for one in paper.shown.values() if one.files}
    counted = front.counts(study, paper, sections)
    text = [front.page(study, paper, counted),
            *(front.headed(section, paper.voice.style.limits["abstract_headings"]) for section in sections)]
    written: dict[str, str | bytes] = {
        "manuscript.docx": pages.word(study, pages.manuscript(paper, text), study.title),
        "supplement.docx": pages.word(study, pages.supplement(made), f"{study.title}: supplement", pictures),
        "results.csv": made.voice.results.csv(),
        "statements.md": statements.markdown(study, made.facts),
        "references.bib": references.bibtex(paper.references.works),
        "references.md": references.markdown(paper.references.works),
    }
    if any(one.files and not one.supplement for one in paper.shown.values()):
        legends = Markup("<h1>Figure legends</h1>\n{}").format(paper.legends())
        written["figure-legends.docx"] = pages.word(study, pages.alone(study, legends), "Figure legends")
    if listed:
        body = listings.page(listed, paper.voice.style.rules.numbers)
        written["listings/listings.docx"] = pages.word(study, pages.alone(study, body), "Listings of patients")
        written["listings/listings.xlsx"] = listings.sheets(listed, study)
    for one in paper.shown.values():
        written |= _exhibit(study, paper, one)
    guideline = checklist.name(study)
    found = checklist.answers(paper, guideline)
    written["checklist.md"] = checklist.markdown(found, guideline)
    headed = Markup('<h1>Reporting checklist</h1>\n<p class="design">{}</p>\n{}').format(
        study.title, checklist.html(found, guideline))
    written["checklist.docx"] = pages.word(study, pages.alone(study, headed), checklist.title(guideline)[0])
    written["contents.md"] = _contents(study, paper, bool(listed))
    done = {name: data.encode() if isinstance(data, str) else data for name, data in written.items()}
    done["limits.md"] = limits.markdown(paper, limits.lines(study, paper, counted, done), done).encode()
    done = dict(sorted(done.items()))
    stem = f"{study.short.lower().replace(' ', '-')}-{paper.voice.style.name}"
    return {**done, f"{stem}.zip": zipped({f"{stem}/{name}": data for name, data in done.items()})}


def _exhibit(study: Study, paper: Paper, one: Shown) -> dict[str, str | bytes]:
    """A table's or a figure's own files."""
    if one.table is None:
        return {f"figures/{one.file}.{kind}": data for kind, data in one.files.items()}
    title = f"{one.name}. {paper.pieces.title(one.exhibit).striptags()}"
    body = Markup('<section id="paper-tables">{}</section>').format(paper.shown_here([one.exhibit.name]))
    return {
        f"tables/{one.file}.docx": pages.word(study, pages.alone(study, body), title),
        f"tables/{one.file}.xlsx": workbook.write(one.table, paper.voice.results, paper.voice.style.rules, title=title,
                                                  author=study.short, dated=study.data_cutoff),
    }


def _contents(study: Study, paper: Paper, listed: bool) -> str:
    lines = [f"# {study.short}: files for {paper.voice.style.title}", ""]
    lines += ["The data are synthetic: this package shows a form and is no submission.", ""] if study.synthetic else []
    return "\n".join([*lines, *(f"- `{name}`: {about}" for name, about in CONTENTS if listed or name != LISTINGS)]) + "\n"
