"""What the citizen's pages have in common."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest


def attempt(request: HttpRequest, done: str, action: Callable[..., Any], **arguments: Any) -> bool:
    """Carries out an action and tells the person how it went, in words. Returns whether it did."""
    try:
        action(**arguments)
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
        return False
    messages.success(request, done)
    return True
