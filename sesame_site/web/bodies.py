"""Bodies of requests, read whole before anything else is done."""

import asyncio
import io
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings

KEPT_IN_MEMORY_BYTES = 64 * 1024
# A client that sends more than is taken hears so only if it is let finish; beyond this it is cut off.
DISCARDED_BYTES = 16 * 1024 * 1024


class TooLarge(Exception):
    """The body has more bytes than DATA_UPLOAD_MAX_MEMORY_SIZE."""


class TooSlow(Exception):
    """The body did not arrive whole within WEB_SECONDS_TO_SEND, or its client left."""


async def read_whole(scope: dict[str, Any], receive: Any) -> IO[bytes]:
    """The body, at its beginning; raises TooLarge or TooSlow."""
    headers = dict(scope["headers"])
    if b"content-length" not in headers and b"transfer-encoding" not in headers:
        return io.BytesIO()
    body: IO[bytes] = SpooledTemporaryFile(max_size=KEPT_IN_MEMORY_BYTES)  # noqa: SIM115
    try:
        async with asyncio.timeout(settings.WEB_SECONDS_TO_SEND):
            await _read_into(body, headers, receive)
    except TimeoutError as error:
        raise TooSlow from error
    body.seek(0)
    return body


async def _read_into(body: Any, headers: dict[bytes, bytes], receive: Any) -> None:
    most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if _length_of(headers) > DISCARDED_BYTES:
        raise TooLarge
    size, more = 0, True
    while more and size <= DISCARDED_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            raise TooSlow
        size += len(message.get("body", b""))
        if size <= most:
            body.write(message.get("body", b""))
        more = message.get("more_body", False)
    if size > most:
        raise TooLarge


def _length_of(headers: dict[bytes, bytes]) -> int:
    """What the client says that the body is long; 0 where it says nothing."""
    said = headers.get(b"content-length", b"0")
    return int(said) if said.isdigit() else 0
