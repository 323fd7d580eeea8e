"""The number of the writing transaction, by which rows of a stream stand in the order of commits.

PostgreSQL numbers the transactions of one cluster. A database that is dumped and restored into another one goes on
there with numbers that have nothing to do with those of its rows. So each cluster in which the database has lived has
a number too, and rows carry one number made of both: that of the cluster times `TRANSACTIONS_PER_CLUSTER`, plus that
of the transaction in it. What was written in an earlier cluster comes before everything that is written in this one.
"""

from django.db import models
from django.db.models import BooleanField, F, Func, TextField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast
from django.utils import timezone

# A cluster with ten thousand transactions a second reaches it after half a century.
TRANSACTIONS_PER_CLUSTER = 1 << 44
# The number before that of this cluster's first transaction; a subquery, so that it is looked up once for all rows.
BEFORE_THIS_CLUSTER = "(SELECT citizens_before_this_cluster())"
# PostgreSQL takes transaction 0 for visible everywhere, and so is what was written in an earlier cluster.
IN_THIS_CLUSTER = f"greatest({{xid}} - {BEFORE_THIS_CLUSTER}, 0)::text::xid8"


class DatabaseCluster(models.Model):
    """One PostgreSQL cluster in which this database has lived. The last one is this one, once it has written here.

    The first transaction that writes a numbered row after a restore adds the row. Where there is none, the database
    has lived in one cluster only.
    """

    number = models.SmallIntegerField(primary_key=True, help_text="From 0, without a gap.")
    system_identifier = models.BigIntegerField(help_text="PostgreSQL's own name of the cluster; 0: not known.")
    began_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"Cluster {self.number}"


def transaction_id_field() -> "models.BigIntegerField[int, int]":
    """A column that PostgreSQL fills with the number of the transaction that writes the row."""
    return models.BigIntegerField(editable=False, db_default=Func(function="citizens_transaction_number"))


def finished_before() -> CombinedExpression:
    """The number of the oldest transaction under way: all rows with a smaller one can be seen by now, or never will."""
    return _number_of(Func(Func(function="pg_current_snapshot"), function="pg_snapshot_xmin"))


def first_unseen_by(pg_snapshot: str) -> CombinedExpression:
    """The number below which all transactions are visible in this value of PostgreSQL's type pg_snapshot."""
    return _number_of(Func(Value(pg_snapshot), template="pg_snapshot_xmin(%(expressions)s::pg_snapshot)"))


def _number_of(transaction: Func) -> CombinedExpression:
    """The number that rows would carry of a transaction of this cluster, of PostgreSQL's type xid8."""
    before = Func(template=BEFORE_THIS_CLUSTER, output_field=models.BigIntegerField())
    return before + Cast(Cast(transaction, TextField()), models.BigIntegerField())


def is_visible_in(pg_snapshot: str) -> Func:
    """Whether the transaction that wrote a row is visible in this value of PostgreSQL's type pg_snapshot."""
    transaction = Func(F("xid"), template=IN_THIS_CLUSTER.format(xid="%(expressions)s"))
    return Func(
        transaction,
        Value(pg_snapshot),
        template="pg_visible_in_snapshot(%(expressions)s::pg_snapshot)",
        output_field=BooleanField(),
    )
