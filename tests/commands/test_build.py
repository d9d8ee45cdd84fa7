"""build: what its options promise."""


def test_without_the_store_everything_is_computed_anew(run, study, tmp_path):
    words = ("build", study, "--out", tmp_path / "out", "--formats", "html")
    assert "Built" in run(*words).out
    assert "Nothing changed since" in run(*words).out
    assert "Built" in run(*words, "--no-cache").out
