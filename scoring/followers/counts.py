"""The follower that counts movements per run, from band to band, for the console's overview."""

from django.db import connection
from django.db.models import Count, F, Min, Q, QuerySet

from scoring.followers.registry import Batch
from scoring.models import Movement, MovementCount, Segment

ADD = """
    INSERT INTO scoring_movementcount AS held (run_id, band_before_id, band_id, movements, up, down)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (run_id, band_before_id, band_id) DO UPDATE SET
        movements = held.movements + excluded.movements, up = held.up + excluded.up, down = held.down + excluded.down
"""


def count_movements(batch: Batch) -> None:
    """Adds the movements of the batch to the counts of their runs and bands."""
    _add(batch.movements)


def _add(movements: QuerySet[Movement]) -> None:
    counts = (
        movements.order_by()
        .values_list("run_id", "band_before_id", "band_id")
        .annotate(
            moved=Count("*"),
            up=Count("id", filter=Q(published__gt=F("before"))),
            down=Count("id", filter=Q(published__lt=F("before"))),
        )
    )
    with connection.cursor() as cursor:
        cursor.executemany(ADD, list(counts))


def forget_counts(xid: int) -> None:
    """Forget what was counted of transactions after this one; runs that they share with others are counted anew."""
    later = Segment.objects.filter(xid__gt=xid)
    runs = list(later.order_by().values_list("run_id", flat=True).distinct())
    MovementCount.objects.filter(run_id__in=runs).delete()
    first = Segment.objects.filter(run_id__in=runs, xid__lte=xid).aggregate(first=Min("first_id"))["first"]
    if first is not None:
        _add(Movement.objects.filter(run_id__in=runs, xid__lte=xid, id__gte=first))
