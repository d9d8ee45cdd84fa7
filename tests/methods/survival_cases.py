"""Small studies shared by the survival tests: one worked by hand, and the awkward ones."""

import numpy as np

# Seven patients; at 3 an event and a censoring tie, at 5 two events tie, the last seen has the event.
#   t  at risk  events  censored  S
#   2     7       1        0      6/7
#   3     6       1        1      5/7
#   5     4       2        0      5/14
#   7     2       0        1      5/14
#   8     1       1        0      0
TIME = np.array([5.0, 2, 3, 8, 3, 7, 5])
STATUS = np.array([1.0, 1, 0, 1, 1, 0, 1])
GROUP = np.array([0.0, 1, 1, 0, 1, 0, 0])
# with a competing event for the second who leaves at 5, and for nobody else
CAUSE = np.array([1.0, 1, 0, 1, 1, 0, 2])

NAN = float("nan")

# name: times, status, group
AWKWARD = {
    "nobody": ([], [], []),
    "only missing values": ([NAN, 3], [1, NAN], [0, 1]),
    "one patient with the event": ([4], [1], [0]),
    "one patient censored": ([4], [0], [1]),
    "one patient censored at time zero": ([0], [0], [1]),
    "two patients, one event": ([4, 6], [1, 0], [0, 1]),
    "no events": ([3, 5, 5, 8, 9, 9], [0] * 6, [0, 0, 0, 1, 1, 1]),
    "no events in one arm": ([3, 5, 6, 8, 9, 9, 4, 11], [1, 1, 0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1]),
    "an arm empty": ([3, 5, 6, 8], [1, 0, 1, 1], [1, 1, 1, 1]),
    "everyone fails at one time": ([7] * 6, [1] * 6, [0, 0, 0, 1, 1, 1]),
    "events and censorings tie everywhere": ([2, 2, 4, 4, 2, 2, 4, 4], [1, 0, 1, 0] * 2, [0] * 4 + [1] * 4),
    "events at time zero": ([0, 0, 0, 3, 0, 0, 5, 6], [1, 0, 1, 1, 1, 0, 0, 1], [0] * 4 + [1] * 4),
    "everything at time zero": ([0] * 6, [1, 0, 1, 0, 1, 0], [0, 0, 0, 1, 1, 1]),
    "curve falls to zero": ([1, 2, 3, 4, 1, 3, 5, 6], [1] * 8, [0] * 4 + [1] * 4),
    "plateau at one half": ([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 0, 0, 1, 1, 0, 0], [0] * 4 + [1] * 4),
    "arms that never meet": ([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1]),
    "separated in time": ([1, 2, 3, 10, 11, 12], [1, 1, 1, 0, 0, 1], [0, 0, 0, 1, 1, 1]),
    "a negative time": ([-1, 2, 3, 4], [1, 0, 1, 1], [0, 0, 1, 1]),
    "an infinite time": ([np.inf, 2, 3, 4], [1, 0, 1, 1], [0, 0, 1, 1]),
    "events coded one and two": ([1, 2, 3, 4], [1, 2, 1, 2], [0, 0, 1, 1]),
    "times passed as flags": ([1, 2, 3, 4], [10, 20, 30, 40], [0, 0, 1, 1]),
}


def case(name):
    """Arrays of an awkward study."""
    return tuple(np.array(column, float) for column in AWKWARD[name])


def cohort(n=200, seed=7, ties=True):
    """A seeded cohort: times, status 0/1/2, group, a continuous covariate, strata."""
    rng = np.random.default_rng(seed)
    group = (rng.random(n) < 0.5).astype(float)
    x = rng.normal(size=n)
    time = rng.exponential(10 * np.exp(-0.5 * group - 0.3 * x))
    status = rng.choice([0.0, 1.0, 2.0], n, p=[0.3, 0.5, 0.2])
    return (np.ceil(time) if ties else time), status, group, x, rng.integers(0, 3, n)
