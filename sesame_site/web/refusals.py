"""What is answered to requests that no thread is taken for: a page for people, a problem for programs."""

import io
import logging
import time
from http import HTTPStatus
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy
from prometheus_client import Counter

from sesame_site.kit.rest.problems import or_page
from sesame_site.web.answers import Answer

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 10.0
RETRY_AFTER_SECONDS = 5
DETAILS = {
    HTTPStatus.SERVICE_UNAVAILABLE: gettext_lazy(
        "Too many calls wait already, so nothing was done with this one. Send it again later."
    ),
    HTTPStatus.REQUEST_TIMEOUT: gettext_lazy(
        "The call did not arrive whole in time, so nothing was done. Send it again."
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: gettext_lazy("The request is too large. Send it in parts."),
}
REFUSED = Counter("sesame_web_refused", "Requests that were refused before a thread took them.", ["status"])

_last_line = -SECONDS_BETWEEN_LINES


def refuse(environ: dict[str, Any], status: HTTPStatus) -> Answer:
    """The refusal of a request, made without a look at the database, and counted."""
    REFUSED.labels(str(status.value)).inc()
    _log(status)
    request = WSGIRequest(environ | {"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"})
    response = or_page(status, DETAILS[status], lambda request: _page(request, status))(request)
    response["Cache-Control"] = "no-store"
    response["Content-Length"] = str(len(response.content))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    return Answer(status, headers, io.BytesIO(response.content))


def _page(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    # Without the request: what every page knows of its reader is in the database.
    return HttpResponse(render_to_string(f"refused/{status.value}.html"), status=status)


def _log(status: HTTPStatus) -> None:
    """One line now and then: under overload there are thousands of refusals."""
    global _last_line
    now = time.monotonic()
    if now - _last_line >= SECONDS_BETWEEN_LINES:
        _last_line = now
        logger.warning("web_refused", extra={"status": status.value})
