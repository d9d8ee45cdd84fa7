"""What the libraries alone take, used as they come: to load and read, and to set a finished page. Nothing of ours is loaded here.

`python -m benchmarks.floor html STUDY` loads the libraries that count and fill in templates, and reads the data.
`python -m benchmarks.floor pdf PAGE FILE` lets WeasyPrint set a finished page.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def read(study: Path) -> None:
    """Every data file into a frame; no result, no page."""
    import jinja2  # noqa: F401
    import pandas as pd
    import scipy.special  # noqa: F401

    for file in sorted(study.glob("*.csv")):
        pd.read_csv(file)


def set_page(page: Path, file: Path) -> None:
    """The PDF of a page that is there already, with the tags that ours has."""
    from weasyprint import HTML

    HTML(filename=str(page)).write_pdf(file, pdf_variant="pdf/ua-1")


def main(argv: Sequence[str]) -> None:
    what, *paths = argv
    {"html": read, "pdf": set_page}[what](*map(Path, paths))


if __name__ == "__main__":
    main(sys.argv[1:])
