"""What administrators do to drafts: start, edit, submit, send back, publish, discard."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from citizens.access import account_of, needs
from citizens.enums import Right
from citizens.four_eyes import why_not_second
from scoring.actions import rule_sets as actions
from scoring.console.common import PREVIEWED, previewed_by, rule_set_or_404
from scoring.console.forms import DraftForms, NewDraftForm, ReasonForm
from scoring.console.rule_sets import rule_set_page
from scoring.engine.scale import FLOOR
from scoring.models import RuleSet
from scoring.rules.differences import differences
from scoring.rules.terms import Terms, terms_of
from scoring.rules.weights import BAND, DIMENSION, RULE, TIE
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.forms import form_page, is_sent
from sesame_site.kit.pages.seen import INCOMPLETE, Seen


def _as_read(facts: Any) -> dict[str, Any]:
    """What was on the page that asks once more, as the action that publishes takes it."""
    return {"seen": Terms.from_json(facts["terms"]), "replacing": facts["in_force"]}


EDITED = Seen("scoring.console.draft_edit", Terms.from_json)
READ = Seen("scoring.console.publish", _as_read)


@needs(Right.WRITE_RULE_SETS)
@require_POST
def draft_new(request: HttpRequest, version: int) -> HttpResponse:
    rule_set, form = rule_set_or_404(version), NewDraftForm(request.POST)
    words = _("This draft starts as a copy of version %(version)s. Nothing is in force until it is published.")
    done = words % {"version": version}
    if form.is_valid():
        draft = attempt(request, actions.draft_from, done=done, form=form, rule_set=rule_set, **form.cleaned_data)
        if draft:
            return redirect("console:draft-edit", draft.version)
    return rule_set_page(request, rule_set, form)


@needs(Right.WRITE_RULE_SETS)
def draft_edit(request: HttpRequest, version: int) -> HttpResponse:
    """The form of all weights. What was typed stays on the page until it is accepted."""
    rule_set = rule_set_or_404(version)
    if not attempt(request, actions.check_editable, rule_set=rule_set):
        return redirect("console:rule-set", version)
    current = terms_of(rule_set)
    seen = EDITED.sent_with(request)
    forms = DraftForms(seen=seen or current, data=request.POST if request.method == "POST" else None)
    if is_sent(request, forms):
        if seen is None:
            forms.add_error(None, INCOMPLETE)
        elif _save(request, rule_set, forms, seen):
            then = "console:preview" if request.POST.get("then") == "preview" else "console:rule-set"
            return redirect(then, version)
        # What was typed now rests on what is stored: saving again replaces it knowingly.
        seen = current
    return _edit_page(request, rule_set, forms, seen or current)


def _save(request: HttpRequest, rule_set: RuleSet, forms: DraftForms, seen: Terms) -> Any:
    done = _("The draft is saved. See whom it would hit before you submit it.")
    return attempt(
        request, actions.edit_draft, done=done, form=forms, rule_set=rule_set, terms=forms.terms(), seen=seen
    )


def _edit_page(request: HttpRequest, rule_set: RuleSet, forms: DraftForms, seen: Terms) -> HttpResponse:
    context = {
        "rule_set": rule_set,
        "seen": EDITED.sign(seen.as_json()),
        "dimension_weight": DIMENSION["room"],
        "rule_weights": RULE.values(),
        "tie_weight": TIE["weight"],
        "band_weight": BAND["lower"],
        "floor": FLOOR,
    }
    return form_page(request, "console/rule_sets/draft_edit.html", forms, **context)


@needs(Right.WRITE_RULE_SETS)
@require_POST
def submit(request: HttpRequest, version: int) -> HttpResponse:
    done = _("Submitted. Another administrator can now publish it or send it back.")
    attempt(request, actions.submit_rule_set, rule_set=rule_set_or_404(version), done=done)
    return redirect("console:rule-set", version)


@needs(Right.PUBLISH_RULE_SETS)
@require_POST
def send_back(request: HttpRequest, version: int) -> HttpResponse:
    rule_set, form = rule_set_or_404(version), ReasonForm(request.POST)
    done = _("Sent back with your reason.")
    if is_sent(request, form) and attempt(
        request, actions.send_back_rule_set, done=done, form=form, rule_set=rule_set, **form.cleaned_data
    ):
        return redirect("console:rule-set", version)
    return rule_set_page(request, rule_set, form)


@needs(Right.PUBLISH_RULE_SETS)
def publish(request: HttpRequest, version: int) -> HttpResponse:
    """Asks once more, with what will change, and publishes on POST what was read here."""
    rule_set = rule_set_or_404(version)
    if request.method == "POST":
        return _publish(request, rule_set)
    published = RuleSet.objects.with_parts().published().first()
    note = request.GET.get(PREVIEWED.field, "")
    previewed = previewed_by(account_of(request), note)
    read = {"terms": terms_of(rule_set).as_json(), "in_force": published.version if published else None}
    context = {
        "rule_set": rule_set,
        "published": published,
        "is_own": rule_set.is_written_by(account_of(request)),
        "why_not": why_not_second(
            acting_user=account_of(request), right=Right.PUBLISH_RULE_SETS, first=rule_set.author
        ),
        "differences": differences(published, rule_set) if published else [],
        "seen": READ.sign(read),
        "previewed": note,
        "is_previewed": published is None or previewed == terms_of(rule_set).fingerprint_beside(published.version),
    }
    return render(request, "console/rule_sets/publish.html", context)


def _publish(request: HttpRequest, rule_set: RuleSet) -> HttpResponse:
    read = READ.sent_with(request)
    if read is None:
        messages.error(request, _("Not published: the form arrived incomplete. Read again what changes."))
        return redirect("console:publish", rule_set.version)
    note = request.POST.get(PREVIEWED.field, "")
    previewed = previewed_by(account_of(request), note)
    done = _("Version %(version)s is in force. Scores follow it after the next run.") % {"version": rule_set.version}
    if attempt(request, actions.publish_rule_set, rule_set=rule_set, done=done, previewed=previewed, **read):
        return redirect("console:published", rule_set.version)
    again = reverse("console:publish", args=[rule_set.version])
    return redirect(f"{again}?{urlencode({PREVIEWED.field: note})}" if note else again)


@needs(Right.READ_RULE_SETS)
def published(request: HttpRequest, version: int) -> HttpResponse:
    """After publishing: offers the run that brings the scores in line."""
    return render(request, "console/rule_sets/published.html", {"rule_set": rule_set_or_404(version)})


@needs(Right.WRITE_RULE_SETS)
@require_POST
def discard(request: HttpRequest, version: int) -> HttpResponse:
    done = _("The draft, version %(version)s, is discarded.") % {"version": version}
    if attempt(request, actions.discard_draft, rule_set=rule_set_or_404(version), done=done):
        return redirect("console:rule-sets")
    return redirect("console:rule-set", version)
