"""How Methods speaks of the derivations: complete, each once, and without digits that are not results."""

from __future__ import annotations

import re

import pytest

from stats import derive
from stats.methods import descriptions


@pytest.mark.parametrize("key", list(derive.definitions()))
def test_a_definition_is_a_sentence_without_digits(key):
    described = derive.definitions()[key]
    assert re.fullmatch(r"[a-z0-9.-]+", key)
    assert not re.search(r"\d", described.sentence)
    assert described.sentence.endswith(".")
    assert described.sentence[0].isupper()


def test_definitions_and_methods_share_no_key():
    assert not set(derive.definitions()) & set(descriptions())


def test_every_module_has_one_verb_and_its_definitions():
    for module in derive._modules():
        assert callable(module.derive)
        assert isinstance(module.DEFINITIONS, dict)
