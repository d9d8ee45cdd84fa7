"""The fonts that come with the project: free, complete for medical print, and the only ones in use."""

import os
import subprocess
import sys

import pytest
from fontTools.ttLib import TTFont

from report import fonts, page
from report.faces import face
from report.names import Names
from report.style import load, styles
from stats.study.read import read
from tests import built

PRINTED = "≤≥±×·–—−⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺µμαβγδεκλχΔΣ∞≠≈†‡§¶‖•…‘’“”°€½→←↑↓●○■▲‑\u2009\u202f\u00a0éüñłšćőÅøß"


def test_every_character_a_report_prints_is_there():
    assert fonts.missing(PRINTED) == []


def test_a_character_that_no_font_has_is_named():
    assert fonts.missing("Zürich 漢字, 漢\n\t\u200b") == ["字", "漢"]


def test_coverage_agrees_with_another_reader_of_font_files():
    expected = set()
    for path in fonts.files():
        if path.stem.endswith("-Regular"):
            expected |= set(TTFont(path).getBestCmap())
    assert {ord(c) for c in fonts.covered()} - {0xFFFF} == expected


@pytest.mark.parametrize("path", fonts.files(), ids=lambda path: path.name)
def test_a_font_is_free_and_may_be_embedded(path):
    font = TTFont(path)
    assert font["OS/2"].fsType == 0
    assert "SIL Open Font License" in font["name"].getDebugName(13)
    assert font["name"].getDebugName(1) in (fonts.SERIF, fonts.SANS)


def test_the_licence_lies_beside_them_and_they_stay_small():
    text = (fonts.FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert fonts.SERIF in text
    assert fonts.SANS in text
    assert len(fonts.files()) == 8
    assert sum(path.stat().st_size for path in fonts.files()) < 4e6


@pytest.mark.parametrize("family", [fonts.SERIF, fonts.SANS])
def test_digits_stand_in_columns(family):
    """All digits of an upright font are equally wide, so numbers line up in tables without further ado."""
    for path in fonts.files():
        font = TTFont(path)
        if font["name"].getDebugName(1) == family and "Italic" not in path.stem:
            assert len({font["hmtx"][font.getBestCmap()[ord(digit)]][0] for digit in "0123456789"}) == 1, path.name


def test_no_system_font_is_seen(tmp_path):
    """fontconfig, asked from a process that used our setting, knows our folder only."""
    script = ("import sys; sys.path.insert(0, sys.argv[1])\nimport ctypes\nfrom report import fonts\nfonts.use()\n"
              "class Set(ctypes.Structure): _fields_ = [('n', ctypes.c_int)]\n"
              "fc = ctypes.CDLL('libfontconfig.so.1')\nfc.FcInitLoadConfigAndFonts.restype = ctypes.c_void_p\n"
              "fc.FcConfigGetFonts.restype = ctypes.POINTER(Set)\n"
              "fc.FcConfigGetFonts.argtypes = [ctypes.c_void_p, ctypes.c_int]\n"
              "print(fc.FcConfigGetFonts(fc.FcInitLoadConfigAndFonts(), 0).contents.n)")
    root = str(fonts.FOLDER.parent.parent)
    done = subprocess.run([sys.executable, "-c", script, root], capture_output=True, text=True, check=False,
                          env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)})
    if "cannot open shared object" in done.stderr:
        pytest.skip("no fontconfig on this machine")
    assert done.stdout.strip() == "8", done.stderr


@pytest.mark.parametrize("name", styles())
def test_a_drawing_in_the_page_is_set_in_the_font_that_the_page_brings(name):
    """Texts of a drawing were placed by this font's widths: in another they run into each other."""
    wanted = face(load(name, Names(read(built.CART)))).families[0]
    head = page.head(embedded=True)
    (rule,) = [line for line in head.splitlines() if line.startswith(f"svg[font-family^=\"'{wanted}'\"]")]
    brought = rule.partition("font-family: '")[2].partition("'")[0]
    assert f'@font-face {{ font-family: "{brought}"; font-weight: 400; font-style: normal; src: url(data:' in head
