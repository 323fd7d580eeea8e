"""What several console pages share."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from scoring.models import RuleSet


def rule_set_or_404(version: int) -> RuleSet:
    """A rule set with its parts and people, in a fixed number of queries."""
    rows = RuleSet.objects.with_parts().select_related("author", "published_by", "based_on")
    return get_object_or_404(rows, version=version)


def words(error: ValidationError | PermissionDenied) -> str:
    """A refusal as one text for a person."""
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def attempt(request: HttpRequest, action: Any, *, done: str, **arguments: Any) -> Any:
    """Call an action as the signed-in administrator and say what came of it; None when it was refused."""
    try:
        result = action(acting_user=request.user, **arguments)
    except (PermissionDenied, ValidationError) as error:
        messages.error(request, words(error))
        return None
    messages.success(request, done)
    return result if result is not None else True
