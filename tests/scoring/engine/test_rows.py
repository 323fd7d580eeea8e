"""Rows of events: new ones put in, and others taken out, against plain sorted lists."""

import random

import numpy as np
import pytest

from scoring.engine.kernels.rows import arranged, merged
from scoring.engine.kernels.sorting import in_rows

ENTRIES = [(moment, kind, amount) for moment in range(4) for kind in range(2) for amount in (-1.0, 0.0, 2.5)]


def events(rows):
    flat = [(citizen, *entry) for citizen, row in enumerate(rows) for entry in row]
    columns = np.array(flat, np.float64).reshape(-1, 4).T
    citizen, occurred, kind, amount = (np.ascontiguousarray(column) for column in columns)
    return arranged(citizen.astype(np.int32), kind.astype(np.int16), occurred.astype(np.int64), amount, len(rows))


def rows_of(events):
    entries = list(zip(events.occurred.tolist(), events.kind.tolist(), events.amount.tolist(), strict=True))
    return [entries[first:last] for first, last in zip(events.indptr, events.indptr[1:], strict=False)]


def plainly(row, came, went):
    """The row afterwards; None if that is not certain."""
    after = list(row)
    for entry in went:
        if entry not in after:
            return None
        after.remove(entry)
    return None if set(row) & set(came) else sorted(after + came)


@pytest.mark.parametrize("seed", range(200))
def test_merged_rows_are_those_of_plain_lists(seed):
    dice = random.Random(seed)

    def some(most, of=ENTRIES):
        return dice.choices(of, k=dice.randrange(most)) if of else []

    old = [some(9) for _ in range(8)]
    which = sorted(dice.sample(range(8), 5))
    came = [some(5, [entry for entry in ENTRIES if dice.random() < 0.2 or entry not in old[row]]) for row in which]
    went = [dice.sample(old[row], dice.randrange(len(old[row]) + 1)) + some(2) * (dice.random() < 0.2) for row in which]
    fresh, certain = merged(events(old), np.array(which), events(came), events(went))
    wanted = [plainly(old[row], *parts) for row, *parts in zip(which, came, went, strict=True)]
    assert rows_of(fresh) == [row or [] for row in wanted]
    assert certain.tolist() == [row is not None for row in wanted]


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_any_length_are_in_order(seed):
    rng = np.random.default_rng(seed)
    citizen = np.repeat(np.arange(-1, 9, dtype=np.int32), rng.choice([0, 1, 40, 49, 300, 1_000], 10))
    rng.shuffle(citizen)
    columns = [rng.integers(0, 30, len(citizen)), rng.integers(0, 3, len(citizen)), rng.random(len(citizen)).round(1)]
    indptr, *arranged_columns = in_rows(citizen, 9, *columns)
    order = np.lexsort((*columns[::-1], citizen))[np.count_nonzero(citizen < 0) :]
    assert np.diff(indptr).tolist() == np.bincount(citizen[citizen >= 0], minlength=9).tolist()
    for one, column in zip(arranged_columns, columns, strict=True):
        assert np.array_equal(one, column[order])
