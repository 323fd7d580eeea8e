"""Forms that ask for one text."""

from django import forms
from django.utils.translation import gettext_lazy as _

from scoring.models.rule_sets import LONGEST_NAME
from sesame_site.kit.pages.sentences import filled


class NewDraftForm(forms.Form):
    """Names a draft."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        label=_("Name of the draft"),
        error_messages={
            "required": _("Give it a name."),
            "max_length": filled(_("A name has at most %(most)s characters."), most=LONGEST_NAME),
        },
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
