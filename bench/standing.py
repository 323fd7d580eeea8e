"""Compares Sesame with every peer in each case, and words where it is faster and where it is slower."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from bench.cases import TOLERANCE
from bench.table import digits, duration, listed, span

Row = dict[str, Any]

OURS, READ, EVERYBODY = "Sesame", "one read of the ties", "everybody"
# Two answers that are both within the tolerance of the exact scores differ by at most this many points. PageRanks are
# compared by the sum of their differences.
SAME, SAME_RANK = 2 * TOLERANCE, 1e-4
# Sesame aims to be this many times as fast as the best peer, from this many citizens on.
FROM_CITIZENS, AIM_TIMES = 100_000, 4


@dataclass(frozen=True)
class Standing:
    """The rows of one case by name of the peer."""

    rows: dict[str, Row]

    @property
    def ours(self) -> Row:
        return self.rows[OURS]

    @property
    def name(self) -> str:
        citizens = f"{self.ours['citizens']:,} citizens"
        return citizens if self.is_drawn else f"{self.ours['graph']} ({citizens})"

    @property
    def is_drawn(self) -> bool:
        return bool(self.ours["graph"] == "drawn")

    def peers(self) -> list[Row]:
        """The rows of the peers that answered the same question correctly."""
        return [row for row in self.rows.values() if row["same"] and row["peer"] != OURS and is_right(row)]

    def best(self) -> Row:
        return min(self.peers(), key=lambda row: float(row["seconds"]))

    def ratio(self, row: Row) -> float:
        return float(row["seconds"] / self.ours["seconds"])

    def sweeps_floor(self) -> float:
        """The seconds of reading the ties as often as the peer with the fewest plain sweeps does."""
        sweeps = [row["sweeps"] for row in self.peers() if row["sweeps"]]
        return float(self.rows[READ]["seconds"] * min(sweeps))


def is_right(row: Row) -> bool:
    return bool(row["differ"] <= (SAME if row["same"] else SAME_RANK))


def standings(rows: list[Row]) -> list[Standing]:
    cases = groupby(rows, key=lambda row: (row["graph"], row["citizens"], row["who"]))
    return [Standing({row["peer"]: row for row in case}) for _, case in cases]


def words(everything: list[Standing]) -> Iterator[str]:
    """One sentence after the other, the losses by name."""
    for who in dict.fromkeys(one.ours["who"] for one in everything):
        yield from verdict(who, [one for one in everything if one.ours["who"] == who])
    answers = [(one, row) for one in everything for row in one.rows.values() if "differ" in row]
    wrong = [f"{row['peer']} on {one.name}" for one, row in answers if not is_right(row)]
    if wrong:
        yield f"**A wrong answer, and so no peer there:** {listed(dict.fromkeys(wrong))}."


def verdict(who: str, group: list[Standing]) -> Iterator[str]:
    large = [one for one in group if one.is_drawn and one.ours["citizens"] >= FROM_CITIZENS]
    for what, some in (
        (f"drawn graphs from {FROM_CITIZENS:,} citizens up", large),
        ("smaller drawn graphs", [one for one in group if one.is_drawn and one not in large]),
        ("the real graphs", [one for one in group if not one.is_drawn]),
    ):
        if some:
            yield f"Where {who}, on {what}: {compared(some)}"


def compared(some: list[Standing]) -> str:
    """How many times the best peer takes as long as we, and where that is less than once or less than we mean to."""
    ratios = {one.name: one.ratio(one.best()) for one in some}
    best = listed(dict.fromkeys(str(one.best()["peer"]) for one in some))
    lost = [f"{name} ({digits(1 / ratio)} times)" for name, ratio in ratios.items() if ratio < 1]
    short = [f"{name} ({digits(ratio)})" for name, ratio in ratios.items() if 1 <= ratio < AIM_TIMES]
    return " ".join(
        [f"the best peer ({best}) takes {span(list(ratios.values()))} times as long as Sesame."]
        + [f"**Sesame is slower** on {listed(lost)}."] * bool(lost)
        + [f"Less than the {AIM_TIMES} times it aims at: {listed(short)}."] * bool(short)
    )


def reading(everything: list[Standing]) -> Iterator[str]:
    """How near we are to what the memory allows, at the largest size."""
    size = max(one.ours["citizens"] for one in everything if one.is_drawn)
    for one in everything:
        if one.is_drawn and one.ours["citizens"] == size:
            seconds, read, sweeps = one.ours["seconds"], one.rows[READ]["seconds"], one.sweeps_floor()
            yield (
                f"With {one.name}, where {one.ours['who']}, Sesame takes {duration(seconds)}: {digits(seconds / read)} "
                f"times one read of the ties, {digits(seconds / sweeps)} times the reads of plain sweeps."
            )


def folding(rows: list[Row]) -> Iterator[str]:
    """At the largest size: what numpy and one read take beside us."""
    size = max(row["behaviours"] for row in rows)
    seconds = {row["peer"]: row["seconds"] for row in rows if row["behaviours"] == size}
    ours, numpy, read = seconds[OURS], seconds["numpy"], seconds["one read of the behaviours"]
    slower = "" if numpy >= ours else " **Sesame is slower.**"
    yield (
        f"{size:,} behaviours take Sesame {duration(ours)}: numpy takes {digits(numpy / ours)} times as long, and "
        f"{digits(ours / read)} reads of the columns would fit in.{slower}"
    )


def updating(rows: list[Row]) -> Iterator[str]:
    """How many times faster than solving anew, or not."""
    anew = {row["who"]: row["seconds"] for row in rows if row["changed"] == EVERYBODY}
    for row in rows:
        if row["changed"] != EVERYBODY:
            ratio = anew[row["who"]] / row["seconds"]
            said = f"solving anew takes {digits(ratio)} times as long."
            yield f"{row['changed']} changed, where {row['who']}: " + (said if ratio >= 1 else f"**slower**: {said}")
