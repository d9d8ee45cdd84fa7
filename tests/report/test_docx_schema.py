"""Word files against the rules of ECMA-376 as a library knows them, where one is installed (pip install openxml-audit)."""

import pytest

from report import docx
from tests.built import CART, make
from tests.report.test_docx_layout import table, wide

audit = pytest.importorskip("openxml_audit")


def complaints(data, tmp_path):
    path = tmp_path / "file.docx"
    path.write_bytes(data)
    return [str(one) for one in audit.OpenXmlValidator().validate(path).errors]


def test_a_report(tmp_path):
    assert complaints(make(CART, formats=("docx",)).files["report.docx"], tmp_path) == []


def test_pages_that_lie_and_lists(tmp_path):
    body = f"<section id='a'><h2>A</h2><ol><li>One</li></ol>{table([['Age', '1', '2']])}{wide(4).replace('table-1', 'table-2')}"
    html = f"<html><body><main>{body}</section></main></body></html>"
    assert complaints(docx.write(html, {}, title="T", apart={"a"}), tmp_path) == []


def test_the_library_notices_a_fault(tmp_path):
    import io
    import zipfile

    data = docx.write("<html><body><p>A</p></body></html>", {}, title="T")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<w:pStyle", b"<w:pStile"))
    assert complaints(out.getvalue(), tmp_path)
