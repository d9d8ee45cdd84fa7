"""The workflow: valid by GitHub's own schema, harmless, and running what the README tells people to run."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from report.manifest import CODE, ROOT

WORKFLOW = Path(ROOT) / ".github" / "workflows" / "report.yml"


def workflow() -> dict:
    return yaml.load(WORKFLOW.read_text(encoding="utf-8"), yaml.BaseLoader)  # `on` stays a word


def steps() -> list[dict]:
    return [step for job in workflow()["jobs"].values() for step in job["steps"]]


def test_follows_githubs_schema():
    words = ["-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_check_can_fail(tmp_path):
    broken = tmp_path / "report.yml"
    broken.write_text(WORKFLOW.read_text(encoding="utf-8").replace("runs-on:", "run-son:"), encoding="utf-8")
    words = ["-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(broken)]
    assert subprocess.run([sys.executable, *words], capture_output=True, check=False).returncode != 0


def test_runs_by_hand_and_when_anything_changes_that_decides_what_a_report_looks_like():
    on = workflow()["on"]
    assert "workflow_dispatch" in on
    for event in ("push", "pull_request"):
        paths = on[event]["paths"]
        assert "data/**" in paths
        for name in CODE:
            assert any(re.fullmatch(path.replace("**", ".*").replace("*.", r".*\."), name + end)
                       for path in paths for end in ("", "/x")), name


def test_asks_for_no_more_rights_than_reading():
    assert workflow()["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in workflow()["jobs"].values())
    assert "secrets." not in WORKFLOW.read_text(encoding="utf-8")


def test_actions_are_githubs_own_and_pinned_to_a_major_version():
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@v\d+", action), action


def test_tests_builds_shows_the_claims_and_keeps_html_and_pdf():
    commands = "\n".join(step.get("run", "") for step in steps())
    assert commands.index("python build_report.py test") < commands.index("python build_report.py build data/*/ --certify")
    assert re.search(r"claims\.md >> \"\$GITHUB_STEP_SUMMARY\"", commands)
    kept = {step["with"]["path"] for step in steps() if step.get("uses", "").startswith("actions/upload-artifact")}
    assert kept == {"build/*/report.html", "build/*/report.pdf"}


def test_nothing_in_a_command_comes_from_outside():
    """An expression inside a shell line would let the title of a pull request run commands."""
    assert all("${{" not in step.get("run", "") for step in steps())
