"""Live updates for a long time on a graph that changes: do they still equal a full solve?

python -m bench.soak --minutes 60    each minute one line, and exit code 1 if a score is further off than certified

People do, tie, part, withdraw consent and leave, drawn from a seed; the engine follows. Each minute everybody is
solved anew from the rows and compared with what is stored. Uses servers and data of its own, and forgets them.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time

CITIZENS, BATCH = 20_000, 50
KINDS = ("friend", "colleague", "neighbour", "parent", "child")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=2017)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="sesame-soak-")
    os.environ |= {"SESAME_VAR": folder, "DJANGO_SETTINGS_MODULE": "sesame_site.settings", "LOG_LEVEL": "ERROR"}
    os.environ |= {"DATABASE_URL": "", "REDIS_URL": ""}
    try:
        return soaked(options.minutes, random.Random(options.seed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def soaked(minutes: float, dice: random.Random) -> int:
    """0 if every comparison was within the certified bound, else 1."""
    import django

    django.setup()
    from bench.database import fill
    from scoring.actions.programme import set_cadence
    from scoring.actions.runs import execute_run, start_run
    from scoring.enums import Cadence, RunTrigger
    from scoring.live.worker import catch_up

    fill(citizens=CITIZENS, ties=5 * CITIZENS, behaviours=10 * CITIZENS)
    set_cadence(acting_user=None, cadence=Cadence.LIVE)
    execute_run(start_run(acting_user=None, trigger=RunTrigger.COMMAND))
    engine, _ = catch_up(None)
    assert engine is not None
    began = time.monotonic()
    changes = minute = 0
    while minute < minutes:
        changes += _happens(dice)
        engine, _ = catch_up(engine)
        assert engine is not None
        if time.monotonic() - began >= 60 * min(minute + 1, minutes):
            minute += 1
            furthest, bound = _compared(engine.state.run.pk)
            print(f"minute {minute}: {changes:,} changes; furthest {furthest:.6f} of {bound:.6f} points", flush=True)
            if furthest > bound:
                return 1
    return 0


def _happens(dice: random.Random) -> int:
    """A batch of what people do, through the actions that every door uses; returns how many changes it was."""
    from django.utils import timezone

    from citizens.actions.behaviours import Observation, furnish
    from citizens.actions.consent import withdraw_consent
    from citizens.actions.people import leave
    from citizens.actions.ties import confirm_tie, end_tie, propose_tie
    from citizens.enums import TieKind
    from citizens.models import BehaviourType, Citizen, Consent, Source, Tie, User

    clerk, source = User.objects.get(username="author"), Source.objects.get(key="bench")
    types = list(BehaviourType.objects.order_by("id").values_list("key", flat=True))
    members = Citizen.objects.members().filter(pk__gte=dice.randrange(CITIZENS)).order_by("id")[: BATCH + 2]
    one, other, *people = members
    events = [Observation(person.key, dice.choice(types), f"soak-{dice.random()}", timezone.now()) for person in people]
    furnish(acting_user=None, source=source, observations=events)
    if not Tie.objects.filter(ended_at=None).of(one).of(other).exists():
        tie = propose_tie(
            acting_user=clerk, proposer=one, other=other, kind=TieKind(dice.choice(KINDS)), strength=dice.random()
        )
        confirm_tie(acting_user=clerk, tie=tie)
    if people and (old := Tie.objects.live().of(people[0]).order_by("id").first()):
        end_tie(acting_user=clerk, tie=old)
    if dice.random() < 0.2 and Consent.objects.active().filter(citizen=other, source=source).exists():
        withdraw_consent(acting_user=clerk, citizen=other, source=source)
    if dice.random() < 0.1:
        leave(acting_user=clerk, citizen=one)
    return len(events) + 2


def _compared(run_id: int) -> tuple[float, float]:
    """The largest difference of a stored score from a full solve of the rows, and the bound that both certify."""
    import numpy as np

    from scoring.engine.kernels.rows import positions
    from scoring.live.state import load_state
    from scoring.models import Run
    from scoring.publishing import table_of
    from scoring.snapshot import take
    from sesame_site.kit.database.bulk import read_columns

    run = Run.objects.get(pk=run_id)
    assert run.live_at is not None
    anew = load_state(run, take(), at=run.live_at)
    rows = read_columns(f"SELECT citizen_id, value FROM {table_of(run_id)}")
    place = positions(anew.citizen_ids, rows["citizen_id"])
    assert run.error_bound is not None
    if len(rows["value"]) != int(anew.scored.sum()):
        return float("inf"), run.error_bound
    furthest = float(np.abs(rows["value"] - anew.solution.score[place]).max(initial=0.0))
    return furthest, run.error_bound + anew.solution.error_bound


if __name__ == "__main__":
    sys.exit(main())
