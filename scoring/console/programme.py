"""What holds for the whole programme: when others count."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from citizens.access import needs
from citizens.enums import Right
from scoring.actions.programme import set_cadence
from scoring.enums import Cadence
from scoring.models import Programme
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import bound, form_page, is_sent

CHOICES = [
    (
        Cadence.RUN.value,
        _(
            "With each run: what others did, and ties that began or ended, enter everybody’s numbers together. Between "
            "runs nobody can tell from their own number what others do."
        ),
    ),
    (
        Cadence.LIVE.value,
        _(
            "At once: within a second. Whoever watches their own number can then work out what the people they know "
            "do, and their scores. For invented people only."
        ),
    ),
]


class CadenceForm(forms.Form):
    """When others count."""

    cadence = forms.ChoiceField(
        label=_("When do the people somebody knows enter their number?"),
        choices=CHOICES,
        widget=forms.RadioSelect,
        help_text=_("What somebody does themselves enters their number at once, either way."),
        error_messages={"required": _("Choose one of the two."), "invalid_choice": _("Choose one of the two.")},
    )


@needs(Right.READ_RUNS, to_post=Right.PUBLISH_RULE_SETS)
def cadence(request: HttpRequest) -> HttpResponse:
    """When others count; who may publish rule sets may change it."""
    now = Programme.objects.cadence()
    form = bound(CadenceForm, request, initial={"cadence": now})
    if is_sent(request, form) and attempt(
        request, set_cadence, done=_("It is set, and scores follow within a second."), form=form, **form.cleaned_data
    ):
        return redirect("console:runs")
    return form_page(request, "console/runs/cadence.html", form, words=dict(CHOICES)[now])
