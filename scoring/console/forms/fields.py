"""Form fields that refuse what the table of weights refuses, in its words."""

from typing import Any

from django import forms

from scoring.rules.table import Table, Weight
from sesame_site.kit.pages.numbers import PlainDecimal, PlainWhole


def field_of(weight: Weight, **options: Any) -> forms.Field:
    """The form field of a weight, with its label, its help and its limit."""
    kind = WholeWeightField if weight.whole else WeightField
    words = {"label": weight.heading, "help_text": weight.help, "required": not weight.optional}
    return kind(weight, **(words | options))


def columns_of(table: Table) -> dict[str, forms.Field]:
    """The form fields of one row of a page's table, whose head has the help."""
    return {name: field_of(weight, help_text="") for name, weight in table.items()}


class WeightField(PlainDecimal):
    """A finite number within the limit of a weight."""

    def __init__(self, weight: Weight, **options: Any) -> None:
        self.weight = weight
        super().__init__(**options)

    def validate(self, value: float | None) -> None:
        super().validate(value)  # type: ignore[arg-type]
        _refuse_outside(self.weight, value)


class WholeWeightField(PlainWhole):
    """A whole number within the limit of a weight."""

    def __init__(self, weight: Weight, **options: Any) -> None:
        self.weight = weight
        super().__init__(**options)

    def validate(self, value: int | None) -> None:
        super().validate(value)  # type: ignore[arg-type]
        _refuse_outside(self.weight, value)


def _refuse_outside(weight: Weight, value: float | None) -> None:
    if value is not None and (reason := weight.problem(value)):
        raise forms.ValidationError(reason, code="range")
