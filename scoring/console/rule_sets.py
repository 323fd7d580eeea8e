"""Pages about rule sets: the list, one version, and what differs between two."""

from typing import Any

from django import forms
from django.db.models import Model, Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.access import account_of, needs
from citizens.enums import AuditAction, Right, TieKind
from citizens.models import AuditEntry, BehaviourType
from scoring.console.common import rule_set_or_404
from scoring.console.forms import NewDraftForm, ReasonForm
from scoring.enums import RuleSetStatus
from scoring.models import Dimension, Rule, RuleSet
from scoring.models.rule_sets import LONGEST_NAME
from scoring.rules.differences import Difference, differences, differences_of_terms
from scoring.rules.limits import problems_of
from scoring.rules.table import Table, Weight
from scoring.rules.terms import Terms, terms_of
from scoring.rules.weights import DIMENSION, NETWORK, OWN, RULE, TIE
from sesame_site.kit.pages.forms import form_page
from sesame_site.kit.pages.paging import numbered

LATEST = 50
# Translators: ends the name of a draft, as in “Small town, changed” and “Small town, changed 2”.
CHANGED = gettext_lazy(", changed")


@needs(Right.READ_RULE_SETS)
def rule_sets(request: HttpRequest) -> HttpResponse:
    rows = RuleSet.objects.select_related("author", "published_by", "based_on").order_by("-version")
    page = numbered(request, rows)
    published = RuleSet.objects.published().first()
    return render(request, "console/rule_sets/rule_sets.html", {"page": page, "published": published})


@needs(Right.READ_RULE_SETS)
def rule_set(request: HttpRequest, version: int) -> HttpResponse:
    """Every weight of one version, what was done to it, and what can be done next."""
    return rule_set_page(request, rule_set_or_404(version))


def rule_set_page(request: HttpRequest, found: RuleSet, refused: Any = None) -> HttpResponse:
    """The page of one version; with a form that was refused on it, that form as it was sent."""
    named = NewDraftForm(initial={"name": next_name(found.name)})
    context = {
        "rule_set": found,
        "is_open": found.is_open_to(account_of(request)),
        "is_own": found.is_written_by(account_of(request)),
        "problems": problems_of(found) if found.status == RuleSetStatus.DRAFT else [],
        "history": history_of(found),
        "others": RuleSet.objects.exclude(pk=found.pk).order_by("-version"),
        "compare_with": found.based_on_id,
        "new_draft": refused if isinstance(refused, NewDraftForm) else named,
        "send_back": refused if isinstance(refused, ReasonForm) else ReasonForm(),
        **weights_of(found),
    }
    return form_page(request, "console/rule_sets/rule_set.html", refused or forms.Form(), **context)


def weights_of(rule_set: RuleSet) -> dict[str, Any]:
    """Every weight of one version in words, with what the page says of each kind."""
    return {
        "own": in_words(OWN, rule_set),
        "network": in_words(NETWORK, rule_set),
        "dimension_weight": DIMENSION["room"],
        "rule_weights": RULE.values(),
        "tie_weight": TIE["weight"],
        "dimensions": dimensions_of(rule_set),
        "tie_weights": [
            (TieKind(role).label, TIE["weight"].in_words(value)) for role, value in terms_of(rule_set).tie_weights
        ],
        "bands": rule_set.band_ranges(),
    }


def dimensions_of(rule_set: RuleSet) -> list[tuple[Dimension, str, list[Any]]]:
    """Each dimension with its room in words and its rules: (rule, each weight with its value in words)."""
    by_name = Rule.objects.select_related("behaviour_type").order_by("behaviour_type__name")
    return [
        (
            dimension,
            DIMENSION["room"].in_words(dimension.room),
            [(rule, in_words(RULE, rule)) for rule in dimension.rules.all()],
        )
        for dimension in rule_set.dimensions.prefetch_related(Prefetch("rules", queryset=by_name))
    ]


def in_words(table: Table, part: Model) -> list[tuple[Weight, str]]:
    """Each weight of a part with its value in words."""
    return [(weight, weight.in_words(getattr(part, name))) for name, weight in table.items()]


def next_name(name: str) -> str:
    """A name for a draft of a rule set: “Small town, changed”, and of that “Small town, changed 2”."""
    ending = str(CHANGED)
    stem, _ending, number = name.rpartition(ending)
    if not stem or not (number == "" or number.strip().isdecimal()):
        return f"{name[: LONGEST_NAME - len(ending)]}{ending}"
    suffix = f"{ending} {int(number or 1) + 1}"
    return f"{stem[: LONGEST_NAME - len(suffix)]}{suffix}"


def history_of(rule_set: RuleSet) -> list[dict[str, object]]:
    """What people did to this version, latest first."""
    entries = AuditEntry.objects.about(rule_set).select_related("actor")[:LATEST]
    names = dict(BehaviourType.objects.values_list("key", "name"))
    return [{"entry": entry, "changes": changes_of(entry, names)} for entry in entries]


def changes_of(entry: AuditEntry, names: dict[str, str] | None = None) -> list[Difference]:
    """What an edit changed; empty for anything else."""
    if entry.action != AuditAction.RULE_SET_EDITED or entry.old is None or entry.new is None:
        return []
    return differences_of_terms(Terms.from_json(entry.old), Terms.from_json(entry.new), names)


@needs(Right.READ_RULE_SETS)
def differences_page(request: HttpRequest, version: int) -> HttpResponse:
    """What differs between this version and another, by default the one it was made from."""
    new = rule_set_or_404(version)
    others = RuleSet.objects.exclude(pk=new.pk).order_by("-version")
    old = _other(request.GET.get("with", ""), new)
    return render(
        request,
        "console/rule_sets/differences.html",
        {"new": new, "old": old, "others": others, "differences": differences(old, new) if old else []},
    )


def _other(asked: str, new: RuleSet) -> RuleSet | None:
    if asked:
        if not asked.isdecimal() or len(asked) > 9:
            raise Http404(_("There is no such version."))
        return rule_set_or_404(int(asked))
    rows = RuleSet.objects.with_parts().exclude(pk=new.pk)
    return rows.filter(pk=new.based_on_id or 0).first() or rows.order_by("-version").first()
