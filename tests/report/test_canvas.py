"""Bytes of a figure: valid, titled, the same every time, in the fonts the project ships."""

import gc
import io
import struct
import weakref
import xml.etree.ElementTree as ET

import made
import pytest
from drawn import SVG, svg
from matplotlib.backends.backend_agg import RendererAgg

from report import fonts
from report.canvas import BANNER_MM, render
from report.faces import face
from report.names import Names
from report.plot import Box, Sheet, literal
from report.style import load


@pytest.fixture(scope="module")
def style():
    return load("blood", Names(made.study(made.ARMS, {})))


def cross(style, own=False):
    """A drawing with everything a figure has: lines, a filled area, and difficult texts. own: an artist of its own."""
    def draw(figure):
        sheet = Sheet(figure, style)
        panel = sheet.panel(Box(15, 15, 50, 50, (0, 1), (0, 1)))
        if own:
            panel.axes.fill_between([0, 1], [0, 0], [1, 0.5], clip_on=True)
        else:
            sheet.area([0, 1, 1, 0], [0, 0, 1, 0.5], colour="#336699", alpha=0.3, place=panel.data)
        panel.x_axis([0, 1], ["0", "1"], "_x_ & $y$ < 1")
        sheet.text(20, 40, "$_a_ \\alpha ^2$\x07")
    return draw


@pytest.mark.parametrize("own", [False, True])
def test_svg_is_valid_and_titled(style, own):
    out = render(cross(style, own), style, height_mm=80, title="a < b & \"c\"", formats=("svg",))
    root = svg(out["svg"])
    assert root[0].text == 'a < b & "c"'
    assert (root.get("width"), root.get("height")) == ("80mm", "80mm")


@pytest.mark.parametrize("own", [False, True])
def test_text_is_drawn_literally(style, own):
    root = svg(render(cross(style, own), style, formats=("svg",))["svg"])
    said = [e.text for e in root.iter(f"{SVG}text")]
    assert "$_a_ \\alpha ^2$ " in said
    assert "_x_ & $y$ < 1" in said
    assert literal("a\nb\tc\x00") == "a b c "


@pytest.mark.parametrize("own", [False, True])
def test_svg_sets_text_in_the_fonts_of_the_page(style, own):
    root = svg(render(cross(style, own), style, formats=("svg",))["svg"])
    assert root.get("font-family", "").startswith(f"'{fonts.SANS}'")
    assert all("font-family" not in e.get("style", "") for e in root.iter(f"{SVG}text"))
    assert face(style).file.is_relative_to(fonts.FOLDER)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_same_drawing_same_bytes(style, form, own):
    first, second = (render(cross(style, own), style, formats=(form,), salt="pfs")[form] for _ in range(2))
    assert first == second


def test_formats_do_not_change_one_another(style):
    assert render(cross(style), style, formats=("png", "pdf", "svg"))["svg"] == render(cross(style), style)["svg"]


def test_ids_of_two_figures_do_not_clash(style):
    ids = []
    for salt in ("a", "b"):
        root = svg(render(cross(style), style, formats=("svg",), salt=salt)["svg"])
        ids.append({e.get("id") for e in root.iter() if e.get("id")})
    assert ids[0]
    assert not ids[0] & ids[1]


def test_png_has_its_physical_size(style):
    out = render(cross(style), style, width="double", height_mm=60, formats=("png",))["png"]
    across, up = struct.unpack(">II", out[16:24])
    assert across == pytest.approx(170 / 25.4 * 600, abs=1)
    assert up == pytest.approx(60 / 25.4 * 600, abs=1)
    at = out.index(b"pHYs")
    assert struct.unpack(">II", out[at + 4:at + 12]) == (23622, 23622)  # dots per metre at 600 dpi
    assert b"Software" not in out


def test_pdf_embeds_true_type_and_no_date(style):
    import pikepdf

    with pikepdf.open(io.BytesIO(render(cross(style), style, formats=("pdf",))["pdf"])) as pdf:
        assert "/CreationDate" not in pdf.docinfo
        (page,) = pdf.pages
        kinds = {str(f["/Subtype"]) for f in page["/Resources"]["/Font"].values()}
    assert "/Type3" not in kinds


def test_banner_has_a_strip_of_its_own(style):
    plain, marked = (svg(render(cross(style), style, height_mm=70, banner=banner, formats=("svg",))["svg"])
                     for banner in (None, "SYNTHETIC DATA"))
    assert marked.get("height") == f"{70 + BANNER_MM:g}mm"
    texts = {e.text: e for e in marked.iter(f"{SVG}text")}
    shift = BANNER_MM * 72 / 25.4
    assert float(texts["SYNTHETIC DATA"].get("y")) < shift
    for e in plain.iter(f"{SVG}text"):
        assert float(texts[e.text].get("y")) == pytest.approx(float(e.get("y")) + shift, abs=0.02)


def test_unknown_format_and_width_are_refused(style):
    with pytest.raises(KeyError, match="gif"):
        render(cross(style), style, formats=("gif",))
    with pytest.raises(KeyError, match="wide"):
        render(cross(style), style, width="wide")


def test_few_nodes(style):
    """WeasyPrint's time goes with the number of nodes: axes cost two lines and their labels."""
    for own in (False, True):
        root = ET.fromstring(render(cross(style, own), style, formats=("svg",))["svg"])
        assert sum(1 for _ in root.iter()) < 15


def test_a_written_picture_leaves_no_pixels_behind(style):
    """A figure lives as long as something may still be asked of it; its pixels are tens of megabytes."""
    alive = weakref.WeakSet()
    made = RendererAgg.__init__

    def watched(self, *words, **options):
        made(self, *words, **options)
        alive.add(self)

    gc.disable()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(RendererAgg, "__init__", watched)
            files = render(cross(style), style, formats=("svg", "png", "pdf"))
            assert files["png"]
            assert len(alive) == 0
    finally:
        gc.enable()


def test_letters_that_no_font_has_are_told_by_the_study_file_and_not_once_more_for_each_picture(style, recwarn):
    made = render(lambda figure: Sheet(figure, style).text(9, 9, "院内制备"), style, formats=("png", "pdf"))
    assert all(made[name] for name in made)
    assert [str(one.message) for one in recwarn if "Glyph" in str(one.message)] == []
