"""One way to show a form, to take what was typed, and to say what was wrong with it."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from django import forms, template
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

register = template.Library()

F = TypeVar("F", bound=forms.BaseForm)


class Refusal(NamedTuple):
    """One reason why a form was refused, and where: the words for the field and its id, empty for the whole form."""

    reason: str
    where: str = ""
    field_id: str = ""


def bound(form: type[F], request: HttpRequest, **options: Any) -> F:
    """The form with what a POST brings; on GET as it is before anything is typed."""
    return form(data=request.POST if request.method == "POST" else None, **options)


def is_sent(request: HttpRequest, form: Any) -> bool:
    """Whether this request sends the form and everything in it can be understood."""
    return request.method == "POST" and form.is_valid()


def form_page(request: HttpRequest, template_name: str, form: Any, **context: Any) -> HttpResponse:
    """The page with the form: 422 once it was refused, and then with everything that was typed."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound and form.errors else HTTPStatus.OK
    return render(request, template_name, {"form": form, **context}, status=status)


def reasons_of(error: ValidationError | PermissionDenied) -> list[str]:
    """A refusal in words."""
    return error.messages if isinstance(error, ValidationError) else [str(error)]


def add_refusal(form: Any, error: ValidationError | PermissionDenied, at: str | None = None) -> None:
    """Adds what an action refused to the fields that it names, and otherwise to the field `at` or to the whole form."""
    named = isinstance(error, ValidationError) and hasattr(error, "error_dict")
    by_field = error.message_dict if named else {NON_FIELD_ERRORS: reasons_of(error)}  # type: ignore[union-attr]
    for name, reasons in by_field.items():
        form.add_error(name if name in form.fields else at, reasons)


@register.filter
def refusals(form: Any) -> list[Refusal]:
    """Why the form was refused, in the order of the page; several forms in one say so themselves."""
    return list(form.refusals() if hasattr(form, "refusals") else _refusals(form))


def _refusals(form: forms.BaseForm) -> Iterator[Refusal]:
    yield from map(Refusal, map(str, form.non_field_errors()))
    for field in form:
        # What nobody can see nobody can put right: the reason is for the whole form.
        where = ("", "") if field.is_hidden else (str(field.label), first_box(field))
        yield from (Refusal(str(reason), *where) for reason in field.errors)


def first_box(field: forms.BoundField) -> str:
    """The id of the box to type in; of the first where there are several to choose from."""
    return field.id_for_label or f"{field.auto_id}_0"
