"""What attackers learn of others, with the guard off and on: a table for docs/threats.md on standard output.

python -m bench.attacks                      1,000 plays of each game, after 4,000 to learn from
python -m bench.attacks --days 1 30          with runs daily, and monthly
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import django

from bench.progress import say
from bench.table import table

TRAINING_PER_PLAY = 4


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.attacks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--plays", type=int, default=1_000, help="of each game (default: 1,000)")
    parser.add_argument("--days", type=float, nargs="*", default=[7.0], help="between two runs (default: 7)")
    parser.add_argument("--seed", type=int, default=2017)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"SESAME_VAR": folder, "DJANGO_SETTINGS_MODULE": "sesame_site.settings"}
        django.setup()
        for days in options.days:
            print(f"\n{days:g} days between two runs, {options.plays:,} plays\n")
            print(
                table(("game", "strategy", "guard off", "guard on"), _rows(days, options.plays, options.seed), words=2)
            )
            sys.stdout.flush()


def _rows(days: float, plays: int, seed: int) -> Iterator[tuple[str, ...]]:
    from bench.attacks import acts, bands
    from bench.attacks.sight import OFF, ON

    for name, game in (("an act", acts), ("a band", bands)):
        off, on = (_advantages(game, guard, days=days, plays=plays, seed=seed) for guard in (OFF, ON))
        for strategy in off | on:
            yield name, strategy, _figure(off.get(strategy)), _figure(on.get(strategy))


def _advantages(game: Any, guard: Any, *, days: float, plays: int, seed: int) -> dict[str, float]:
    from bench.attacks.learning import advantages

    began = time.perf_counter()
    drawn = list(islice(game.plays(guard, seed=seed, days=days), (1 + TRAINING_PER_PLAY) * plays))
    say(f"{game.__name__}, guard {guard.name}, {days:g} days: {time.perf_counter() - began:.0f} s")
    return advantages(drawn[plays:], drawn[:plays])


def _figure(advantage: float | None) -> str:
    return "" if advantage is None else f"{advantage:.3f}"


if __name__ == "__main__":
    main()
