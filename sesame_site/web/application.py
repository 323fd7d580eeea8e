"""The ASGI application that a web worker serves: requests read whole, run in a lane, answered from memory."""

from http import HTTPStatus
from typing import Any

from django.conf import settings

from sesame_site.web.answers import Answer, carry_out, send
from sesame_site.web.bodies import TooLarge, TooSlow, read_whole
from sesame_site.web.environ import environ_of
from sesame_site.web.lanes import ClientLeft, Full, Lane, run_unless_left
from sesame_site.web.refusals import refuse
from sesame_site.wsgi import application as wsgi_application

Scope = dict[str, Any]

OPERATORS = Lane("operators", threads=1, waiting=16)
# What must be answered while pages queue has threads of its own: signs of life, operators' figures, style sheets.
ASIDE = (
    ("/healthz", Lane("health", threads=1, waiting=16)),
    ("/readyz", OPERATORS),
    ("/metrics", OPERATORS),
    (settings.STATIC_URL, Lane("static", threads=1, waiting=settings.WEB_QUEUE)),
)
PAGES = Lane("pages", threads=settings.WEB_THREADS, waiting=settings.WEB_QUEUE)


async def application(scope: Scope, receive: Any, send_message: Any) -> None:
    """Answer one HTTP request."""
    answer = await _answer(scope, receive)
    if answer is not None:
        await send(answer, send_message, is_head=scope["method"] == "HEAD")


async def _answer(scope: Scope, receive: Any) -> Answer | None:
    """The answer to a request; None if its client has left before a thread took it."""
    environ = environ_of(scope)
    try:
        environ["wsgi.input"] = await read_whole(scope, receive)
        lane = _lane_of(environ["PATH_INFO"])
        return await run_unless_left(lane, lambda: carry_out(wsgi_application, environ), receive)
    except TooLarge:
        return refuse(environ, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except TooSlow:
        return refuse(environ, HTTPStatus.REQUEST_TIMEOUT)
    except Full:
        return refuse(environ, HTTPStatus.SERVICE_UNAVAILABLE)
    except ClientLeft:
        return None


def _lane_of(path: str) -> Lane:
    return next((lane for prefix, lane in ASIDE if path.startswith(prefix)), PAGES)
