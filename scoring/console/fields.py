"""Form fields that refuse what the model refuses, in words."""

from typing import Any

from django import forms

from scoring.rules.limits import Limit
from sesame_site.kit.pages.numbers import PlainDecimal, PlainWhole


class LimitedFloat(PlainDecimal):
    """A finite number within a limit."""

    def __init__(self, limit: Limit, **options: Any) -> None:
        self.limit = limit
        super().__init__(**options)

    def validate(self, value: float | None) -> None:
        super().validate(value)  # type: ignore[arg-type]
        _refuse_outside(self.limit, value)


class LimitedWhole(PlainWhole):
    """A whole number within a limit."""

    def __init__(self, limit: Limit, **options: Any) -> None:
        self.limit = limit
        super().__init__(**options)

    def validate(self, value: int | None) -> None:
        super().validate(value)  # type: ignore[arg-type]
        _refuse_outside(self.limit, value)


def _refuse_outside(limit: Limit, value: float | None) -> None:
    if value is not None and (reason := limit.problem(value)):
        raise forms.ValidationError(reason, code="range")
