"""What the label of an endpoint names: a share that is left, a time, or the event itself.

A Kaplan–Meier estimate of 'Overall survival' may be called by it, and so may its median; of 'Relapse' neither may: 'median
relapse' is no time, and a relapse that is 'shorter' is not what a lower hazard means.
"""

from __future__ import annotations

import re

# 'PFS' alone is a label too; longer ones hold a word that tells
SHORT = re.compile(r"(?:os|[a-z]*(?:fs|ss))", re.I)
SHARE = re.compile(r"surviv|-free|\bfree(?:dom)? (?:from|of)\b|\b(?:patency|retention)\b", re.I)
TIME = re.compile(r"\b(?:times?|durations?|intervals?|length|stay|persistence|remission|follow-up)\b", re.I)


def names_share(title: str) -> bool:
    """Whether an endpoint is what a Kaplan–Meier estimate is called: 'Overall survival'."""
    return bool(SHORT.fullmatch(title.strip()) or SHARE.search(title))


def names_time(title: str) -> bool:
    """Whether an endpoint is what a median or a mean is of: 'Overall survival', 'Time to progression'."""
    return names_share(title) or bool(TIME.search(title))
