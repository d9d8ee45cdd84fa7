"""A text without its tags is the one that markupsafe strips, which takes longer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from report.stripped import stripped
from report.voice import kept_together

PIECES = ("<i>", "</i>", "<b class='a b'>", "<!-- 1 > 0 -->", "&lt;", "&amp;", "&nbsp;", "\N{NO-BREAK SPACE}", " ", "\n", "P",
          "12", "≥")


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_it_is_what_markupsafe_leaves(markup):
    assert stripped(markup) == stripped(Markup(markup)) == Markup(markup).striptags()


@pytest.mark.parametrize("markup", ["", "<", "a < b", "a > b", "<!-- open", "<p>a"])
def test_so_are_broken_ones(markup):
    assert stripped(markup) == Markup(markup).striptags()


@pytest.mark.parametrize(("length", "kept"), [(20, True), (21, False)])
def test_a_short_number_is_kept_together_whatever_its_tags(length, kept):
    number = Markup(f'<data value="{"a" * 50}"><i>{"1" * length}</i></data>')
    assert ('class="kept"' in kept_together(number)) == kept
