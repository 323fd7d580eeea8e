"""How a constraint refuses a row: in words, where a form asks; by its name, where the database does."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction


def words_against(row: models.Model) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        row.validate_constraints()
    return refused.value.messages


def name_against(row: models.Model) -> str:
    """The name of the constraint by which the database refuses the row."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        row.save(force_insert=row._state.adding)
    return str(refused.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]
