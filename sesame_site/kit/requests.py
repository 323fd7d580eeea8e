"""What the log tells of a request."""

from contextlib import suppress

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from sesame_site.kit import away


class RequestLog(RequestMiddleware):
    """Logs method and path of each request, not its query: that has what people searched for, and codes of sign-ins.

    What is away is left to `away.note`, and who it was is not asked of a server that is away.
    """

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        with suppress(*away.ERRORS):
            RequestMiddleware.bind_user_id(request)

    def _process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, away.ERRORS):
            request._raised_exception = exception  # type: ignore[attr-defined]
        else:
            super()._process_exception(request, exception)
