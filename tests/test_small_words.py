"""Words where there is next to nothing to say: groups of one, nothing that varies, no event, everybody at one time."""

import csv
import datetime

import pytest

from tests import built, trial
from tests.test_replicate import EVERYTHING, agreed, certificate, rscript  # noqa: F401 (a fixture)


def no_events(i, row):
    return row | {"relapse": "", "death": ""}


def all_at_once(i, row):
    end = datetime.date.fromisoformat(row["start"]) + datetime.timedelta(days=100)
    return row | {"relapse": "", "transplant": "", "death": end, "last": end}


def alike(i, row):
    return row | {"age": "50", "dose": "20.0", "sex": "F", "site": "north", "stage": "II", "marker": "yes", "fever": "0"}


def one_in_the_first_arm(i, row):
    return row if row["arm"] != "1" or i == 0 else None


def everybody_responds(i, row):
    return row | {"site": "south", "stage": "I", "marker": "no"}


def one_event(i, row):
    """The oldest patient's, at the end of what is known of the others: age alone tells who had it."""
    end = datetime.date.fromisoformat(row["start"]) + datetime.timedelta(days=100)
    return row | {"relapse": "", "transplant": "", "death": end if i == 0 else "", "last": end, "age": "99" if i == 0 else "50"}


ODD = {"no events": no_events, "all at once": all_at_once, "alike": alike, "one patient": one_in_the_first_arm,
       "everybody responds": everybody_responds, "one event": one_event}


@pytest.fixture(scope="module", params=ODD)
def odd(request, tmp_path_factory):
    """(name, folder) of the small trial with one thing changed for everybody."""
    folder = trial.write(tmp_path_factory.mktemp("odd") / "study", EVERYTHING, n=24, seed=5)
    with open(folder / "subjects.csv", encoding="utf-8", newline="") as file:
        rows = [ODD[request.param](i, row) for i, row in enumerate(csv.DictReader(file))]
    kept = {row["Patient"]: str(row["death"] or row["last"]) for row in rows if row}
    tables = {"subjects": [row for row in rows if row]}
    for name in ("series", "treatments"):
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
            tables[name] = [r for r in csv.DictReader(file) if r["date"] <= kept.get(r["Patient"], "")]
    for name, kept_rows in tables.items():
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(kept_rows[0]))
            writer.writeheader()
            writer.writerows(kept_rows)
    return request.param, folder


def said(folder):
    sentences = built.sentences(built.make(folder).files["report.html"])
    return " ".join(sentences).replace("\N{NO-BREAK SPACE}", " ").replace("  ", " ")


def test_what_is_said(odd):
    name, folder = odd
    text = said(folder)
    if name == "no events":
        assert "with 0 events and 6 parameters; it could not be estimated: no events." in text
        assert "Under none of them could the groups be compared." in text
        assert "its estimates are unstable" not in text
    elif name == "alike":
        assert "(0.00)" not in text.partition("and largest for")[2].partition(";")[0]
        assert "it could not be estimated" in text
    elif name == "one patient":
        assert "Balance between the E group and the C group is not judged" in text
        assert "significantly between the E group" not in text  # nothing was tested
        assert "there are fewer than five patients in a group, and nothing is claimed" in text


def test_r_agrees(rscript, odd):  # noqa: F811
    agreed(certificate(odd[1])[0])
