"""What an operator's Prometheus reads: what web processes counted, and the state that the database tells."""

import logging
import os
from collections.abc import Callable, Iterator
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from citizens.enums import ChangeKind
from citizens.models import Change
from scoring.enums import RunStatus
from scoring.followers.registry import followers
from scoring.followers.stream import lag
from scoring.models import FollowerPlace, Run

logger = logging.getLogger(__name__)

CONNECTIONS = """
    SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1
"""


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics in Prometheus' text format. The state is read now, so every web process gives the same."""
    counted = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    state = CollectorRegistry()
    state.register(SystemState())
    body = generate_latest(counted) + generate_latest(state)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


class SystemState(Collector):
    """Gauges of runs, the outbox, imports, the task queue and database connections, read when they are asked for."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _unless_away("database", lambda: [*_runs(), *_outbox(), *_followers(), *_connections()])
        yield from _unless_away("broker", lambda: [*_tasks()])


def _unless_away(server: str, read: Callable[[], list[GaugeMetricFamily]]) -> Iterator[GaugeMetricFamily]:
    """What is read of a server, and whether it answered."""
    try:
        found = read()
    except (DatabaseError, InterfaceError, RedisError) as error:
        logger.warning("metrics_away", extra={"server": server, "reason": str(error).strip()})
        found = None
    yield from found or ()
    yield from _gauge(f"{server}_up", f"Whether the {server} answers.", 0 if found is None else 1)


def _gauge(name: str, help: str, value: float | None) -> Iterator[GaugeMetricFamily]:
    """One gauge; none where there is no value, as Prometheus has no null."""
    if value is not None:
        yield GaugeMetricFamily(f"sesame_{name}", help, value=value)


def _labelled(name: str, help: str, label: str, values: dict[str, Any]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"sesame_{name}", help, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _age(moment: Any) -> float | None:
    return None if moment is None else (timezone.now() - moment).total_seconds()


def _runs() -> Iterator[GaugeMetricFamily]:
    counts = dict.fromkeys(RunStatus.values, 0) | dict(
        Run.objects.order_by().values_list("status").annotate(Count("id"))
    )
    yield _labelled("runs", "Runs by status.", "status", counts)
    running = Run.objects.filter(status=RunStatus.RUNNING).first()
    yield from _gauge(
        "run_under_way_seconds", "Age of the run under way.", _age(running.requested_at) if running else None
    )
    current = Run.objects.filter(is_current=True).first()
    if current is not None:
        yield from _gauge("run_age_seconds", "Age of the moment of the run in force.", _age(current.as_of))
        yield from _gauge("run_scored", "Citizens that the run in force scored.", current.scored)
        yield from _gauge("run_error_bound_points", "Certified error bound of the scores.", current.error_bound)
        yield from _gauge("live_age_seconds", "Time since live updates last wrote scores.", _age(current.live_at))


def _outbox() -> Iterator[GaugeMetricFamily]:
    pending = Change.objects.pending().aggregate(count=Count("id"), oldest=Min("created_at"))
    yield from _gauge("outbox_pending", "Changes that the engine has yet to apply.", pending["count"])
    lag = _age(pending["oldest"]) or 0.0
    yield from _gauge("engine_lag_seconds", "Age of the oldest change that the engine has yet to apply.", lag)
    imports = Change.objects.filter(kind=ChangeKind.IMPORT).count()
    yield from _gauge("imports", "Imports on record.", imports)


def _followers() -> Iterator[GaugeMetricFamily]:
    places = {place.name: place for place in FollowerPlace.objects.all()}
    lags = {name: lag(places.get(name, FollowerPlace(name=name))) for name in followers}
    left = {name: behind.movements for name, behind in lags.items()}
    yield _labelled("follower_lag_movements", "Movements that a follower has yet to follow.", "follower", left)
    ages = {name: _age(behind.since) or 0.0 for name, behind in lags.items()}
    yield _labelled("follower_lag_seconds", "Age of the oldest movement it has yet to follow.", "follower", ages)


def _connections() -> Iterator[GaugeMetricFamily]:
    with connection.cursor() as cursor:
        cursor.execute(CONNECTIONS)
        yield _labelled(
            "database_connections", "Connections to the database by state.", "state", dict(cursor.fetchall())
        )
        cursor.execute("SELECT current_setting('max_connections')::int")
        yield from _gauge("database_connections_limit", "Most connections PostgreSQL accepts.", cursor.fetchone()[0])


def _tasks() -> Iterator[GaugeMetricFamily]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        waiting = client.llen(settings.CELERY_TASK_DEFAULT_QUEUE)
    yield from _gauge("tasks_waiting", "Tasks that no worker has taken yet.", waiting)
