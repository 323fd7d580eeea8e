"""Errors of the API as problem details (RFC 9457), with every wrong field named."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as framework_handler
from rest_framework.views import set_rollback

MEDIA_TYPE = "application/problem+json"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception of a view: {type, title, status, detail, errors: [{field, reason}]}.

    Django's ValidationError becomes 400; what is neither the framework's nor Django's stays an error of ours.
    """
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(detail=_as_fields(error))
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
    type: str = "about:blank",
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem response of HTTP `status`, for views that answer one without raising."""
    body: dict[str, Any] = {"type": type, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def _as_fields(error: ValidationError) -> Any:
    return error.message_dict if hasattr(error, "error_dict") else error.messages


def _detail(error: Exception, errors: list[dict[str, str]]) -> str:
    if errors:
        fields = sum(1 for wrong in errors if wrong["field"])
        return errors[0]["reason"] if not fields else f"{len(errors)} value(s) were refused; see errors."
    if isinstance(error, Http404):
        return "There is nothing here, or nothing that you may see."
    if isinstance(error, PermissionDenied):
        return str(error) or "You are not allowed to do this."
    return str(getattr(error, "detail", error))


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
