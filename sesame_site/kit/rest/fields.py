"""Values of calls that are what their documentation says, where the libraries would guess."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from rest_framework import serializers

Read = TypeVar("Read")
# Of what somebody sends that nobody asked for.
MOST_NAMED, LONGEST_SHOWN = 10, 100


class Exactly(serializers.Serializer[Read]):
    """What is sent has these fields and no others: a name that is misspelt would otherwise count for its default."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = (name for name in data if name not in self.fields) if isinstance(data, Mapping) else ()
        errors: dict[str, Any] = {_shown(name): [_("There is no such field.")] for name in islice(unknown, MOST_NAMED)}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            errors |= error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return value


def _shown(name: str) -> str:
    """Short, and without halves of characters, which no answer can carry."""
    return name[:LONGEST_SHOWN].encode(errors="backslashreplace").decode()


class AtMost(serializers.ListField):
    """A list with a maximum length, which is checked before any of its elements."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class Moment(serializers.DateTimeField):
    """A date and time that is text, without NUL, which Python reads over."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and "\0" in value:
            raise serializers.ValidationError(_("Null characters are not allowed."))
        return super().to_internal_value(value)


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
