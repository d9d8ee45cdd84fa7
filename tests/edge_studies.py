"""Study files for tiny data with one odd thing each: no events, ties, time zero, nothing varies …"""

from __future__ import annotations

import shutil
from pathlib import Path

HEAD = """
[study]
title = "An edge case: {about}"
short = "{name}"
design = "retrospective cohort"
data_cutoff = 2024-12-31
reference = "A"

[arms]
A = "Arm A"
B = "Arm B"

[frames.subjects]
file = "{file}"

[frames.subjects.columns]
"""
ARM = 'arm = {{ type = "arm"{arm} }}\n'
TIMED = """time   = {{ type = "number", label = "Time", unit = "{unit}" }}
event  = {{ type = "{kind}", label = "Event", source = "{status}" }}

[endpoints.os]
label = "Overall survival"
time = "time"
status = "event"
unit = "{unit}"

[analyses.os]
kind = "survival"
endpoint = "os"
at = {at}

[analyses.followup]
kind = "followup"
endpoint = "os"
"""
VALUED = """value  = { type = "number", label = "Value", digits = 1 }

[analyses.table]
kind = "characteristics"
variables = ["value"]
"""
RESPONDED = """resp   = { type = "flag", label = "Response" }

[endpoints.response]
label = "Response"
where = "resp"

[analyses.table]
kind = "characteristics"
variables = ["resp"]

[analyses.response]
kind = "proportion"
outcomes = ["response"]
"""
COLUMNS = """value  = { type = "number", label = "Value", digits = 1 }
resp   = { type = "flag", label = "Response" }
"""
COMPETING = """time   = { type = "number", label = "Time", unit = "months" }
status = { type = "number", label = "State" }

[endpoints.relapse]
label = "Relapse"
time = "time"
status = "status"

[analyses.relapse]
kind = "incidence"
endpoint = "relapse"
at = [4, 8, 12]
"""
GRADED = """grade  = { type = "ordinal", label = "Worst grade", levels = ["0", "1", "2", "3", "4"] }

[terms]
event = { label = "Neurotoxicity", from = "grade" }

[analyses.table]
kind = "characteristics"
variables = ["grade"]

[analyses.toxicity]
kind = "adverse-events"
terms = ["event"]
"""


def _timed(at: str, unit: str = "months", status: str = "event", kind: str = "flag") -> str:
    return TIMED.format(at=at, unit=unit, status=status, kind=kind)


EDGES: dict[str, str] = {  # file → what its columns are and what is made of them
    "s01_no_events_in_one_arm": _timed("[10, 20]"),
    "s02_all_fail_same_time": _timed("[5, 10]"),
    "s03_event_censor_ties": _timed("[3, 5]"),
    "s04_time_zero_events": _timed("[0, 5]"),
    "s05_constant_variable": VALUED,
    "s06_2xk_zero_column": GRADED,
    "s07_last_observation_event": _timed("[10, 30]"),
    "s08_median_not_reached": _timed("[10, 20]"),
    "s09_tiny_p": COLUMNS + _timed("[1, 3]") + RESPONDED.partition("\n")[2].replace('["resp"]', '["resp", "value"]'),
    "s10_quartiles_small_n": VALUED,
    "s11_floating_point_ties": _timed("[0.3, 0.8]"),
    "s12_wilcoxon_tiny_n": VALUED,
    "s13_competing_no_cause1_in_B": COMPETING,
    "s14_zero_cell_2x2": RESPONDED,
    "s15_landmark_ties_at_28": _timed("[28, 40]", unit="days") + """
[analyses.later]
kind = "survival"
endpoint = "os"
landmark = 28
at = [12, 32, 62]

[methods]
fewest = 2
""",
}
ARMS = {  # where the arms are others than A and B
    "s10_quartiles_small_n": [f"n{n}" for n in range(4, 11)],
}


def laid_out(oracle: Path, name: str, target: Path) -> Path:
    """A study folder for one edge case."""
    target.mkdir(parents=True)
    shutil.copy(oracle / "data" / "edge" / f"{name}.csv", target)
    text = HEAD.format(about=name.partition("_")[2].replace("_", " "), name=name.partition("_")[0].upper(),
                       file=f"{name}.csv")
    source = ', source = "group"' if name in ARMS else ""
    text += ARM.format(arm=source) + EDGES[name]
    if name in ARMS:
        arms = "".join(f'{arm} = "Sample of {arm[1:]}"\n' for arm in ARMS[name])
        text = text.replace('A = "Arm A"\nB = "Arm B"\n', arms).replace('reference = "A"', f'reference = "{ARMS[name][0]}"')
    if name.startswith("s12"):
        text = text.replace('.csv"\n', '.csv"\nwhere = "set == \'ties\'"\n').replace(
            "value  =", 'set    = { type = "text", label = "Set" }\nvalue  =')
    (target / "study.toml").write_text(text, "utf-8")
    return target
