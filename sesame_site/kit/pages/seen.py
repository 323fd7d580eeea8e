"""What a person had before them when they decided: it travels with the form, signed, so that nobody can alter it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

NOT_WHOLE = (signing.BadSignature, TypeError, KeyError, ValueError)
INCOMPLETE = _("The form arrived incomplete, so nothing was saved. Look at what it says now, and send it again.")


@dataclass(frozen=True)
class Seen:
    """What one page shows, under a salt of its own; `read` makes of plain JSON what the action takes.

    With `max_age`, what was shown longer ago counts as not seen.
    """

    salt: str
    read: Callable[[Any], Any] = dict
    field: str = "seen"
    max_age: dt.timedelta | None = None

    def sign(self, facts: Any) -> str:
        """The text for the hidden field."""
        return signing.dumps(facts, salt=self.salt, compress=True)

    def sent_with(self, request: HttpRequest) -> Any:
        """What was signed for this page; None when it is missing, was altered, or was signed for another page."""
        return self.carried_by(request.POST.get(self.field, ""))

    def carried_by(self, text: str) -> Any:
        """What this text was signed for; None as above, and when that was too long ago."""
        try:
            return self.read(signing.loads(text, salt=self.salt, max_age=self.max_age))
        except NOT_WHOLE:
            return None
