"""The shipped study with an analysis of every kind, by arm and by a column of three levels."""

import pytest

from stats import derive, intake, run
from stats.study.read import read
from tests import built

MORE = """
[methods]
multiplicity = "holm"
fewest       = 2

[analyses.cox]
kind          = "hazards"
endpoint      = "pfs"
variables     = ["age", "sex", "donor_type", "ecog", "arm"]
family        = "models"
multivariable = ["age", "donor_type"]

[analyses.definitions]
kind      = "sensitivity"
endpoints = ["pfs", "os"]
at        = [12]

[analyses.patients_by_donor]
kind      = "characteristics"
variables = ["age", "sex", "ecog", "tp53", "chimerism_product"]
by        = "donor_type"

[analyses.response_by_donor]
kind     = "proportion"
outcomes = ["cr"]
by       = "donor_type"
trend    = true

[analyses.os_by_donor]
kind     = "survival"
landmark = 1
strata   = "sex"
trend    = true
endpoint = "os"
at       = [12]
ticks    = [0, 12]
by       = "donor_type"

[analyses.pfs_stratified]
kind     = "survival"
endpoint = "pfs"
strata   = "sex"

[analyses.relapse_by_donor]
kind     = "incidence"
endpoint = "relapse"
at       = [12]
ticks    = [0, 12]
by       = "donor_type"

[analyses.definitions_by_donor]
kind      = "sensitivity"
endpoints = ["pfs", "os"]
at        = [12]
by        = "donor_type"

[analyses.tox_by_donor]
kind  = "adverse-events"
terms = ["crs", "anemia"]
by    = "donor_type"

[analyses.il6_by_donor]
kind    = "kinetics"
analyte = "il6"
at      = [7]
by      = "donor_type"
"""


@pytest.fixture(scope="session")
def counted(tmp_path_factory):
    """(study, results) of the shipped study with the analyses above."""
    folder = built.copy_of(built.CART, tmp_path_factory.mktemp("docs") / "study")
    whole = (folder / "study.toml").read_text("utf-8")
    head, mark, tail = whole.partition("[exhibits.")
    (folder / "study.toml").write_text(f"{head}{MORE}\n{mark}{tail}", "utf-8")
    study = read(folder)
    frames, _ = intake.load(study)
    frames, _, _ = derive.derive_all(study, frames)
    return study, run.run(study, frames)
