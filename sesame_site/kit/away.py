"""PostgreSQL or Valkey away, frozen or full: everybody is told to come back soon, and one line of the log says why."""

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError as NoBroker
from redis import exceptions as redis

Answer = TypeVar("Answer", bound=HttpResponse)
logger = logging.getLogger(__name__)

ERRORS = (
    OperationalError, InterfaceError, NoBroker,
    redis.ConnectionError, redis.TimeoutError, redis.OutOfMemoryError, redis.ReadOnlyError,
)  # fmt: skip
SECONDS_TO_COME_BACK = 5
WORDS = _("A part of the system does not answer now. Send the call again; what was taken is not taken twice.")


def note(request: HttpRequest, error: BaseException) -> None:
    """The one line of the log: the log of requests keeps silent about this one."""
    logger.warning("part_of_the_system_away", extra={"reason": " ".join(str(error).split())})
    request._raised_exception = error  # type: ignore[attr-defined]


def logged(answer: Answer) -> Answer:
    """The answer, of which Django writes no line of its own."""
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def or_else(handler: Callable[..., HttpResponse], away: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An error handler that answers with `away`, and when to come back, where what went wrong is that."""

    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        error = sys.exc_info()[1]
        if not isinstance(error, ERRORS):
            return handler(request, *args, **kwargs)
        note(request, error)
        answer = away(request)
        answer.headers["Retry-After"] = str(SECONDS_TO_COME_BACK)
        return logged(answer)

    return handle


def page(request: HttpRequest) -> HttpResponse:
    """The page for people. It asks no server for anything, as that might be the one that is away."""
    return render(None, "503.html", status=HTTPStatus.SERVICE_UNAVAILABLE)  # type: ignore[arg-type]
