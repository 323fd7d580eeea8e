"""Keeps what somebody does to the account of another; call it in the transaction of the write it is about."""

from citizens.enums import HoldKind
from citizens.models import Hold, User


def note_hold(*, account: User, by: User | None, kind: HoldKind) -> None:
    """One row, unless people do it to their own account. None as `by` is the system itself."""
    if by != account:
        Hold.objects.create(account=account, by=by, kind=kind)
