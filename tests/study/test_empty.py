"""A study file with nothing in its first block says what is needed."""

import pytest

from stats.findings import Refused
from stats.study.read import read


@pytest.mark.parametrize("block", ["[study]\n", "study = 3\n", ""])
def test_an_empty_study_block_names_what_it_needs(tmp_path, block):
    (tmp_path / "study.toml").write_text(
        f'{block}[arms]\nA = "Arm A"\n[frames.subjects]\nfile = "s.csv"\n'
        '[frames.subjects.columns]\nsubject = { type = "id" }\n', "utf-8")
    with pytest.raises(Refused) as met:
        read(tmp_path)
    assert met.value.problems
