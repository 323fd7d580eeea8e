"""Sweeps over a whole population until the error is certified, whatever form the scores are in."""

from collections.abc import Callable
from typing import TypeVar

from scoring.engine.cluster.question import Question
from scoring.engine.solve import NotConverged

State = TypeVar("State")
Certificate = dict[str, float]


def sweep_until_certain(
    sweep: Callable[[State], tuple[State, float]], start: State, question: Question
) -> tuple[State, Certificate]:
    """Returns the state after enough sweeps, and the certificate of its error.

    `sweep` returns T(s) and the largest |T(s) − s| for a state s. With q = max(drag, lift), the φ of no score of T(s)
    differs by more than r = q · |T(s) − s| from the φ that it was computed from, and no score by more than r / (1 − q)
    from the exact one (Banach). Raises NotConverged if r stops shrinking before that bound is within the tolerance.
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
