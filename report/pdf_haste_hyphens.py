"""How a dictionary of hyphens is read: its patterns by their letters, each worked out when a word holds it."""

from __future__ import annotations

from typing import Any

DIGITS = b"0123456789"
APART = b"/^0"  # in patterns that change letters, are written in codes, or may hyphenate nothing


def hasten() -> None:
    import pyphen

    pyphen.HyphDict.__init__ = _read(pyphen)


def _read(pyphen: Any) -> Any:
    """Of ten thousand patterns a page needs a few hundred."""
    plain = pyphen.HyphDict.__init__

    class Patterns(dict[str, Any]):
        """Letters of a pattern to (offset, values), as pyphen keeps them."""

        def get(self, letters: str, default: Any = None) -> Any:
            found = super().get(letters, default)
            if type(found) is str:
                values = [int(digit or "0") for digit, _ in pyphen.parse(found)]
                marked = [place for place, value in enumerate(values) if value]
                found = self[letters] = marked[0], tuple(values[marked[0] : marked[-1] + 1])
            return found

    def read(self: Any, path: Any) -> None:
        encoding, _, body = path.read_bytes().partition(b"\n")
        if encoding.strip() != b"UTF-8" or any(sign in body for sign in APART):
            plain(self, path)
            return
        lines, letters = (text.decode().split("\n") for text in (body, body.translate(None, DIGITS)))
        self.patterns = Patterns({key.strip(): line.strip() for key, line in zip(letters, lines, strict=True)
                                  if key != line and not line.startswith(pyphen.ignored)})
        self.cache = {}
        self.maxlen = max(map(len, self.patterns))

    return read
