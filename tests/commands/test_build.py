"""build: what its options promise."""

from report import counter


def test_without_the_store_everything_is_computed_anew(run, study, tmp_path):
    words = ("build", study, "--out", tmp_path / "out", "--formats", "html")
    assert "Built" in run(*words).out
    assert "Nothing changed since" in run(*words).out
    assert "Built" in run(*words, "--no-cache").out


def test_counting_begins_before_the_study_is_read_where_data_or_code_are_others(run, study, tmp_path, monkeypatch):
    """Of another label the results are kept: no process is started to count. A study that is refused leaves none behind."""
    begun = []
    begin = counter.start
    monkeypatch.setattr(counter, "loaded", lambda: False)
    monkeypatch.setattr(counter, "start", lambda: begun.append(begin()) or begun[-1])

    def started(*more):
        begun.clear()
        assert run("build", study, "--out", tmp_path / "out", "--formats", "html", *more).code in (0, 2)
        assert not any(side.child for side in begun if side)  # all have ended
        return len(begun)

    def change(name, old, new):
        text = (study / name).read_text("utf-8")
        assert old in text
        (study / name).write_text(text.replace(old, new, 1), "utf-8")

    assert started() == 1
    assert started() == 0  # nothing changed
    change("study.toml", "[arms]", "# a note\n[arms]")
    assert started() == 0
    data = next(path.name for path in study.glob("*.csv"))
    (study / data).write_bytes((study / data).read_bytes() + b"\n")
    assert started() == 1
    assert started("--no-cache") == 1
    change("study.toml", "[study]", "[studies]")
    assert started("--no-cache") == 1
