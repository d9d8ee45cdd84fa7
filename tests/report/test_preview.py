"""The page of a watched study: served to this machine's browser only, with a script that reloads it when it was made anew."""

import os
import threading
import urllib.error
import urllib.request

import pytest

from report import preview


@pytest.fixture
def place(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("<html><body>One</body></html>", "utf-8")
    (tmp_path / "out" / "manifest.json").write_text("{}", "utf-8")
    (tmp_path / "secret.csv").write_text("patient", "utf-8")
    serving = preview.server(tmp_path / "out", 0)
    serving.daemon_threads = True
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield tmp_path / "out", f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


def get(address, **headers):
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
        return answer.read().decode()


def test_the_page_is_served_with_the_script_and_the_file_stays_as_it_is(place):
    folder, address = place
    assert get(f"{address}/report.html") == f"<html><body>One{preview.SCRIPT.decode()}</body></html>"
    assert "EventSource" not in (folder / "report.html").read_text("utf-8")


@pytest.mark.parametrize(("path", "host", "code"), [
    ("/report.html", "patients.example", 403), ("/report.html", "127.0.0.1.patients.example:80", 403), ("/changes", "x:1", 403),
    ("/../secret.csv", "", 404), ("/%2e%2e/secret.csv", "", 404), ("/", "", 404), ("/other.html", "", 404),
])
def test_nobody_else_and_nothing_else(place, path, host, code):
    with pytest.raises(urllib.error.HTTPError) as met:
        get(place[1] + path, **({"Host": host} if host else {}))
    assert met.value.code == code


def test_the_page_is_told_when_it_was_made_anew(place):
    folder, address = place
    with urllib.request.urlopen(f"{address}/changes", timeout=10) as stream:
        (folder / "new.json").write_text("{}", "utf-8")
        os.replace(folder / "new.json", folder / "manifest.json")
        assert stream.readline() == b"data: made anew\n"


def test_a_taken_port_is_no_obstacle(tmp_path):
    with preview.server(tmp_path, 0) as first, preview.server(tmp_path, first.server_port) as second:
        assert first.server_port != second.server_port
