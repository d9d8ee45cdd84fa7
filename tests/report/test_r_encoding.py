"""Encodings by the names that R knows."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from report.r_code import encoding


@pytest.mark.parametrize(("ours", "theirs"), [
    ("", ""), ("latin-1", "ISO-8859-1"), ("latin1", "ISO-8859-1"), ("iso-8859-15", "ISO-8859-15"), ("utf-8", "UTF-8"),
    ("utf-8-sig", "UTF-8"), ("cp1252", "CP1252"), ("windows-1252", "CP1252"), ("gbk", "GBK"), ("utf-16", "UTF-16"),
])
def test_names_of_encodings(ours, theirs):
    assert encoding(ours) == theirs


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("name", ["latin-1", "cp1252", "iso-8859-15", "utf-16", "gb18030"])
def test_r_reads_what_python_wrote(name, tmp_path):
    (tmp_path / "a.txt").write_bytes("München; 5 é\n".encode(name, "replace"))
    script = f'cat(enc2utf8(readLines(file("{tmp_path / "a.txt"}", encoding = "{encoding(name)}"))))'
    said = subprocess.run(["Rscript", "-e", script], capture_output=True, check=True).stdout.decode()
    assert said.strip().endswith("München; 5 é")
