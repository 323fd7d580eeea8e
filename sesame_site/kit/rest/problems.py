"""Errors of the API as problem details (RFC 9457), with every wrong field named."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as framework_handler
from rest_framework.views import set_rollback

from sesame_site.kit import away

MEDIA_TYPE = "application/problem+json"
FOR_MACHINES = ("/api/", "/o/token/", "/o/revoke_token/")
NOTHING_HERE = gettext_lazy("There is nothing here, or nothing that you may see.")


# What programs tell problems apart by, whatever the language: the code, and the type made of it.
CODES = {
    400: "malformed",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "too_slow",
    409: "conflict",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_calls",
    500: "broken",
    503: "unavailable",
}
REFUSED_VALUES = "validation"


class WrongValueSerializer(serializers.Serializer[Any]):
    """One value that was refused."""

    field = serializers.CharField(
        help_text=gettext_lazy("Where it stood, such as `behaviours[3].amount`."), allow_blank=True
    )
    reason = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """Why a call was refused: problem details (RFC 9457)."""

    type = serializers.CharField(help_text=gettext_lazy("`/problems/` and the code."))
    code = serializers.CharField(help_text=gettext_lazy("What went wrong, the same in every language."))
    title = serializers.CharField(help_text=gettext_lazy("The status in words."))
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = WrongValueSerializer(many=True, required=False, help_text=gettext_lazy("Every value that was refused."))  # type: ignore[assignment]


class TooLarge(exceptions.APIException):
    """The body has more bytes than DATA_UPLOAD_MAX_MEMORY_SIZE."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("The request is too large. Send it in parts.")


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception of a view: {type, code, title, status, detail, errors: [{field, reason}]}.

    What Django refuses becomes 400 or 413, a server that is away 503; what is neither the framework's nor Django's
    stays an error of ours.
    """
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(detail=_as_fields(error))
    elif isinstance(error, RequestDataTooBig):
        error = TooLarge()
    elif isinstance(error, SuspiciousOperation):
        error = exceptions.ParseError(_("The request could not be read."))
    elif isinstance(error, away.ERRORS):
        away.note(context["request"]._request, error)
        set_rollback()
        headers = {"Retry-After": str(away.SECONDS_TO_COME_BACK)}
        return away.logged(problem(HTTPStatus.SERVICE_UNAVAILABLE, str(away.WORDS), headers=headers))
    response = framework_handler(error, context)
    if response is None:
        return None
    set_rollback()
    headers = {name: response[name] for name in ("WWW-Authenticate", "Retry-After") if name in response}
    errors = list(_errors(error.detail)) if isinstance(error, exceptions.ValidationError) else []
    return problem(response.status_code, _detail(error, errors), errors=errors, headers=headers)


def problem(
    status: int,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem response of HTTP `status`, for views that answer one without raising."""
    body = _body(status, detail, REFUSED_VALUES if errors else _code(status))
    if errors:
        body["errors"] = errors
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def or_page(status: int, detail: Any, page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An error handler for what no view answers: a problem where machines call, elsewhere the page."""

    def handler(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.path_info.startswith(FOR_MACHINES):
            return JsonResponse(_body(status, str(detail), _code(status)), status=status, content_type=MEDIA_TYPE)
        return page(request, *args, **kwargs)

    return handler


def _code(status: int) -> str:
    return CODES.get(status, f"http_{status}")


def _body(status: int, detail: str, code: str) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {"type": f"/problems/{code}", "code": code, "title": title, "status": status, "detail": detail}


def _as_fields(error: ValidationError) -> Any:
    return error.message_dict if hasattr(error, "error_dict") else error.messages


def _detail(error: Exception, errors: list[dict[str, str]]) -> str:
    if errors:
        fields = sum(1 for wrong in errors if wrong["field"])
        return errors[0]["reason"] if not fields else _count_refused(len(errors))
    if isinstance(error, Http404):
        return str(NOTHING_HERE)
    if isinstance(error, PermissionDenied):
        return str(error) or _("You are not allowed to do this.")
    return str(getattr(error, "detail", error))


def _count_refused(number: int) -> str:
    return ngettext(
        "%(number)s value was refused; see errors.",
        "%(number)s values were refused; see errors.",
        number,
    ) % {"number": number}


def _errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten nested details into fields such as `observations[3].amount`."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _errors(value, _step(path, key))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            yield from _errors(value, f"{path}[{index}]" if isinstance(value, (dict, list)) else path)
    else:
        yield {"field": path, "reason": str(detail)}


def _step(path: str, key: Any) -> str:
    if key in ("non_field_errors", "__all__"):
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)
