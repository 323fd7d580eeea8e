"""What changed while a run computed, brought into its scores before they are published."""

from dataclasses import dataclass, replace

from citizens.models import Change
from scoring import snapshot
from scoring.engine.parts import packed
from scoring.engine.splitting import DAYS_TO_BE_COUNTED_AMONG_THEM, network_splits
from scoring.live.state import LiveState, apply_changes, load_state
from scoring.snapshot import reader
from scoring.snapshot.whole import Columns
from sesame_site.kit.moments import latest_of, microseconds

# A run's scores are certified to this many points.
TOLERANCE = 0.001
# More citizens than these are not read one by one.
MOST_CITIZENS = 20_000


@dataclass(frozen=True, slots=True)
class Computed:
    """The scores that a run has computed, and which transactions they know of, as PostgreSQL's type pg_snapshot."""

    state: LiveState
    pg_snapshot: str


def brought_up_to_date(computed: Computed, *, anew: bool) -> Computed | None:
    """The scores with everything that is visible by now; with the same solution where that changes no score.

    Where it is not known which rows changed (imports, deletions), or too many have, everybody is read and solved for
    `anew`; or else None is returned.
    """
    state = computed.state
    with reader() as read:
        at = latest_of(read.known_at, state.known_at, Change.objects.latest_clock())
        changes = read.changes_since(computed.pg_snapshot)
        if changes.is_bounded and len(changes.everybody) <= MOST_CITIZENS:
            if not len(changes.everybody) and not len(state.ahead.due_at(at)):
                return Computed(replace(state, known_at=at), read.pg_snapshot)
            update = apply_changes(state, changes, read, at=at, tolerance=TOLERANCE)
            if update is not None:
                return Computed(update.state, read.pg_snapshot)
    if not anew:
        return None
    taken = snapshot.take()
    return Computed(load_state(state.run, taken, at=latest_of(taken.known_at, at)), taken.pg_snapshot)


def columns_of(state: LiveState) -> Columns:
    """The rows of the scored for the table of scores."""
    solution, which = state.solution, state.scored
    held = state.ties.are_held(microseconds(state.run.as_of), DAYS_TO_BE_COUNTED_AMONG_THEM)
    splits = network_splits(solution, state.ties, state.influence, held=held)
    return {
        "citizen_id": state.citizen_ids[which],
        "own": state.own[which],
        "drag": solution.drag[which],
        "lift": solution.lift[which],
        "network": solution.network_of(which),
        "value": solution.score[which],
        "published": state.published[which],
        "network_split": packed(splits[which]),
    }
