"""How an attacker decides: as somebody who has played the same game often, and knows how it mostly ended."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

# Where fewer plays ended with the same observation, the guess is that of somebody who has seen nothing.
LEAST_PLAYS = 8
# What each strategy observed, and the truth.
Play = tuple[Mapping[str, Hashable], Hashable]


def advantages(training: Sequence[Play], plays: Sequence[Play]) -> dict[str, float]:
    """By strategy: how much more often the attacker is right than the best guess of somebody who sees nothing.

    A share of all plays, from −1 to 1. Observations are compared for equality, so they must be coarse.
    """
    return {strategy: _advantage(strategy, training, plays) for strategy in plays[0][0]}


def _advantage(strategy: str, training: Sequence[Play], plays: Sequence[Play]) -> float:
    blind = _most_common(truth for _, truth in training)
    seen: dict[Hashable, list[Hashable]] = defaultdict(list)
    for observed, truth in training:
        seen[observed[strategy]].append(truth)
    learnt = {cell: _most_common(truths) for cell, truths in seen.items() if len(truths) >= LEAST_PLAYS}
    right = sum(learnt.get(observed[strategy], blind) == truth for observed, truth in plays)
    return (right - sum(blind == truth for _, truth in plays)) / len(plays)


def _most_common(truths: Iterable[Hashable]) -> Hashable:
    return Counter(truths).most_common(1)[0][0]
