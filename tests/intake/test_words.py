"""Texts by number: the order of rows, and patterns looked for in many cells at once, equal what one by one gives."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import ordering
from stats.intake import privacy, raw
from stats.intake.words import Texts, Words, concatenated
from stats.ordering import order
from stats.study import identifying

TEXTS = st.lists(st.sampled_from(["P2", "P10", "P1", "", None]), max_size=30)


@given(TEXTS)
def test_texts_by_number_are_the_same_texts(texts):
    words = Words.of(np.array(texts, dtype=object))
    assert [words.values[code] for code in words.codes] == texts
    assert len(set(words.values)) == len(words.values)
    assert words.missing().tolist() == [text is None for text in texts]
    assert words.places({"P1": 7}).tolist() == [7 if text == "P1" else -1 for text in texts]


@given(TEXTS)
def test_ranks_sort_as_texts_do_with_the_missing_last(texts):
    ranks = Words.of(np.array(texts, dtype=object)).ranks()
    found = [texts[i] for i in np.argsort(ranks, kind="stable")]
    assert found == sorted(texts, key=lambda text: (text is None, text or ""))


@given(st.lists(st.tuples(*[st.sampled_from([1.0, 2.0, float("nan")])] * 4), max_size=40))
def test_rows_stand_in_the_order_of_all_keys(rows):
    """Whatever is a leading key and whatever only decides between equals: numpy's own sort by all of them agrees."""
    keys = [np.array([row[i] for row in rows]) for i in range(4)]
    wanted = np.lexsort(keys[::-1])
    found = order(keys[:2], lambda rows: [key[rows] for key in keys[2:]])
    assert (np.arange(len(rows)) if found is None else found).tolist() == wanted.tolist()


ROWS = st.lists(
    st.tuples(
        st.sampled_from([0, 3, 2**40, -7]),
        st.sampled_from([1.0, 2.5, float("nan")]),
        st.sampled_from(["2020-01-01", "2020-01-02", "NaT"]),
        st.sampled_from([0, 2**50]),
    ),
    max_size=40,
)


@pytest.mark.parametrize("portion", [2, 5, 1 << 16])
@given(rows=ROWS)
def test_order_and_repeats_do_not_depend_on_what_fits_into_one_number(portion, rows):
    """Wide numbers and fractions leave no room beside them; numpy's sort by all keys and pandas' duplicates agree."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "PORTION", portion)
        columns = list(zip(*rows)) or [(), (), (), ()]
        kinds = (np.int64, float, "datetime64[ns]", np.int64)
        keys = [np.array(column, dtype=kind) for column, kind in zip(columns, kinds)]
        plain = [np.where(np.isnat(key), 2**62, key.view(np.int64)) if key.dtype.kind == "M" else key for key in keys]
        found = order(keys[:2], lambda places: [key[places] for key in keys[2:]])
        assert (np.arange(len(rows)) if found is None else found).tolist() == np.lexsort(plain[::-1]).tolist()
        frame = pd.DataFrame(dict(enumerate(keys)))
        assert ordering.repeats(keys).tolist() == np.flatnonzero(frame.duplicated()).tolist()
        assert ordering.shared(keys).tolist() == np.flatnonzero(frame.duplicated(keep=False)).tolist()


NAMES = st.lists(st.text(st.sampled_from("PS01é-"), max_size=12) | st.none(), unique=True, max_size=20)


@given(NAMES, NAMES, st.booleans())
def test_texts_are_found_among_others_as_in_a_table(ours, theirs, ascending):
    if ascending:
        theirs = sorted(theirs, key=lambda text: (text is None, text or ""))
    places = {text: place for place, text in enumerate(theirs)}
    assert Texts(ours).places(Texts(theirs)).tolist() == [places.get(text, -1) for text in ours]
    assert Texts(ours).places(Texts(ours)).tolist() == list(range(len(ours)))


@given(TEXTS, TEXTS)
def test_rows_one_after_the_other_keep_their_texts(one, other):
    both = concatenated([Words.of(one), Words.of(other)])
    assert both.texts().tolist() == [*one, *other]
    levels, place = both.levels()
    assert levels.tolist() == sorted({text for text in [*one, *other] if text is not None})
    assert [levels[place[code]] if place[code] >= 0 else None for code in both.codes] == [*one, *other]


def test_dates_that_are_missing_come_last():
    dates = np.array(["NaT", "2020-01-02", "2020-01-01"], dtype="datetime64[ns]")
    assert order([dates], lambda rows: []).tolist() == [2, 1, 0]


def test_rows_in_order_are_left_where_they_are(monkeypatch):
    """A file that comes sorted, as most do, is not sorted again."""
    monkeypatch.setattr(ordering, "_packed", lambda keys: pytest.fail("sorted again"))
    assert order([np.arange(5), np.zeros(5)], lambda rows: [np.arange(5)[rows]]) is None


CELLS = (
    "S0000017",
    "CA-01",
    "seen 2020-03-04",
    "a@b.org",
    "ring 030-1234567",
    "mrn: 12345",
    "Dr. Weiss",
    "123-45-6789",
    "",
)


@pytest.mark.parametrize("kind", identifying.IN_TEXTS)
@pytest.mark.parametrize("together", [1, 2, 1000])
def test_many_cells_at_once_give_the_hits_of_each(kind, together, monkeypatch):
    monkeypatch.setattr(raw, "TOGETHER", together)
    pattern = identifying.IN_TEXTS[kind]
    cells = [cell for cell in CELLS for _ in range(3)]
    alone = [place for place, cell in enumerate(cells) if pattern.search(cell)]
    assert alone
    assert privacy._hits(pattern, cells, privacy._marked(cells)) == alone


@settings(max_examples=300)
@given(st.text(st.sampled_from("mrncaseRecordpatientDrMFrau019_20é"), max_size=25))
def test_no_pattern_fits_a_cell_of_letters_and_digits_alone(cell):
    assert [kind for kind, pattern in identifying.IN_TEXTS.items() if pattern.search(cell)] == []
