"""Errors of the API are problem details that name every wrong field."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.http import Http404
from django.test import RequestFactory
from redis.exceptions import ConnectionError as NoRedis
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from sesame_site.kit.rest.problems import CODES, MEDIA_TYPE
from sesame_site.urls import handler500


class Amount(serializers.Serializer[Any]):
    citizen = serializers.CharField()
    amount = serializers.FloatField()


class Batch(serializers.Serializer[Any]):
    observations = Amount(many=True)


def answer_to(error: Exception) -> Response:
    class Refusing(APIView):
        authentication_classes = ()
        permission_classes = ()
        throttle_classes = ()

        def get(self, request: Any) -> Response:
            raise error

    response = Refusing.as_view()(APIRequestFactory().get("/"))
    return response.render()


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (Http404("citizen 7 has left"), 404, "Not Found"),
        (PermissionDenied(), 403, "Forbidden"),
        (exceptions.NotAuthenticated(), 403, "Forbidden"),
        (exceptions.Throttled(wait=3), 429, "Too Many Requests"),
        (exceptions.ParseError(), 400, "Bad Request"),
        (OperationalError("the server closed the connection"), 503, "Service Unavailable"),
        (NoRedis("connection refused"), 503, "Service Unavailable"),
    ],
)
def test_every_refusal_is_a_problem(error: Exception, status: int, title: str) -> None:
    response = answer_to(error)
    assert response.headers["Content-Type"].startswith(MEDIA_TYPE)
    assert response.data["code"] == CODES[status]
    assert response.data["type"] == f"/problems/{CODES[status]}"
    assert (response.data["status"], response.data["title"]) == (status, title)
    assert response.data["detail"]
    assert "errors" not in response.data


def test_what_is_missing_says_nothing_about_a_person() -> None:
    assert "left" not in answer_to(Http404("citizen 7 has left")).data["detail"]


def test_how_long_to_wait_is_kept() -> None:
    assert answer_to(exceptions.Throttled(wait=3)).headers["Retry-After"] == "3"
    assert answer_to(OperationalError()).headers["Retry-After"] == "5"


def test_machines_that_ask_for_a_token_get_a_problem_too() -> None:
    for address, kind in (("/o/token/", MEDIA_TYPE), ("/o/authorize/", "text/html")):
        answer = handler500(RequestFactory().post(address))
        assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (500, kind)


def test_nested_fields_are_named_by_their_path() -> None:
    batch = Batch(data={"observations": [{"citizen": "a", "amount": 1}, {"citizen": "b", "amount": "much"}]})
    with pytest.raises(exceptions.ValidationError) as refused:
        batch.is_valid(raise_exception=True)
    errors = answer_to(refused.value).data["errors"]
    assert errors == [{"field": "observations[1].amount", "reason": "A valid number is required."}]


def test_an_action_that_refuses_a_value_is_a_bad_request() -> None:
    response = answer_to(ValidationError({"strength": ["It is above 1."], "__all__": ["No tie to oneself."]}))
    assert response.status_code == 400
    assert response.data["errors"] == [
        {"field": "strength", "reason": "It is above 1."},
        {"field": "", "reason": "No tie to oneself."},
    ]


def test_our_own_mistakes_are_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError):
        answer_to(ZeroDivisionError())
