"""The population in memory that previews and what-ifs share, and the rule sets in force solved on it."""

import datetime as dt
import threading
from dataclasses import dataclass, replace

from django.utils import timezone

from scoring.lab.solving import Solved, solved
from scoring.models import RuleSet, Run
from scoring.snapshot import Snapshot, current, files, reader

# Changes are looked for at most once in this time, and ages are brought up to date once in this time.
CHECK_INTERVAL = dt.timedelta(seconds=5)
AGEING_INTERVAL = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule set on a population, as of now, or of a run."""

    snapshot: Snapshot
    rule_set: RuleSet
    run: Run | None
    solved: Solved


_lock = threading.Lock()
_snapshot: Snapshot | None = None
_checked_at: dt.datetime | None = None
_in_force: dict[bool, InForce] = {}


def frozen() -> Snapshot:
    """The population as it is now, or was at most CHECK_INTERVAL ago.

    The first call in a process reads the files; later calls read what has changed since.
    """
    global _snapshot, _checked_at
    with _lock:
        if _snapshot is not None and _checked_at is not None and timezone.now() - _checked_at < CHECK_INTERVAL:
            return _snapshot
        with reader() as read:
            kept = _snapshot if _snapshot is not None else files.load()
            taken = current(kept, read)
            if taken is not _snapshot or read.known_at - taken.known_at > AGEING_INTERVAL:
                _snapshot = replace(taken, pg_snapshot=read.pg_snapshot, known_at=read.known_at)
            _checked_at = timezone.now()
        return _snapshot


def in_force(snapshot: Snapshot, rule_set: RuleSet, run: Run | None = None) -> InForce:
    """The rule set solved on the snapshot, as of now or of the run in force; computed once for each of both."""
    kept = _in_force.get(run is None)
    if kept is None or kept.snapshot is not snapshot or (kept.rule_set, kept.run) != (rule_set, run):
        kept = _in_force[run is None] = InForce(snapshot, rule_set, run, solved(rule_set, snapshot, run))
    return kept
