"""The rule set that an empty installation gets."""

import dataclasses

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from scoring.actions.installation import install_rule_set
from scoring.enums import RuleSetStatus
from scoring.models import RuleSet
from scoring.rules.open_sesame_2017 import TERMS
from scoring.rules.terms import terms_of

pytestmark = pytest.mark.django_db


def test_what_is_installed_are_the_terms_as_they_are_written_down():
    installed = install_rule_set(author=None, publisher=None, published_at=timezone.now())
    assert installed.status == RuleSetStatus.PUBLISHED
    assert terms_of(RuleSet.objects.with_parts().get(pk=installed.pk)) == TERMS


@pytest.mark.parametrize("wrong", [{"drag": 1.0}, {"bands": TERMS.bands[1:]}, {"theta_drag": 700.0}])
def test_terms_that_no_draft_may_have_are_not_installed(wrong):
    with pytest.raises(ValidationError):
        install_rule_set(
            author=None, publisher=None, published_at=timezone.now(), terms=dataclasses.replace(TERMS, **wrong)
        )
    assert not RuleSet.objects.exists()
