"""Pango, the one library that PDF needs from the system: is it there, and how to get it. Standard library only."""

from __future__ import annotations

import os
import sys
from functools import cache

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
_LINUX = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libfontconfig.so.1",
          "libharfbuzz.so.0", "libharfbuzz-subset.so.0")
_ELSEWHERE = ("pango-1.0", "pangoft2-1.0", "fontconfig")


def missing() -> str:
    """The first library of Pango that can't be loaded, or '' when PDF can be written."""
    import ctypes
    for name in _LINUX if sys.platform.startswith("linux") else _ELSEWHERE:
        try:
            found: str | None = name
            if not sys.platform.startswith("linux"):
                import ctypes.util
                found = ctypes.util.find_library(name)
            if not found:
                return name
            ctypes.CDLL(found)
        except OSError:
            return name
    return ""


def remedy() -> str:
    """The one line to run on this system so that PDF works."""
    if sys.platform == "darwin":
        return "brew install pango"
    if _debian():
        return f"sudo apt-get install {' '.join(PACKAGES)}"
    return "install Pango ≥ 1.44 with HarfBuzz-subset by your system's package manager (Fedora: dnf install pango)"


def ensure() -> str:
    """Install what is missing where that is ours to do (root on Debian or Ubuntu); '' when PDF works, else why not."""
    gap = missing()
    if gap and _debian() and os.geteuid() == 0:
        print(f"PDF needs Pango: installing {', '.join(PACKAGES)}.", file=sys.stderr, flush=True)
        apt_install(*PACKAGES)
        gap = missing()
    return f"No PDF: the system library {gap} is missing. To get it, run: {remedy()}" if gap else ""


def apt_install(*packages: str) -> bool:
    """Install Debian packages without questions; True when apt-get says that it worked."""
    from subprocess import DEVNULL, run
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]

    def works(words: list[str]) -> bool:
        return run(words, env=environment, stdin=DEVNULL, capture_output=True, check=False).returncode == 0

    try:
        return works(install) or (works(["apt-get", "update", "-qq"]) and works(install))
    except OSError:
        return False


@cache
def _debian() -> bool:
    return any(os.access(os.path.join(place, "apt-get"), os.X_OK) for place in os.get_exec_path())


def version() -> str:
    """Pango's own version ('' where it is missing): another one may break lines elsewhere."""
    if missing() or not sys.platform.startswith("linux"):
        return ""
    import ctypes
    library = ctypes.CDLL("libpango-1.0.so.0")
    library.pango_version_string.restype = ctypes.c_char_p
    return str(library.pango_version_string().decode())
