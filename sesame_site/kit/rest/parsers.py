"""What the body of a call may be."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """JSON of a size and a depth that can be taken in."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = parser_context["request"].body if parser_context else stream.read()  # `body` refuses what is too large
        try:
            return super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("JSON parse error - nested too deeply")) from error
        except ParseError as error:
            if "set_int_max_str_digits" in str(error.detail):
                raise ParseError(_("JSON parse error - a number has too many digits")) from error
            raise
