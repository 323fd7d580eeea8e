"""Runs GET requests of pages and API in a transaction that PostgreSQL keeps read-only, so that they cannot write."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
GUARDED_NAMESPACES = frozenset({"portal", "console", "api"})


class ReadOnlyGet:
    """Runs the safe methods of portal, console and API in a read-only transaction.

    Only the view runs in it: sessions are saved by their own middleware, afterwards. Sign-in and the admin are
    left alone, as their libraries write on GET.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        namespaces = request.resolver_match.namespaces if request.resolver_match else []
        if request.method not in SAFE_METHODS or not GUARDED_NAMESPACES.intersection(namespaces):
            return None
        with read_only():
            response = view(request, *args, **kwargs)
            if hasattr(response, "render") and callable(response.render):
                response.render()
        return response


@contextmanager
def read_only() -> Iterator[None]:
    """A transaction in which PostgreSQL refuses every write: "cannot execute … in a read-only transaction"."""
    nested = transaction.get_connection().in_atomic_block
    with transaction.atomic():
        # Inside another transaction, that one can write again only after a rollback to a savepoint.
        savepoint = transaction.savepoint() if nested else None
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        try:
            yield
        finally:
            if savepoint is not None:
                transaction.savepoint_rollback(savepoint)
