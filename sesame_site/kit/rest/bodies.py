"""Refuses requests that do not say how long their body is."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from sesame_site.kit.rest.problems import or_page

STATUS = 411
WORDS = gettext_lazy(
    "The body has no Content-Length, so it was not read. Send it whole, with its length, not in chunks."
)

_refused = or_page(STATUS, WORDS, lambda request: HttpResponse(WORDS, status=STATUS, content_type="text/plain"))


class LengthRequired:
    """Answers 411 to a body that is sent in chunks without a length, because Django would read it as an empty one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
            return _refused(request)
        return self.get_response(request)
