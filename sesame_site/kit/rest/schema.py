"""What the OpenAPI description says of every operation without its view saying it."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction

from sesame_site.kit.rest.fields import Exactly
from sesame_site.kit.rest.problems import MEDIA_TYPE, ProblemSerializer

HEADERS = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate", "string", "How to sign in."),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After", "integer", "Seconds to wait."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After", "integer", "Seconds to wait."),
}


class TextSchema(OpenApiSerializerFieldExtension):
    target_class = "sesame_site.kit.rest.fields.Text"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        says_more = any(isinstance(validator, RegexValidator) for validator in self.target.validators)
        return schema if says_more else schema | {"pattern": r"^[^\u0000]*$"}


class Schema(AutoSchema):
    """Adds the refusals that any operation of this kind may answer with, as problem details."""

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self._refusals():
            body = self._get_response_for_code(ProblemSerializer, str(status.value), [MEDIA_TYPE], direction)
            if header := HEADERS.get(status):
                name, kind, meaning = header
                body["headers"] = {name: {"description": meaning, "required": True, "schema": {"type": kind}}}
            bodies.setdefault(str(status.value), body)
        for code, body in bodies.items():
            body["description"] = body["description"] or HTTPStatus(int(code)).phrase
        return dict(sorted(bodies.items()))

    def _map_basic_serializer(self, serializer: Any, direction: Direction) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        return schema | {"additionalProperties": False} if isinstance(serializer, Exactly) else schema

    def _refusals(self) -> Iterator[HTTPStatus]:
        yield from (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        if "{" in self.path or self._is_list_view():
            yield HTTPStatus.NOT_FOUND
        yield HTTPStatus.NOT_ACCEPTABLE
        if self.method in ("POST", "PUT", "PATCH"):
            yield from (HTTPStatus.LENGTH_REQUIRED, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            yield HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        yield from (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
