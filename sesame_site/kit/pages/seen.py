"""What a person had before them when they decided: it travels with the form, signed, so that nobody can alter it."""

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
    """What one page shows, under a salt of its own; `read` makes of plain JSON what the action takes."""

    salt: str
    read: Callable[[Any], Any] = dict
    field: str = "seen"

    def sign(self, facts: Any) -> str:
        """The text for the hidden field."""
        return signing.dumps(facts, salt=self.salt, compress=True)

    def sent_with(self, request: HttpRequest) -> Any:
        """What was signed for this page; None when it is missing, was altered, or was signed for another page."""
        try:
            return self.read(signing.loads(request.POST.get(self.field, ""), salt=self.salt))
        except NOT_WHOLE:
            return None
