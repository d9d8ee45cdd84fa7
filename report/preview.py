"""A report's folder at an address of this machine alone; an open page reloads itself when the report was made anew.

Only this machine's own browser is answered: by the address it listens on, and by the name the browser asked for, so that
a page of another site can't read patients' results through the reader's browser.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from report import manifest

HOST = "127.0.0.1"
PORT = 8425  # tried first, so that a bookmark stays good
CHANGES = "/changes"
SCRIPT = b"<script>new EventSource('/changes').onmessage = () => location.reload()</script>"
PAUSE = 0.1  # seconds between two looks at the folder
ALIVE = 15.0  # seconds after which a silent connection is told that it still stands


class Pages(SimpleHTTPRequestHandler):
    """Files of one folder, and a stream that says when they were replaced."""

    def do_GET(self) -> None:
        if self.headers.get("Host", "").rpartition(":")[0] not in (HOST, "localhost"):
            self.send_error(403, "Only this machine's own browser is answered")
        elif self.path == CHANGES:
            self._changes()
        elif self.path.split("?")[0].endswith(".html"):
            self._page()
        else:
            super().do_GET()

    do_HEAD = do_GET

    def list_directory(self, path: Any) -> None:
        self.send_error(404, "No such file")

    def _page(self) -> None:
        try:
            page = Path(self.translate_path(self.path)).read_bytes()
        except OSError:
            self.send_error(404, "Not built yet")
            return
        page = page.replace(b"</body>", SCRIPT + b"</body>", 1)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def _changes(self) -> None:
        seen, told = manifest.making(self.directory), time.monotonic()  # before the page hears that it is listened to
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            while True:
                time.sleep(PAUSE)
                now = manifest.making(self.directory)
                if now and now != seen:
                    self.wfile.write(b"data: made anew\n\n")
                    seen, told = now, time.monotonic()
                elif time.monotonic() - told > ALIVE:
                    self.wfile.write(b": still here\n\n")
                    told = time.monotonic()
        except OSError:
            return  # the page was closed

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: who watches reads what the builds say."""


def server(folder: str | os.PathLike[str], port: int = PORT) -> ThreadingHTTPServer:
    """Listening already; on any free port where the wanted one is taken."""
    handler = partial(Pages, directory=os.fspath(folder))
    try:
        return ThreadingHTTPServer((HOST, port), handler)
    except OSError:
        return ThreadingHTTPServer((HOST, 0), handler)


def beside(folder: str | os.PathLike[str], port: int = PORT) -> tuple[str, int]:
    """(address of the report, process that serves it until it is ended); ('', 0) where there are no child processes."""
    if not hasattr(os, "fork"):
        return "", 0
    serving = server(folder, port)
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    child = os.fork()
    if child:
        serving.server_close()
        return f"http://{HOST}:{serving.server_port}/report.html", child
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # ended by whoever started it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        serving.daemon_threads = True
        serving.timeout = 1.0
        while os.getppid() == parent:
            serving.handle_request()
    finally:
        os._exit(0)
