"""Widths of texts read off font files, held against other readings of the same files."""

import struct
from types import SimpleNamespace

import pytest
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

from report import faces, fonts

FILES = [path for files in faces._files().values() for path in files.values()]
SAID = ["Recipient-derived", "0.53 (0.10–2.04)", "≥ 10⁴ copies/µg", "AVATAR To. Yes, fi ffl", "P = .03", "Ärzte, Łódź; naïve"]


def style(**figure):
    return SimpleNamespace(figure={"font": fonts.SANS, "size": 8, **figure})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_character_leads_as_far_as_another_reader_says(path):
    font, advances = TTFont(path), faces._advances(path)
    em, widths = font["head"].unitsPerEm, font["hmtx"].metrics
    names = font.getBestCmap()
    assert len(names) > 900
    for code, name in names.items():
        assert advances.of(chr(code)) * em == pytest.approx(widths[name][0])


def test_the_older_table_of_characters_gives_the_same_glyphs():
    """A font may have none but format 4, which knows no character beyond U+FFFF."""
    data = bytearray(FILES[0].read_bytes())
    start = faces.places(bytes(data))[b"cmap"]
    new = faces._characters(bytes(data), start)
    for i in range(struct.unpack_from(">H", data, start + 2)[0]):
        at = start + struct.unpack_from(">I", data, start + 8 + 8 * i)[0]
        if struct.unpack_from(">H", data, at)[0] == 12:
            struct.pack_into(">H", data, at, 99)
    firsts, groups = faces._characters(bytes(data), start)
    assert all(not isinstance(glyphs, int) for _, _, glyphs in groups)
    old = {first + i: glyph for first, _, glyphs in groups for i, glyph in enumerate(glyphs) if glyph}
    wanted = {first + i: glyphs + i for first, last, glyphs in new[1] for i in range(last - first + 1)}
    assert old == {code: glyph for code, glyph in wanted.items() if code < 0xFFFF}
    assert len(old) > 1000
    assert firsts == sorted(firsts)


@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize("text", SAID)
def test_a_text_is_never_wider_when_it_is_drawn(text, weight):
    """Letters may only move together."""
    face = faces.face(style(), 8, weight)
    drawn = text_to_path.get_text_width_height_descent(text, FontProperties(fname=str(face.file), size=8), False)[0]
    assert drawn * faces.POINT <= face.width(text) * 1.001
    assert drawn * faces.POINT == pytest.approx(face.width(text), rel=0.05)


def test_files_go_by_what_they_call_themselves():
    for family, files in faces._files().items():
        for (weight, slant), path in files.items():
            font = FT2Font(str(path))
            assert font.family_name == family
            assert (weight == "bold") == ("bold" in font.style_name.lower())
            assert (slant == "italic") == any(word in font.style_name.lower() for word in ("italic", "oblique"))
    assert set(faces._files()) == {fonts.SANS, fonts.SERIF, faces.FALLBACK}


def test_a_font_that_is_not_there_is_replaced_and_a_missing_face_too():
    other = style(font="Helvetica", size=9)
    found = faces.face(other)
    assert (found.family, found.size) == (fonts.SANS, 9)
    assert faces.face(other, 7, "bold", "italic").file.stem == "SourceSans3-BoldItalic"
    assert found.families == (fonts.SANS, faces.FALLBACK)
    assert faces._advances(found.file).of("\U0010FFFF") > 0  # the sign for what a font lacks
