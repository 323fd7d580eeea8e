"""Forms that ask for one text."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NewDraftForm(forms.Form):
    """Names a draft."""

    name = forms.CharField(
        max_length=120,
        label=_("Name of the draft"),
        error_messages={"required": _("Give it a name."), "max_length": _("A name has at most 120 characters.")},
    )


class ReasonForm(forms.Form):
    """A reason, in words, that will be kept."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Say why, so that the author knows what to change."),
            "max_length": _("A reason has at most 2,000 characters."),
        },
    )
