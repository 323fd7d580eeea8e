"""Carrying out what a page asks for, and telling the person what came of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest

from sesame_site.kit.pages.forms import add_refusal, reasons_of


def attempt(
    request: HttpRequest,
    action: Callable[..., Any],
    *,
    done: Any = None,
    form: Any = None,
    at: str | None = None,
    **arguments: Any,
) -> Any:
    """Carries out an action as the account that is signed in; returns what it returned, or True; None if refused.

    `done` is what the person reads afterwards, if anything, or makes it from what the action returned. A refusal goes
    to the fields of `form`, one that names no field to the field `at`; without a form it becomes a message.
    """
    try:
        result = action(acting_user=request.user, **arguments)
    except (PermissionDenied, ValidationError) as error:
        if form is not None:
            add_refusal(form, error, at)
        else:
            for reason in reasons_of(error):
                messages.error(request, reason)
        return None
    if done is not None:
        messages.success(request, done(result) if callable(done) else str(done))
    return True if result is None else result
