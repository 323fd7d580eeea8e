"""Form fields that refuse what the model refuses, in words."""

from typing import Any

from django import forms

from scoring.validation import Limit

NUMBER = {"required": "Enter a number.", "invalid": "Enter a number, such as 12 or 0.5."}
WHOLE = {"required": "Enter a whole number.", "invalid": "Enter a whole number, such as 12."}


class LimitedFloat(forms.FloatField):
    """A finite number within a limit."""

    def __init__(self, limit: Limit, **options: Any) -> None:
        self.limit = limit
        widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 7, "autocomplete": "off"})
        super().__init__(error_messages=NUMBER, **{"widget": widget, **options})

    def validate(self, value: float | None) -> None:
        super().validate(value)  # type: ignore[arg-type]
        _refuse_outside(self.limit, value)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:.15g}" if isinstance(value, float) else value


class LimitedWhole(forms.IntegerField):
    """A whole number within a limit."""

    def __init__(self, limit: Limit, **options: Any) -> None:
        self.limit = limit
        widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 7, "autocomplete": "off"})
        super().__init__(error_messages=WHOLE, **{"widget": widget, **options})

    def validate(self, value: int | None) -> None:
        super().validate(value)  # type: ignore[arg-type]
        _refuse_outside(self.limit, value)


def _refuse_outside(limit: Limit, value: float | None) -> None:
    if value is not None and (reason := limit.problem(value)):
        raise forms.ValidationError(reason, code="range")
