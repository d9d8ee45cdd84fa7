"""docs/findings.md explains every code in the source, and no other."""

import re

from tests.docs.pages import ROOT, read

CODE = re.compile(r"(?<![A-Z_])[ERWNV]_[A-Z][A-Z0-9_]+")
SOURCES = [ROOT / "build_report.py", *sorted((ROOT / "stats").rglob("*.py")), *sorted((ROOT / "report").rglob("*.py"))]


def written() -> dict[str, set[str]]:
    """Code → files that write it as a text of its own."""
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        for code in re.findall(rf"[\"']({CODE.pattern})[\"']", path.read_text("utf-8")):
            found.setdefault(code, set()).add(path.relative_to(ROOT).as_posix())
    return found


def explained() -> list[str]:
    return [cell for line in read("findings.md").splitlines() for cell in re.findall(r"^\| `([A-Z0-9_]+)` \|", line)]


def test_every_code_is_explained():
    missing = {code: sorted(files) for code, files in written().items() if code not in explained()}
    assert not missing, f"docs/findings.md says nothing of {missing}"


def test_no_code_is_explained_that_is_never_used():
    assert set(explained()) - {"E_", "R_", "W_", "N_", "V_"} <= set(written())


def test_each_code_is_explained_once():
    codes = explained()
    assert len(codes) == len(set(codes))


def test_verdicts_have_their_codes():
    from report.claims import CODES

    page = read("findings.md")
    for verdict, code in CODES.items():
        assert f"| `{code}` | {verdict} |" in page


def test_codes_named_elsewhere_exist():
    for page in ("claims.md", "clinical.md", "study-file.md", "architecture.md", "extending.md"):
        assert set(CODE.findall(read(page))) <= set(written()), page
