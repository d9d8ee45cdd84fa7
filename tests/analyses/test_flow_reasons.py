"""Who left, and why, where reasons are a category and some are missing."""

from __future__ import annotations

import pandas as pd

from stats.analyses import flow


def test_a_reason_not_recorded_is_counted_whether_reasons_are_texts_or_a_category():
    screening = pd.DataFrame(
        {
            "consented": [True, True, False, False, False],
            "why": ["", "", "refused", "refused", None],
        }
    )
    for kind in ("object", pd.CategoricalDtype(["refused", "died"])):
        rows = flow.analyse(
            pd.DataFrame(index=range(2)), screening.astype({"why": kind}), stages=["consented"], reason="why"
        )
        lost = {row.level: row.value for row in rows if row.variable == "consented.lost"}
        assert lost == {"": 3, "refused": 2, "reason not recorded": 1}
