"""Carrying out what a page asks for: what is told, and to whom a refusal goes."""

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import RequestFactory

from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import refusals


class NameForm(forms.Form):
    name = forms.CharField(label="Name")
    colour = forms.ChoiceField(label="Colour", choices=[("r", "Red"), ("g", "Green")], widget=forms.RadioSelect)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.fixture
def request_():
    request = RequestFactory().post("/")
    request.user, request.session = "Alice", {}
    request._messages = FallbackStorage(request)
    return request


@pytest.fixture
def form():
    form = NameForm({"name": "Kinder", "colour": "r"})
    assert form.is_valid()
    return form


def told(request):
    return [(message.level_tag, str(message)) for message in get_messages(request)]


def refuse(error):
    def action(*, acting_user, **_arguments):
        raise error

    return action


def test_what_was_done_is_said_and_returned(request_):
    assert attempt(request_, lambda acting_user, n: n + 1, done=lambda n: f"Now {n}.", n=1) == 2
    assert attempt(request_, lambda acting_user: None, done="Done.") is True
    assert attempt(request_, lambda acting_user: acting_user) == "Alice"
    assert told(request_) == [("success", "Now 2."), ("success", "Done.")]


@pytest.mark.parametrize("error", [ValidationError("No."), PermissionDenied("No."), ValidationError({"name": "No."})])
def test_a_refusal_without_a_form_is_a_message(request_, error):
    assert attempt(request_, refuse(error), done="Done.") is None
    assert told(request_) == [("error", "No.")]


@pytest.mark.parametrize(
    ("error", "at", "where"),
    [
        (ValidationError("No."), None, "__all__"),
        (ValidationError("No."), "name", "name"),
        (PermissionDenied("No."), None, "__all__"),
        (ValidationError({"name": "No."}), None, "name"),
        (ValidationError({"unknown": "No."}), None, "__all__"),
    ],
)
def test_a_refusal_with_a_form_goes_to_the_field_it_names(request_, form, error, at, where):
    assert attempt(request_, refuse(error), done="Done.", form=form, at=at) is None
    assert form.errors == {where: ["No."]}
    assert told(request_) == []


def test_refusals_stand_in_the_order_of_the_page_and_link_to_the_first_box(request_):
    form = NameForm({"name": "", "colour": "x"})
    form.add_error(None, "Not today.")
    form.add_error("secret", "The form arrived incomplete.")
    assert [(refusal.where, refusal.field_id) for refusal in refusals(form)] == [
        ("", ""),
        ("Name", "id_name"),
        ("Colour", "id_colour_0"),
        ("", ""),
    ]
    assert refusals(NameForm()) == []
