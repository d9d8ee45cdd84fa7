"""Progress: a bar for a person, lines for a log."""

import io
import signal
from contextlib import suppress

import pytest

from report.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def run(stream, **options) -> str:
    with Progress(2, stream, **options) as progress:
        progress("Reading the data")
        progress.say("W_X a.csv: look here.")
        progress("Writing")
    return stream.getvalue()


def test_a_log_gets_one_line_per_stage():
    assert run(io.StringIO()) == "1/2 Reading the data\nW_X a.csv: look here.\n2/2 Writing\n"


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end():
    text = run(Terminal())
    assert "░░ 1/2 Reading the data" in text
    assert "█░" in text
    assert text.endswith("\r\x1b[K")
    assert "\x1b[KW_X a.csv: look here.\n" in text


def test_ci_and_dumb_terminals_get_lines(monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert "\r" not in run(Terminal())
    monkeypatch.delenv("CI")
    monkeypatch.setenv("TERM", "dumb")
    assert "\r" not in run(Terminal())


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_quiet_keeps_only_what_matters(stream):
    assert run(stream(), quiet=True).replace("\r\x1b[K", "") == "W_X a.csv: look here.\n"


def test_more_stages_than_promised_do_no_harm():
    stream = io.StringIO()
    with Progress(1, stream) as progress:
        progress("One")
        progress("Two")
    assert stream.getvalue().splitlines() == ["1/1 One", "2/2 Two"]


def test_an_interruption_that_was_dropped_is_heard_at_the_next_stage():
    """Code in C clears exceptions that it didn't expect, and the build would go on."""
    with Progress(2, io.StringIO()) as progress:
        progress("One")
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            progress("Two")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_whoever_listens_already_keeps_listening(monkeypatch):
    heard = []
    before = signal.signal(signal.SIGINT, lambda *words: heard.append(words))
    try:
        with Progress(1, io.StringIO()) as progress:
            signal.raise_signal(signal.SIGINT)
            progress("One")
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(heard) == 1
