"""Notes who read whose score, without making a GET write: in the log, and on a stream that a task takes over.

The stream is in Valkey. While it is away or full, the line in the log is all there is; the page is answered anyhow.
"""

import logging
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from oauth2_provider.models import AbstractAccessToken
from redis import Redis
from redis.exceptions import RedisError

from citizens.access import account_of, citizen_of
from citizens.enums import ReadKind
from citizens.models import Citizen

logger = logging.getLogger(__name__)

STREAM = "sesame:reads"
# About so many are kept until the task comes, which is minutes of a busy day.
MOST_WAITING = 1_000_000
SECONDS_TO_WAIT = 0.2
READ_AT = {
    "api:my-score": ReadKind.SCORE,
    "api:my-explanation": ReadKind.EXPLANATION,
    "api:my-history": ReadKind.HISTORY,
}


class ReadsAreNoted:
    """Notes what applications read with a token of a citizen, and what a page of the console says was looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 200:
            _note(request)
        return response


def mark_look(request: HttpRequest, citizen: Citizen) -> None:
    """Says that this page shows the citizen's score to the account that is signed in."""
    request.looked_at = citizen  # type: ignore[attr-defined]


def stream() -> "Redis":
    """The connection to the stream, which waits for nothing long."""
    return _connection(settings.REDIS_URL)


@lru_cache(maxsize=2)
def _connection(url: str) -> "Redis":
    patience = {"socket_timeout": SECONDS_TO_WAIT, "socket_connect_timeout": SECONDS_TO_WAIT}
    return Redis.from_url(url, decode_responses=True, **patience)


def _note(request: HttpRequest) -> None:
    looked_at = getattr(request, "looked_at", None)
    if looked_at is not None:
        return _append(citizen=looked_at.pk, account=account_of(request).pk, what=ReadKind.EXPLANATION)
    token, place = getattr(request, "auth", None), request.resolver_match
    what = READ_AT.get(place.view_name) if place else None
    if what is None or not isinstance(token, AbstractAccessToken) or token.application_id is None:
        return None
    citizen = citizen_of(request.user)
    if citizen is not None:
        _append(citizen=citizen.pk, application=token.application_id, what=what)
    return None


def _append(**facts: int | str) -> None:
    told = {name: str(value) for name, value in facts.items()} | {"at": timezone.now().isoformat()}
    logger.info("score_read", extra=told)
    try:
        stream().xadd(STREAM, told, maxlen=MOST_WAITING, approximate=True)  # type: ignore[arg-type]
    except RedisError as error:
        logger.warning("score_read_not_noted", extra=told | {"reason": str(error)})
