"""Gives an empty installation its first rule set."""

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.actions.installation import install_rule_set
from scoring.models import RuleSet
from sesame_site.kit.cli import SesameCommand


class Command(SesameCommand):
    about = gettext_lazy(
        "Publish the rule set “Open Sesame 2017” where there is none yet. Later ones are drafted in the console."
    )

    def run(self, **options: Any) -> dict[str, Any]:
        if RuleSet.objects.exists():
            raise CommandError(_("There are rule sets already; draft the next one in the console."))
        rule_set = install_rule_set(author=None, publisher=None, published_at=timezone.now())
        return {"version": rule_set.version, "name": rule_set.name, "rules": rule_set.rules.count()}
