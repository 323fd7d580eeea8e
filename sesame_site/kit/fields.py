"""Values of calls that are what their documentation says, where the libraries would guess."""

from typing import Any

from rest_framework import serializers


class Text(serializers.CharField):
    """A JSON string as it was sent: a number is none, the spaces around it are kept, and it has no NUL."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """A JSON number: neither text that reads like one nor a boolean."""

    def to_internal_value(self, data: Any) -> float:
        if not isinstance(data, (int, float)) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)
