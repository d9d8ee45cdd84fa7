"""Which counts can be published together, so that no number of patients below the smallest one can be worked out.

What adds up is known from the patients themselves: counts are rows of zeros and ones, one number follows from others by
adding and taking away exactly when its row is a combination of theirs. Counts are taken one by one, totals first. One is
left out when it is too small, when it differs by too few patients from a published one that holds it, or when it
would bring a small group of patients within reach of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from stats.disclosure.members import Counted, Key, Mask

ROUND_OFF = 1e-7  # of a squared length; the shortest row that matters has length one


def chosen(counts: Iterable[Counted], least: int) -> set[Key]:
    """Keys of the counts that may be published when none below `least` may be known, but for zero."""
    counts = list(counts)
    sizes = [one for one in counts if not one.topics]
    kept, given, barred = _settle(sizes, [], set(), least)
    for related in _related([one for one in counts if one.topics], {one.who.tobytes() for one in sizes}, least):
        kept |= _settle(related, given, barred, least)[0]
    return kept


def _related(counts: list[Counted], sizes: set[bytes], least: int) -> list[list[Counted]]:
    """Counts in heaps that have to do with each other: a topic in common, or the very same patients.

    Two topics with the same patients (five or more of them, and not just everybody) speak of one thing under two names.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    same: dict[bytes, str] = {}
    for one in counts:
        first, *others = sorted(one.topics)
        for other in others:
            parent[root(other)] = root(first)
        raw = one.who.tobytes()
        if raw not in sizes and one.who.sum() >= least:
            parent[root(same.setdefault(raw, first))] = root(first)
    heaps: dict[str, list[Counted]] = {}
    for one in counts:
        heaps.setdefault(root(min(one.topics)), []).append(one)
    return list(heaps.values())


def _settle(
    counts: list[Counted], given: list[Mask], barred: set[bytes], least: int
) -> tuple[set[Key], list[Mask], set[bytes]]:
    """(keys kept, rows published so far, rows refused): the same patients get the same answer everywhere."""
    # totals first, then the arms: of two that can't stand together the one that says more of everybody stays
    order = sorted(counts, key=lambda one: (one.order, not one.group.endswith(" all")))
    distinct = {one.who.tobytes(): one.who for one in order}
    reach = Reach(
        [one.astype(float) for one in _protected(counts, least)], next(iter(distinct.values()), np.zeros(0)).size
    )
    published = list(given)
    for row in given:
        reach.add(row)
    answer: dict[bytes, bool] = {row.tobytes(): True for row in given} | dict.fromkeys(barred, False)
    refused = set(barred)
    for raw, row in distinct.items():
        if raw in answer:
            continue
        many = int(row.sum())
        fits = many == 0 or (many >= least and not _close(row, published, least) and reach.add(row))
        answer[raw] = fits
        if fits and many:
            published.append(row)
        elif not fits:
            refused.add(raw)
    return {one.key for one in counts if answer[one.who.tobytes()]}, published, refused


def _close(row: Mask, published: Sequence[Mask], least: int) -> bool:
    """Whether a published row holds this one, or is held by it, with too few patients between them."""
    if not published:
        return False
    others = np.array(published)
    shared = (others & row).sum(axis=1)
    sizes, many = others.sum(axis=1), row.sum()
    apart = np.abs(sizes - many)
    nested = shared == np.minimum(sizes, many)
    return bool((nested & (apart > 0) & (apart < least)).any())


def _protected(counts: list[Counted], least: int) -> list[Mask]:
    """The groups of one to a few patients that these counts are about, alone or by what lies between two of them."""
    found: dict[bytes, Mask] = {}
    for row in _small(counts, least):
        if 0 < row.sum() < least:
            found.setdefault(row.tobytes(), row)
    return list(found.values())


def _small(counts: list[Counted], least: int) -> Iterator[Mask]:
    yield from (one.who for one in counts)
    groups: dict[str, list[Mask]] = {}
    chains: dict[str, list[Mask]] = {}
    for one in counts:
        groups.setdefault(one.group, []).append(one.who)
        if one.chain:
            chains.setdefault(f"{min(one.topics)} {one.chain}", []).append(one.who)
    for rows in groups.values():
        table = np.array(rows)
        inside = table.any(axis=0)
        # patients whom no count of the group tells apart
        _, classes = np.unique(table, axis=1, return_inverse=True)
        classes = np.asarray(classes).ravel()
        for name in np.unique(classes[inside]):
            yield inside & (classes == name)
    for rows in chains.values():
        yield from _steps(rows, least)
    loose = list({one.who.tobytes(): one.who for one in counts if not one.chain}.values())
    if loose:
        yield from _between(np.array(loose), least)


def _steps(rows: list[Mask], least: int) -> Iterator[Mask]:
    """What lies between counts of one chain, as far as it is few."""
    ordered = sorted({row.tobytes(): row for row in rows}.values(), key=lambda row: int(row.sum()))
    for i, row in enumerate(ordered):
        for other in ordered[i + 1 :]:
            if other.sum() - row.sum() >= least:
                break
            yield other & ~row


def _between(rows: np.ndarray, least: int) -> Iterator[Mask]:
    """What lies between a count and another that holds it."""
    sizes = rows.sum(axis=1)
    shared = rows.astype(np.float32) @ rows.T.astype(np.float32)
    for i, j in zip(
        *np.nonzero(
            (shared == sizes[:, None])
            & (sizes[None, :] - sizes[:, None] > 0)
            & (sizes[None, :] - sizes[:, None] < least)
        ),
        strict=True,
    ):
        yield rows[j] & ~rows[i]


class Reach:
    """What the published rows reach by adding and taking away, kept as an orthonormal basis."""

    def __init__(self, protected: list[np.ndarray], width: int):
        self.basis = np.zeros((0, width))
        self.left = np.array(protected).reshape(-1, width)  # of each protected row, what lies outside the basis

    def add(self, row: Mask) -> bool:
        """Take a row in, unless a protected one would then be within reach."""
        new = row.astype(float)
        for _ in range(2):  # once more for what rounding left
            new = new - self.basis.T @ (self.basis @ new)
        length = float(new @ new)
        if length < ROUND_OFF:
            return True
        new /= np.sqrt(length)
        left = self.left - np.outer(self.left @ new, new)
        if len(left) and (np.einsum("ij,ij->i", left, left) < ROUND_OFF).any():
            return False
        self.basis, self.left = np.vstack([self.basis, new]), left
        return True
