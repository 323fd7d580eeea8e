"""Numbers as people write and read them: plain decimal digits in, the language's separators out."""

import re
from decimal import Decimal
from typing import Any

from django import forms, template
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

register = template.Library()

MINUS = "−"
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_WHOLE = re.compile(r"[+-]?[0-9]+")
NUMBER = {
    "required": _("Enter a number."),
    "invalid": _("Enter a number in plain digits, such as 12 or 0.5."),
}
WHOLE = {
    "required": _("Enter a whole number."),
    "invalid": _("Enter a whole number in plain digits, such as 12."),
}


@register.filter
def number(value: float, places: int = 6) -> str:
    """1234.5 as “1,234.5”, −0.25 as “−0.25”: at most so many places, no needless zeros, never an exponent."""
    text = f"{abs(value):,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return _localised(f"{MINUS}{text}" if value < 0 and text != "0" else text)


@register.filter
def signed(value: float, places: int = 6) -> str:
    """The same with a plus before what is above zero."""
    text = number(value, places)
    return text if text == "0" or value < 0 else f"+{text}"


@register.filter
def points(value: float, places: int) -> str:
    """To so many places exactly, with its sign, as points stand under each other: “+0.50”, “−3.00”; “0.00” has none."""
    text = f"{abs(value):,.{places}f}"
    if not text.strip("0."):
        return _localised(text)
    return _localised(f"{MINUS if value < 0 else '+'}{text}")


@register.filter
def decimals(value: float, places: int) -> str:
    """To so many places exactly, without a plus: “0.50”, “−1.00”."""
    return points(value, places).removeprefix("+")


@register.simple_tag
def quantity(amount: float, unit: str) -> str:
    """An amount with its unit: “1 hour”, “23.31 hours”. A unit that is no plain word, such as “EUR”, stays as it is."""
    text = number(amount, 2)
    many = text != "1" and unit.isalpha() and unit.islower() and not unit.endswith("s")
    return f"{text} {unit}{'s' if many else ''}"


def _localised(text: str) -> str:
    """The number, written with “,” between thousands and “.” before decimals, as the active language writes it."""
    separators = {",": get_format("THOUSAND_SEPARATOR"), ".": get_format("DECIMAL_SEPARATOR")}
    return text.translate(str.maketrans(separators))


def plain(value: float) -> str:
    """As a person would type it: no exponent, no separators, a hyphen for minus."""
    return format(Decimal(f"{value:.15g}"), "f")


class PlainDecimal(forms.FloatField):
    """A finite number in plain decimal digits: no exponent, no underscores, no digits of other scripts."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 7, "autocomplete": "off"})
        super().__init__(**{"widget": widget, **options, "error_messages": NUMBER | options.get("error_messages", {})})

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]
        return super().to_python(_typed(self, value, _DECIMAL))

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, (int, float)) else value


class PlainWhole(forms.IntegerField):
    """A whole number in plain decimal digits."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 7, "autocomplete": "off"})
        super().__init__(**{"widget": widget, **options, "error_messages": WHOLE | options.get("error_messages", {})})

    def to_python(self, value: Any) -> int | None:
        return super().to_python(_typed(self, value, _WHOLE))


def _typed(field: forms.Field, value: Any, pattern: re.Pattern[str]) -> Any:
    """The text with its minus as machines write it, empty where there are spaces only.

    Raises ValidationError if it is not in plain digits.
    """
    if not isinstance(value, str):
        return value
    text = value.strip().replace(MINUS, "-")
    if text and not pattern.fullmatch(text):
        raise forms.ValidationError(field.error_messages["invalid"], code="invalid")
    return text
