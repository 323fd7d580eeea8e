"""Answers, made whole in a thread and sent by the event loop at the pace of whoever reads them."""

import asyncio
from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple

from django.conf import settings

KEPT_IN_MEMORY_BYTES = 1024 * 1024
CHUNK_BYTES = 64 * 1024
WITHOUT_BODY = (204, 304)

Headers = list[tuple[bytes, bytes]]


class Answer(NamedTuple):
    """A whole answer; `body` stands at its beginning, and is large on disk rather than in memory."""

    status: int
    headers: Headers
    body: Any


def carry_out(application: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Answer:
    """Run a WSGI application to its end."""
    begun: list[tuple[int, Headers]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        begun.append((int(status.split(" ", 1)[0]), pairs))

    body = SpooledTemporaryFile(max_size=KEPT_IN_MEMORY_BYTES)  # noqa: SIM115
    parts = application(environ, start_response)
    try:
        for part in parts:
            body.write(part)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    status, headers = begun[-1]
    if status not in WITHOUT_BODY and not any(name == b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(body.tell()).encode()))
    body.seek(0)
    return Answer(status, headers, body)


async def send(answer: Answer, send_message: Any, *, is_head: bool) -> None:
    """Send an answer; a client that does not take a part of it within WEB_SECONDS_TO_TAKE is given up."""
    await send_message({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    with answer.body as body:
        part = b"" if is_head else body.read(CHUNK_BYTES)
        try:
            while len(part) == CHUNK_BYTES:
                message = {"type": "http.response.body", "body": part, "more_body": True}
                await asyncio.wait_for(send_message(message), settings.WEB_SECONDS_TO_TAKE)
                part = body.read(CHUNK_BYTES)
        except TimeoutError:
            return
    await send_message({"type": "http.response.body", "body": part, "more_body": False})
