"""Every table with the observed margins, walked column by column instead of one by one.

A node is what each row still has to receive; a stage fills one column. Tables that agree on the node and on the value
so far are merged, as in the network algorithm of Mehta and Patel (J Am Stat Assoc 1983;78:427-434). Growing the walk
from both ends and joining in the middle keeps the number of merged values small. All of it is deterministic; when a
table is too large for the work allowed, the answer is None and the caller says what it did instead.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stats.methods import fills
from stats.methods.fills import EDGES, within
from stats.methods.hypergeometric import Hypergeometric
from stats.methods.special import gammaln

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VALUES = 12_000_000  # values carried along the steps of one stage
PORTION = 500_000  # of these at a time, to spare memory
TIE = 1e-7  # relative difference below which two probabilities count as equal, as in R's fisher.test
GRID = 1e8  # values closer than 1e-8 are merged


@dataclass(frozen=True)
class Stage:
    """Steps that fill one column: from node `source` to node `target`, `log` = -sum(log(cell!)), `ways` merged fills.

    `fill` is what the rows receive, one row per step; empty once mirrored nodes have been merged.
    """

    source: Ints
    target: Ints
    log: Floats
    ways: Floats
    fill: Ints


@dataclass(frozen=True)
class Network:
    """`nodes[k]` are the remaining row totals after k columns; `log_total[k]` the log of all completions from each."""

    nodes: list[Ints]
    stages: list[Stage]
    log_total: list[Floats]


@dataclass(frozen=True)
class Values:
    """Merged values at the nodes of one stage, sorted by node and value; `start` marks each node's first."""

    node: Ints
    value: Floats
    mass: Floats
    start: Ints


def fisher_p(table: Ints) -> float | None:
    """Probability of all tables with these margins that are no more probable than this one; None when too large.

    `table` has no empty row or column and at least two of each.
    """
    if table.shape == (2, 2):
        (a, b), (c, d) = table.tolist()
        return Hypergeometric(a + b, c + d, a + c).no_more_probable(a, TIE)[0]
    if table.shape[0] > table.shape[1]:
        table = table.T
    observed = float(-gammaln(table + 1).sum()) + TIE
    network = _network(table.sum(axis=1), _ordered(table.sum(axis=0)), mirrored=True)
    if network is None:
        return None
    ends = _extremes(network)
    front, back, settled = 0, len(network.stages), 0.0
    left, right = _seed(), _seed()
    while back - front > 1:
        window = _window(network, front, left, ends[front + 1], observed)
        stage = network.stages[back - 1]
        cost_right = _counts(right)[stage.target].sum()
        if min(window.size, cost_right) > VALUES:
            return None
        if window.size <= cost_right:
            settled += window.settled
            if not window.size:
                return min(settled, 1.0)
            stage = network.stages[front]
            left = _grow(left, window.begin, window.width, stage.target, stage.log, stage.ways,
                         len(network.nodes[front + 1]))
            front += 1
        else:
            right = _grow(right, right.start[stage.target], _counts(right)[stage.target], stage.source, stage.log,
                          stage.ways, len(network.nodes[back - 1]))
            back -= 1
    window = _window(network, front, left, ends[front + 1], observed)
    if window.size > 4 * VALUES:
        return None
    return min(settled + window.settled + _join(network, front, left, right, window, observed), 1.0)


def linear_distribution(table: Ints, row_scores: Floats, column_scores: Floats) -> tuple[Floats, Floats] | None:
    """Values of sum(row score x column score x count) over all tables with these margins, and their probabilities.

    None when the table is too large.
    """
    network = _network(table.sum(axis=1), table.sum(axis=0), mirrored=False)
    if network is None:
        return None
    values = _seed()
    for k, stage in enumerate(network.stages):
        if _counts(values)[stage.source].sum() > VALUES:
            return None
        step = (stage.fill @ row_scores) * column_scores[k]
        chance = np.exp(stage.log + network.log_total[k + 1][stage.target] - network.log_total[k][stage.source])
        values = _grow(values, values.start[stage.source], _counts(values)[stage.source], stage.target, step, chance,
                       len(network.nodes[k + 1]))
    return values.value, values.mass


