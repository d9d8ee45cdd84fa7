"""How WeasyPrint sets and draws texts, without setting any twice: every byte it writes stays the same."""

from __future__ import annotations

import re
from math import inf
from operator import itemgetter
from typing import Any

from report.pdf_haste import everywhere, kept

ABOUT_TEXT = itemgetter(
    "font_family", "text_decoration_line", "font_style", "font_stretch", "font_weight", "font_size", "font_kerning",
    "font_variant_caps", "font_variant_ligatures", "font_variant_position", "font_variant_numeric",
    "font_variant_alternates", "font_variant_east_asian", "font_feature_settings", "font_variation_settings",
    "font_language_override", "lang", "direction", "letter_spacing", "word_spacing", "white_space", "overflow_wrap",
    "word_break", "tab_size", "hyphens", "hyphenate_character", "hyphenate_limit_chars", "hyphenate_limit_zone")
SIZE, SPACING = 5, slice(18, 20)  # in what is above
OF_STYLE = frozenset(("layout", "language", "first_line_direction", "ascent", "underline_position", "underline_thickness",
                      "strikethrough_position", "strikethrough_thickness"))
ABOUT_STRUT = itemgetter(
    "font_family", "font_style", "font_stretch", "font_weight", "font_variant_ligatures", "font_variant_position",
    "font_variant_caps", "font_variant_numeric", "font_variant_alternates", "font_variant_east_asian",
    "font_feature_settings", "font_variation_settings", "font_language_override", "lang", "font_size", "line_height")
UNSPACED = ("normal", 0)
ENDS = re.compile("[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")  # of paragraphs and lines, within a text
ROOM = 4  # characters of a size that WeasyPrint tries first, for each such width


def hasten() -> None:
    """Within a document each text is set once for each style and width, and drawn as it was set."""
    from weasyprint.draw import text as drawing
    from weasyprint.text import line_break
    from weasyprint.text.ffi import ffi

    ffi.cdef("PangoLayout * pango_layout_copy (PangoLayout *layout);")
    _made_once(line_break.Layout)
    everywhere(line_break.strut, _strut_once(line_break.strut))
    everywhere(line_break.first_line_metrics, _ready(line_break.first_line_metrics))
    everywhere(line_break.split_first_line, _split_once(line_break.split_first_line))
    everywhere(drawing.draw_first_line, _drawn_once(drawing.draw_first_line))


def _about(style: Any) -> Any:
    """All in a style that the setting of its text depends on."""
    family, decoration, *rest = found = ABOUT_TEXT(style)
    if type(family) is list or type(decoration) is set:
        return (tuple(family), frozenset(decoration) if type(decoration) is set else decoration, *rest)
    return found


def _made_once(kind: Any) -> None:
    """Pango's layout for a style is made once and copied; the one in which a text was set is there to be drawn from."""
    from weasyprint.text.ffi import ffi, gobject, pango

    setup, set_text, reactivate = kind.setup, kind.set_text, kind.reactivate

    def copied(self: Any, style: Any) -> None:
        layouts, about = kept(style).layouts, _about(style)
        if about in layouts:
            vars(self).update(layouts[about], style=style)
        else:
            setup(self, style)
            layouts[about] = {name: value for name, value in vars(self).items() if name in OF_STYLE}
        self.layout = ffi.gc(pango.pango_layout_copy(self.layout), gobject.g_object_unref)

    def as_drawn(self: Any, text: str, justify: bool = False) -> None:
        set_text(self, text, justify)
        # as for drawing, which would have Pango start again; it makes no difference to a text without ends of lines
        pango.pango_layout_set_single_paragraph_mode(self.layout, not ENDS.search(self.text))

    def again(self: Any, style: Any) -> None:
        key, layout = vars(self).get("ready") or (None, None)
        if key == (self.text, _about(style)):
            self.layout, self.language, self.style = layout, None, style
        else:
            self.ready = None
            reactivate(self, style)

    kind.setup, kind.set_text, kind.reactivate = copied, as_drawn, again


def _ready(plain: Any) -> Any:
    """What measures a line leaves the layout that it measured."""
    def measured(line: Any, text: str, layout: Any, *words: Any, **options: Any) -> Any:
        pango_layout = layout.layout
        result = plain(line, text, layout, *words, **options)
        layout.ready = pango_layout
        return result

    return measured


def _split_once(plain: Any) -> Any:
    """A line that was asked for before is the same again; one that holds all of a text, at every width that it fits."""
    from weasyprint.text.ffi import ffi, pango

    def single(layout: Any) -> bool:
        return bool(pango.pango_layout_get_line_readonly(layout, 1) == ffi.NULL)

    def remembered(text: str, style: Any, context: Any, max_width: Any, justification_spacing: Any, is_line_start: bool = True,
                   minimum: bool = False) -> Any:
        about, known = _about(style), kept(style)
        line = known.whole.get((text, about))
        if line is None or not _tried_at_once(text, about, line[3], max_width):
            asked = text, about, max_width, is_line_start, minimum
            line = known.lines.get(asked)
            if line is None:
                line = known.lines[asked] = plain(text, style, context, max_width, 0, is_line_start, minimum)
                layout, _, rest, width, _, _ = line
                ready, layout.ready = layout.ready, None
                if about[SPACING] == UNSPACED and (max_width is None or width <= max_width) and single(ready):
                    layout.ready = (layout.text, about), ready
                    if rest is None and layout.text == text:
                        known.whole[text, about] = line
        layout = object.__new__(type(line[0]))
        vars(layout).update(vars(line[0]), max_width=max_width, justification_spacing=justification_spacing)
        return (layout, *line[1:])

    return remembered


def _tried_at_once(text: str, about: Any, width: float, max_width: float | None) -> bool:
    """Whether all of a text of this width is tried as one line, and fits."""
    if max_width is None or max_width == inf:
        return True
    size = about[SIZE] * ROOM
    return width <= max_width and (" " not in text if size > max_width else len(text) <= int(max_width / about[SIZE] * ROOM))


def _drawn_once(plain: Any) -> Any:
    """A text that was drawn before is the same operators again."""
    def drawn(stream: Any, box: Any, text_overflow: Any, block_ellipsis: Any, matrix: Any) -> Any:
        layout = box.pango_layout
        ready = vars(layout).get("ready")
        if ready and (text_overflow == "ellipsis" or block_ellipsis != "none"):
            ready = layout.ready = None  # others are drawn from it too
            layout.reactivate(box.style)
        if not ready or not box.text.strip():
            return plain(stream, box, text_overflow, block_ellipsis, matrix)
        known = kept(box.style)
        if known.fonts is not stream._fonts:
            known.fonts, known.drawn = stream._fonts, {}
        operators = known.drawn.get(ready[0])
        if operators:
            stream.set_text_matrix(*matrix.values)
            stream.stream += operators
            return []
        before = len(stream.stream) + 1  # after where it stands
        emojis = plain(stream, box, text_overflow, block_ellipsis, matrix)
        if not emojis and not any(font.missing for font in stream._fonts.values()):  # which have the width of the last one
            known.drawn[ready[0]] = stream.stream[before:]
        return emojis

    return drawn


def _strut_once(plain: Any) -> Any:
    """A strut is remembered by what it depends on, not by that written out."""
    def strut(style: Any) -> Any:
        struts, about = style.font_config.strut_layouts, ABOUT_STRUT(style)
        if type(about[-1]) not in (str, float, Dimension):  # to be calculated
            return plain(style)
        if about not in struts:
            struts[about] = plain(style)
        return struts[about]

    from weasyprint.css.properties import Dimension
    return strut
