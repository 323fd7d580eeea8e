"""What people read when a form came back after they were signed out, or without proof that it is theirs."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


def needs_signing_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Sends strangers to sign in; who sends a form after the session has ended is told that nothing was saved."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            return nothing_saved(request, "signed_out.html")
        return redirect_to_login(request.get_full_path())

    guarded.takes_signing_in = True  # type: ignore[attr-defined]
    return guarded


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form that did not prove that it came from a page of ours."""
    return nothing_saved(request, "403_csrf.html")


def nothing_saved(request: HttpRequest, template_name: str) -> HttpResponse:
    """Says that nothing was saved, with the way back to the form and the sentences that were typed in it."""
    context = {"way_back": page_of_the_form(request), "texts": sentences_typed(request)}
    return render(request, template_name, context, status=HTTPStatus.FORBIDDEN)


def page_of_the_form(request: HttpRequest) -> str:
    """The page of ours on which the form stood; the front page if the browser does not say."""
    referrer = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(referrer, {request.get_host()}, require_https=request.is_secure())
    parts = urlsplit(referrer if is_ours else "")
    path = "/" + parts.path.lstrip("/\\")  # two slashes would name another host
    return f"{path}?{parts.query}" if parts.query else path


def sentences_typed(request: HttpRequest) -> list[str]:
    """What somebody wrote in more than one word; passwords and what the page itself sent along have no blanks."""
    return [
        value
        for name, values in request.POST.lists()
        for value in values
        if len(value.split()) > 1 and "password" not in name
    ]
