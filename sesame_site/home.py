"""The front door, and the two addresses by which a machine asks how the system is."""

from collections.abc import Callable

from celery.exceptions import CeleryError
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from citizens.access import citizen_of, rights_of
from scoring.portal.score import score
from sesame_site.celery import app

SECONDS_TO_ANSWER = 1.0


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """A citizen's score, the console for staff, and for strangers what this is."""
    if citizen_of(request.user):
        return score(request)
    if rights_of(request.user):
        return redirect("console:home")
    return render(request, "home.html")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Alive: this process answers."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: the database, the broker and a worker answer; 503 names which do not."""
    parts = {"database": _answers(_database), "broker": _answers(_broker)}
    parts["worker"] = parts["broker"] and _answers(_worker)
    status = 200 if all(parts.values()) else 503
    words = {name: "answers" if answers else "does not answer" for name, answers in parts.items()}
    return JsonResponse({"status": "ready" if status == 200 else "not ready", **words}, status=status)


def _answers(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except (DatabaseError, RedisError, CeleryError, KombuError, OSError):
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _broker() -> bool:
    cache.get("readyz")
    return True


def _worker() -> bool:
    return bool(app.control.ping(timeout=SECONDS_TO_ANSWER, limit=1))