def _ordered(columns: Ints) -> Ints:
    """The largest column last, where its fill is forced, the next largest first, where there is one node only."""
    ranked = np.sort(columns)
    return np.concatenate([ranked[-2:-1], ranked[:-2], ranked[-1:]])


def _network(rows: Ints, columns: Ints, mirrored: bool) -> Network | None:
    """All nodes and steps; with `mirrored`, nodes that differ only in the order of rows are one node."""
    rows = np.sort(rows) if mirrored else rows
    base = (int(rows.max()) + 1) ** np.arange(len(rows), dtype=np.int64)
    if len(rows) * np.log2(rows.max() + 1) > 62:
        return None
    nodes, stages, edges = [rows[None, :]], [], 0
    for k, column in enumerate(columns):
        here = nodes[-1]
        if k == len(columns) - 1:
            source, fill = np.arange(len(here)), here
        else:
            found = fills.steps(here, int(column), EDGES - edges)
            if found is None:
                return None
            source, fill = found
            edges += len(source)
        after = here[source] - fill
        if mirrored:
            after = np.sort(after, axis=1)
        code, first, target = np.unique(after @ base, return_index=True, return_inverse=True)
        nodes.append(after[first])
        stage = Stage(source, target, -gammaln(fill + 1.0).sum(axis=1), np.ones(len(source)), fill)
        stages.append(_merged(stage, len(code)) if mirrored else stage)
    remaining = np.cumsum(np.concatenate([[0.0], gammaln(columns[::-1] + 1.0)]))[::-1]
    totals = [gammaln(node.sum(axis=1) + 1.0) - gammaln(node + 1.0).sum(axis=1) - remaining[k]
              for k, node in enumerate(nodes)]
    return Network(nodes, stages, totals)


def _merged(stage: Stage, targets: int) -> Stage:
    """Steps with the same ends and value become one."""
    pair, log, ways = _merge(stage.source * targets + stage.target, stage.log, stage.ways)
    return Stage(pair // targets, pair % targets, log, ways, np.empty((0, 0), dtype=np.int64))


def _seed() -> Values:
    return Values(np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1), np.array([0, 1]))


def _counts(values: Values) -> Ints:
    return np.diff(values.start)


def _merge(node: Ints, value: Floats, mass: Floats) -> tuple[Ints, Floats, Floats]:
    """Sort by node, then value; add up the mass of equal values."""
    if not len(node):
        return node, value, mass
    grid = np.rint((value - value.min()) * GRID).astype(np.int64)
    order = np.argsort(node * (int(grid.max()) + 1) + grid, kind="stable")
    node, grid = node[order], grid[order]
    first = np.flatnonzero(np.concatenate([[True], (node[1:] != node[:-1]) | (grid[1:] != grid[:-1])]))
    return node[first], value[order][first], np.add.reduceat(mass[order], first)


