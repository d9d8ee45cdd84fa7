"""simulate: nothing simulated keeps no limit."""

import pytest


@pytest.mark.parametrize("studies", ["-1", "0", "2.5", "many"])
def test_a_number_of_studies_that_is_none_is_refused(run, studies):
    said = run("simulate", "--studies", studies)
    assert said.code == 2
    assert "--studies" in said.err
    assert "Every limit is kept" not in said.out
