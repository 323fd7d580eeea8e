"""The forms that take a passkey, and say what is wrong in words that a person can use.

The library answers with “Incorrect code.” where nobody typed one, and breaks over answers that no browser gives.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.webauthn import forms as library
from django.forms import ValidationError
from django.utils.translation import gettext_lazy

NOT_ADDED = gettext_lazy(
    "This passkey could not be added: the page was open for too long or in two windows, "
    "or the device did not check that it is you. Try again."
)
NOT_TAKEN = gettext_lazy(
    "This passkey was not accepted: it was removed here, or the page was open for too long or in two windows. "
    "Try again, or use another way."
)
NAME = gettext_lazy("Name")
MALFORMED = (AttributeError, KeyError, TypeError, ValueError)


@contextmanager
def refused_as(words: Any) -> Iterator[None]:
    """Raises ValidationError with these words for an answer that is malformed, forged, late or of nobody known."""
    try:
        yield
    except MALFORMED as error:
        raise ValidationError(words) from error
    except ValidationError as error:
        raise ValidationError(words) if error.code == "incorrect_code" else error from error


class AddPasskeyForm(library.AddWebAuthnForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].label = NAME
        self.fields["name"].help_text = gettext_lazy("By which you will know it again, such as “my telephone”.")
        alone = self.fields["passwordless"]
        alone.initial = True
        alone.label = gettext_lazy("Sign in with it alone, without a password")
        alone.help_text = gettext_lazy(
            "It then asks for your fingerprint, your face or the PIN of the device. "
            "Unticked, it is a second factor beside the password."
        )

    def clean(self) -> dict[str, Any]:
        with refused_as(NOT_ADDED):
            return super().clean()


class RenamePasskeyForm(library.EditWebAuthnForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].label = NAME


class SecondPasskeyForm(library.AuthenticateWebAuthnForm):
    """Takes a passkey after the password."""

    def clean_credential(self) -> Any:
        with refused_as(NOT_TAKEN):
            return super().clean_credential()


class SignInPasskeyForm(SecondPasskeyForm, library.LoginWebAuthnForm):
    """Takes one instead of name and password."""


class ConfirmPasskeyForm(SecondPasskeyForm, library.ReauthenticateWebAuthnForm):
    """Takes one before something delicate."""
