"""Sweeps of a whole population until the error is certified, whatever it is that holds the scores."""

from collections.abc import Callable
from typing import TypeVar

from scoring.engine.cluster.question import Question
from scoring.engine.solve import NotConverged

State = TypeVar("State")
Certificate = dict[str, float]


def sweep_until_certain(
    sweep: Callable[[State], tuple[State, float]], start: State, question: Question
) -> tuple[State, Certificate]:
    """The state after enough sweeps, and the certificate of its error.

    `sweep` gives T(s) and the largest |T(s) − s| for a state s. With q = max(drag, lift) nobody's φ is further than
    q times that, the residual, from the one T(s) was computed from, and no score of T(s) further than r / (1 − q) from
    the exact one (Banach). Raises NotConverged if that stops shrinking before it is at most the tolerance.
    Source: docs/model.md, "Network effect".
    """
    q, tolerance = question.influence.modulus, question.tolerance
    state, residual, rounds = start, float("inf"), 0
    while True:
        before = residual
        state, change = sweep(state)
        residual, rounds = q * change, rounds + 1
        bound = residual / (1.0 - q)
        if bound <= tolerance:
            certificate = {"residual": residual, "error_bound": bound}
            return state, certificate | {"pushes": rounds * question.ties, "rounds": rounds}
        if residual >= before:
            raise NotConverged(f"The error bound is still {bound:g} points after {rounds} rounds; not {tolerance:g}.")
