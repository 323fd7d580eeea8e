"""The number of the writing transaction, by which rows of a stream stand in the order of commits."""

from django.db import models
from django.db.models import Func, TextField
from django.db.models.functions import Cast


def transaction_id_field() -> "models.BigIntegerField[int, int]":
    """A column that PostgreSQL fills with the id of the transaction that writes the row."""
    current = Cast(Cast(Func(function="pg_current_xact_id"), TextField()), models.BigIntegerField())
    return models.BigIntegerField(editable=False, db_default=current)


def finished_before() -> Func:
    """The id of the oldest transaction under way: every row with a smaller one can be seen by now, or never will be."""
    snapshot = Func(function="pg_current_snapshot")
    oldest = Func(snapshot, function="pg_snapshot_xmin")
    return Cast(Cast(oldest, TextField()), models.BigIntegerField())
