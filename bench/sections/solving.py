"""Measures the network effect: Sesame and its peers, to the same certified bound, on drawn and on real graphs."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np

from bench import floor
from bench.cases import REAL, Case, drawn, real
from bench.memory import held
from bench.peers.everybody import peers
from bench.peers.peer import Answer, Peer, exact_pagerank
from bench.progress import say
from bench.rounds import Timed, interleaved, rounded, spread, timed, typical
from bench.standing import OURS, READ
from scoring.engine.arrays import Floats

SIZES = (12_500, 25_000, 50_000, 100_000, 200_000, 400_000, 800_000, 1_600_000)
QUICK = (3_125, 6_250, 12_500)
QUICK_REAL = ("ego-Facebook", "e-mail Enron")
QUICK_SLOW = 4_000
LARGE = 10_000_000
Both = tuple[Timed, Timed]
SECONDS = attrgetter("seconds")


def measured(*, rounds: int, quick: bool = False, large: bool = False) -> dict[str, Any]:
    everybody, notes = peers()
    if quick:
        everybody = [replace(peer, most=QUICK_SLOW, real=False) if peer.slow else peer for peer in everybody]
        notes.append(f"A quick run: slow peers answer for up to {QUICK_SLOW:,} drawn citizens only, Spark not at all.")
    bandwidth = floor.copy_bandwidth(rounds, floor.COPIED_DOUBLES >> 2 if quick else floor.COPIED_DOUBLES)
    sizes, graphs = (QUICK, QUICK_REAL) if quick else (SIZES + (LARGE,) * large, tuple(REAL))
    rows = [row for case in cases(sizes, graphs, notes) for row in compared(case, everybody, rounds)]
    versions = {peer.name: peer.version() for peer in everybody if peer.name != OURS}
    return {"rows": rows, "notes": notes, "copy_gb_s": spread(bandwidth)["seconds"], "versions": versions}


def cases(sizes: tuple[int, ...], graphs: tuple[str, ...], notes: list[str]) -> Iterator[Case]:
    """All cases; a graph whose file is missing is noted and left out."""
    yield from chain.from_iterable(map(drawn, sizes))
    for name in graphs:
        try:
            yield from real(name)
        except OSError:
            notes.append(f"{name} was not measured: its file is not there (BENCH_DATA says where to look).")
            say(notes[-1])


def compared(case: Case, everybody: list[Peer], rounds: int) -> Iterator[dict[str, Any]]:
    """The rows of all peers and of one read of the ties."""
    chosen = [peer for peer in everybody if peer.takes(case)]
    say(f"solve: {case.words}: " + ", ".join(peer.name for peer in chosen))
    ways: dict[str, Any] = {peer.name: partial(typical, partial(answered, peer, case), seconds_of) for peer in chosen}
    ways["floor"] = partial(typical, partial(timed, partial(floor.read, floor.tie_columns(case.ties))), SECONDS)
    results = interleaved(ways, rounds, cold=[peer.name for peer in chosen if peer.slow])
    about = {"graph": case.graph, "who": case.who, "citizens": len(case), "ties": len(case.ties.other)}
    judged = {True: results[OURS][0][1].result.score, False: None}
    for peer in chosen:
        if not peer.same and judged[False] is None:
            judged[False] = exact_pagerank(case)
        yield about | {"peer": peer.name, "same": peer.same} | summary(results[peer.name], judged[peer.same], peer.same)
    reads = list(map(SECONDS, results["floor"]))
    columns = sum(column.nbytes for column in floor.tie_columns(case.ties))
    memory = held(partial(everybody[0].solve, case, None)) if case.graph == "drawn" else None
    yield about | {"peer": READ, "same": False} | spread(reads) | {"columns": columns, "held": memory}


def answered(peer: Peer, case: Case) -> Both:
    preparing = timed(partial(peer.prepare, case))
    solving = timed(partial(peer.solve, case, preparing.result))
    return preparing._replace(result=None), solving


def seconds_of(both: Both) -> float:
    return sum(map(SECONDS, both))


def summary(results: list[Both], judge: Floats, same: bool) -> dict[str, Any]:
    """The seconds in all, of preparing and of solving, and how far the worst answer of all rounds is from the judge."""
    answers: list[Answer] = [solving.result for _, solving in results]
    return spread(list(map(seconds_of, results))) | {
        "prepare": spread([preparing.seconds for preparing, _ in results])["seconds"],
        "solve": spread([solving.seconds for _, solving in results])["seconds"],
        "sweeps": answers[0].sweeps,
        "bound": answers[0].bound and rounded(answers[0].bound),
        "differ": rounded(max(distance(answer.score, judge, same) for answer in answers)),
    }


def distance(score: Floats, judge: Floats, same: bool) -> float:
    """The largest difference in points, infinite if others are scored; of PageRanks, the sum, as a share of all."""
    if not same:
        return float(np.abs(score / score.sum() - judge).sum())
    if not np.array_equal(np.isnan(score), np.isnan(judge)):
        return float("inf")
    return float(np.nanmax(np.abs(score - judge), initial=0.0))
