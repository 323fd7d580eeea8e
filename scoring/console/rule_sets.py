"""Pages about rule sets: the list, one version, and what differs between two."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from citizens.access import needs
from citizens.enums import AuditAction, Right, TieKind
from citizens.models import AuditEntry, BehaviourType
from scoring.console.common import rule_set_or_404
from scoring.console.forms import NewDraftForm, ReasonForm
from scoring.enums import RuleSetStatus
from scoring.models import Rule, RuleSet
from scoring.rules.differences import Difference, differences, differences_of_terms
from scoring.rules.limits import problems_in
from scoring.rules.terms import Terms, terms_of

PAGE = 25
LATEST = 50


@needs(Right.READ_RULE_SETS)
def rule_sets(request: HttpRequest) -> HttpResponse:
    rows = RuleSet.objects.select_related("author", "published_by", "based_on").order_by("-version")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    published = RuleSet.objects.published().first()
    return render(request, "console/rule_sets/rule_sets.html", {"page": page, "published": published})


@needs(Right.READ_RULE_SETS)
def rule_set(request: HttpRequest, version: int) -> HttpResponse:
    """Every weight of one version, what was done to it, and what can be done next."""
    found = rule_set_or_404(version)
    by_author = found.author_id in (None, request.user.pk)
    terms = terms_of(found)
    by_name = Rule.objects.select_related("behaviour_type").order_by("behaviour_type__name")
    return render(
        request,
        "console/rule_sets/rule_set.html",
        {
            "rule_set": found,
            "by_author": by_author,
            "dimensions": found.dimensions.prefetch_related(Prefetch("rules", queryset=by_name)),
            "tie_weights": [(TieKind(role).label, weight) for role, weight in terms.tie_weights],
            "bands": found.band_ranges(),
            "problems": problems_in(terms) if found.status == RuleSetStatus.DRAFT else [],
            "history": history_of(found),
            "others": RuleSet.objects.exclude(pk=found.pk).order_by("-version"),
            "compare_with": found.based_on_id,
            "new_draft": NewDraftForm(initial={"name": f"{found.name}, changed"[:120]}),
            "send_back": ReasonForm(),
        },
    )


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
            raise Http404("There is no such version.")
        return rule_set_or_404(int(asked))
    rows = RuleSet.objects.with_parts().exclude(pk=new.pk)
    return rows.filter(pk=new.based_on_id or 0).first() or rows.order_by("-version").first()
