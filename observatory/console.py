"""The preview of a draft on the whole population."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from citizens.access import account_of, needs
from citizens.enums import Right
from observatory.charts import distributions
from scoring.console.common import note_of_preview, rule_set_or_404
from scoring.engine.scale import CEILING, FLOOR
from scoring.enums import RuleSetStatus
from scoring.models import RuleSet
from scoring.rules.limits import problems_of


@needs(Right.READ_RULE_SETS)
def preview_page(request: HttpRequest, version: int) -> HttpResponse:
    """Solves this version beside the published one and shows what would change, for better and worse."""
    rule_set = rule_set_or_404(version)
    published = RuleSet.objects.with_parts().published().first()
    context: dict[str, object] = {"rule_set": rule_set, "published": published}
    context["problems"] = problems_of(rule_set)
    context["is_open"] = rule_set.is_open_to(account_of(request))
    context["is_own"] = rule_set.is_written_by(account_of(request))
    if published is None or context["problems"] or rule_set.status == RuleSetStatus.PUBLISHED:
        return render(request, "console/rule_sets/preview.html", context)
    from observatory.preview import BIN, preview  # compiled code, which other pages do without

    found = preview(rule_set, published=published)
    steps = zip(found.published.histogram, found.draft.histogram, strict=True)
    context |= {
        "preview": found,
        "note_of_preview": note_of_preview(rule_set, published, account_of(request)),
        "floor": FLOOR,
        "ceiling": CEILING,
        "chart": distributions(found),
        "steps": [(lower, lower + BIN - 1, before, after) for (lower, before), (_, after) in steps],
    }
    return render(request, "console/rule_sets/preview.html", context)