def _grow(values: Values, begin: Ints, width: Ints, target: Ints, step: Floats, ways: Floats, nodes: int) -> Values:
    """Carry `width` values from `begin` on along each step to `target`, a portion of the target nodes at a time."""
    order = np.argsort(target, kind="stable")
    size = np.cumsum(width[order])
    breaks = np.flatnonzero(np.diff(target[order]) != 0) + 1
    portions = np.unique(size[breaks - 1] // PORTION, return_index=True)[1] if len(breaks) else breaks
    parts = []
    for steps in np.split(order, breaks[portions]):
        edge = np.repeat(steps, width[steps])
        entry = begin[edge] + within(width[steps])
        parts.append(_merge(target[edge], values.value[entry] + step[edge], values.mass[entry] * ways[edge]))
    node = np.concatenate([part[0] for part in parts])
    return Values(node, np.concatenate([part[1] for part in parts]), np.concatenate([part[2] for part in parts]),
                  np.searchsorted(node, np.arange(nodes + 1)))


def _extremes(network: Network) -> list[tuple[Floats, Floats]]:
    """The smallest and largest value of any completion from each node, stage by stage."""
    ends = [(np.zeros(1), np.zeros(1))]
    for stage in reversed(network.stages):
        low, high = ends[0]
        first = np.flatnonzero(np.concatenate([[True], stage.source[1:] != stage.source[:-1]]))
        ends.insert(0, (np.minimum.reduceat(stage.log + low[stage.target], first),
                        np.maximum.reduceat(stage.log + high[stage.target], first)))
    return ends


class _Ranks:
    """Finds, within a node's values, how many are at most a limit."""

    def __init__(self, values: Values):
        self.low = min(float(values.value.min(initial=0.0)), 0.0)
        self.top = float(values.value.max(initial=0.0)) - self.low + 1.0
        self.span = int(np.ceil((self.top + 1.0) * GRID))
        self.keys = self._keys(values.node, values.value)
        self.start = values.start

    def _keys(self, node: Ints, value: Floats) -> Ints:
        inside = np.clip(value - self.low, -1e-6, self.top)
        return node * self.span + np.rint(inside * GRID).astype(np.int64)

    def __call__(self, node: Ints, limit: Floats) -> Ints:
        """Index behind the last value of `node` that is at most `limit`."""
        found = np.searchsorted(self.keys, self._keys(node, limit), side="right")
        return np.maximum(found, self.start[node])


@dataclass(frozen=True)
class _Window:
    """Per step the values whose sum is not settled by the extremes alone, and the probability already settled."""

    begin: Ints
    width: Ints
    settled: float
    size: int
    chance: Floats
    onward: Floats


def _window(network: Network, k: int, left: Values, ends: tuple[Floats, Floats], observed: float) -> _Window:
    """Small values stay at or below `observed` whatever follows, large ones never do; only those between are open."""
    stage, total = network.stages[k], network.log_total
    low, high = ends
    chance = left.mass * np.exp(left.value + total[k][left.node] - total[0][0])
    onward = stage.ways * np.exp(stage.log + total[k + 1][stage.target] - total[k][stage.source])
    ranks, room = _Ranks(left), observed - stage.log
    inside = ranks(stage.source, room - high[stage.target])
    within = ranks(stage.source, room - low[stage.target])
    sums = _running(chance, left.start)
    settled = float((np.where(inside > left.start[stage.source], sums[inside - 1], 0.0) * onward).sum())
    return _Window(inside, within - inside, settled, int((within - inside).sum()), chance, onward)


def _running(mass: Floats, start: Ints) -> Floats:
    """Running sums that begin anew at each node, so that the smallest keep their precision."""
    sums = np.empty_like(mass)
    for begin, end in itertools.pairwise(start):
        np.cumsum(mass[begin:end], out=sums[begin:end])
    return sums


def _join(network: Network, k: int, left: Values, right: Values, window: _Window, observed: float) -> float:
    """Probability that value(left) + step + value(right) <= observed over the one stage between them."""
    stage, ranks = network.stages[k], _Ranks(right)
    sums = _running(right.mass * np.exp(right.value - network.log_total[k + 1][right.node]), right.start)
    p = 0.0
    for part in np.array_split(np.arange(len(window.width)), window.size // PORTION + 1):
        edge = np.repeat(part, window.width[part])
        entry = window.begin[edge] + within(window.width[part])
        node = stage.target[edge]
        rank = ranks(node, observed - stage.log[edge] - left.value[entry])
        share = np.where(rank > right.start[node], sums[rank - 1], 0.0)
        p += float((window.chance[entry] * window.onward[edge] * share).sum())
    return p
