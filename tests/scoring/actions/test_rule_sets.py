"""Drafting, editing, reviewing and publishing rule sets."""

import dataclasses
import threading
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from citizens.models import AuditEntry, User
from scoring.actions import rule_sets as actions
from scoring.console.rule_sets import changes_of
from scoring.enums import RuleSetStatus
from scoring.models import Rule, RuleSet
from scoring.rules.differences import differences
from scoring.rules.terms import Terms, terms_of
from tests import cast
from tests.scoring.rule_book import TERMS, administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_review(ada, draft):
    return actions.submit_rule_set(acting_user=ada, rule_set=draft)


def publish(*, acting_user, rule_set, **read):
    """Publish with the preview of what there is now looked at."""
    previewed = cast.previewed(rule_set)
    return actions.publish_rule_set(acting_user=acting_user, rule_set=rule_set, previewed=previewed, **read)


def deeds():
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_a_draft_copies_everything_and_takes_the_next_version(draft, in_force, ada):
    assert (draft.version, draft.status, draft.author, draft.based_on) == (2, RuleSetStatus.DRAFT, ada, in_force)
    assert dataclasses.replace(terms_of(draft), name=TERMS.name) == dataclasses.replace(terms_of(in_force), note="")
    assert [str(difference) for difference in differences(in_force, draft)] == [
        "Rule set, Name: Small town → More drag"
    ]


def test_terms_survive_json():
    assert Terms.from_json(TERMS.as_json()) == TERMS


def test_citizens_cannot_draft(in_force):
    citizen = User.objects.create_user("alice")
    with pytest.raises(PermissionDenied):
        actions.draft_from(acting_user=citizen, rule_set=in_force, name="Mine")


def test_a_draft_needs_a_name(in_force, ada):
    with pytest.raises(ValidationError):
        actions.draft_from(acting_user=ada, rule_set=in_force, name="  ")


def test_an_edit_replaces_the_terms_and_keeps_what_changed(draft, ada):
    changed = dataclasses.replace(TERMS, name="More drag", drag=0.5, rules=TERMS.rules[:1])

    actions.edit_draft(acting_user=ada, rule_set=draft, terms=changed, seen=terms_of(draft))

    assert terms_of(RuleSet.objects.get(pk=draft.pk)) == changed
    entry = AuditEntry.objects.latest("id")
    assert (Terms.from_json(entry.old).drag, Terms.from_json(entry.new)) == (0.2, changed)
    told = [str(change) for change in changes_of(entry)]
    assert "Rule set, Drag: 0.2 → 0.5" in told
    assert "Rule Loan overdue, Points: −40 (removed)" in told


def test_an_edit_with_problems_changes_nothing(draft, ada):
    before = terms_of(draft)
    with pytest.raises(ValidationError) as refusal:
        actions.edit_draft(acting_user=ada, rule_set=draft, terms=dataclasses.replace(TERMS, drag=1.0, base=10.0))
    assert set(refusal.value.message_dict) == {"drag", "base"}
    assert terms_of(RuleSet.objects.get(pk=draft.pk)) == before


def test_a_stale_edit_is_refused_with_what_changed(draft, ada):
    seen = terms_of(draft)
    actions.edit_draft(acting_user=ada, rule_set=draft, terms=dataclasses.replace(seen, cap=10.0), seen=seen)

    with pytest.raises(ValidationError, match="Network cap: 60 points → 10 points"):
        actions.edit_draft(acting_user=ada, rule_set=draft, terms=dataclasses.replace(seen, cap=20.0), seen=seen)

    assert RuleSet.objects.get(pk=draft.pk).cap == 10.0


def test_only_the_author_edits_submits_and_discards(draft, grace):
    for deed in (actions.submit_rule_set, actions.discard_draft):
        with pytest.raises(PermissionDenied):
            deed(acting_user=grace, rule_set=draft)
    with pytest.raises(PermissionDenied):
        actions.edit_draft(acting_user=grace, rule_set=draft, terms=TERMS)


def test_a_draft_without_an_author_belongs_to_who_submits_it(draft, ada, grace):
    RuleSet.objects.filter(pk=draft.pk).update(author=None)
    submitted = actions.submit_rule_set(acting_user=grace, rule_set=draft)
    with pytest.raises(ValidationError, match="another administrator"):
        publish(acting_user=grace, rule_set=submitted)


def test_a_draft_with_a_gap_is_not_submitted(draft, ada):
    draft.bands.filter(lower=350).delete()
    with pytest.raises(ValidationError, match="gap"):
        actions.submit_rule_set(acting_user=ada, rule_set=draft)


def test_publishing_retires_the_one_before(in_review, in_force, grace):
    now = publish(acting_user=grace, rule_set=in_review)

    in_force.refresh_from_db()
    assert (now.status, now.published_by) == (RuleSetStatus.PUBLISHED, grace)
    assert in_force.status == RuleSetStatus.RETIRED
    assert in_force.retired_at is not None
    assert RuleSet.objects.published().get() == now
    assert deeds()[-2:] == ["rule_set.retired", "rule_set.published"]


def test_what_was_changed_since_it_was_read_is_not_published(in_review, in_force, ada, grace):
    seen = terms_of(in_review)
    actions.send_back_rule_set(acting_user=ada, rule_set=in_review, reason="One thing more.")
    actions.edit_draft(acting_user=ada, rule_set=in_review, terms=dataclasses.replace(seen, drag=0.9))
    actions.submit_rule_set(acting_user=ada, rule_set=in_review)

    with pytest.raises(ValidationError, match=r"Drag: 0\.2 → 0\.9\. Read it again") as refusal:
        publish(acting_user=grace, rule_set=in_review, seen=seen, replacing=1)

    assert refusal.value.code == "stale"
    assert RuleSet.objects.published().get() == in_force
    now = terms_of(RuleSet.objects.get(pk=in_review.pk))
    assert publish(acting_user=grace, rule_set=in_review, seen=now, replacing=1) == in_review


def test_what_was_read_beside_another_version_in_force_is_not_published(in_review, in_force, ada, grace):
    seen = terms_of(in_review)
    other = actions.draft_from(acting_user=ada, rule_set=in_force, name="Quicker")
    publish(acting_user=grace, rule_set=actions.submit_rule_set(acting_user=ada, rule_set=other))

    with pytest.raises(ValidationError, match="Version 3 is in force now") as refusal:
        publish(acting_user=grace, rule_set=in_review, seen=seen, replacing=1)

    assert refusal.value.code == "stale"
    assert RuleSet.objects.published().get() == other


@pytest.mark.parametrize("previewed", [None, "", "another form"])
def test_what_was_not_previewed_in_its_present_form_is_not_published(in_review, in_force, ada, grace, previewed):
    before = cast.previewed(in_review)
    actions.send_back_rule_set(acting_user=grace, rule_set=in_review, reason="One thing more.")
    actions.edit_draft(acting_user=ada, rule_set=in_review, terms=dataclasses.replace(terms_of(in_review), drag=0.9))
    actions.submit_rule_set(acting_user=ada, rule_set=in_review)
    for shown in (previewed, before):
        with pytest.raises(ValidationError, match="Look at the preview of version 2") as refusal:
            actions.publish_rule_set(acting_user=grace, rule_set=in_review, previewed=shown)
        assert refusal.value.code == "not_previewed"
    assert RuleSet.objects.published().get() == in_force
    assert publish(acting_user=grace, rule_set=in_review) == in_review


def test_the_author_cannot_publish(in_review, in_force, ada):
    with pytest.raises(ValidationError, match="You wrote this rule set"):
        publish(acting_user=ada, rule_set=in_review)
    assert RuleSet.objects.published().get() == in_force


def test_the_database_too_wants_four_eyes(in_review, in_force, ada):
    with pytest.raises(IntegrityError, match="published_with_four_eyes"), transaction.atomic():
        RuleSet.objects.filter(pk=in_review.pk).update(published_by=ada)


def test_a_draft_cannot_be_published_unreviewed(draft, grace):
    with pytest.raises(ValidationError, match="in review"):
        publish(acting_user=grace, rule_set=draft)


def test_sending_back_needs_a_reason_and_keeps_it(in_review, grace):
    with pytest.raises(ValidationError):
        actions.send_back_rule_set(acting_user=grace, rule_set=in_review, reason=" ")
    back = actions.send_back_rule_set(acting_user=grace, rule_set=in_review, reason="Drag is too strong.")
    assert (back.status, back.submitted_at) == (RuleSetStatus.DRAFT, None)
    assert AuditEntry.objects.latest("id").reason == "Drag is too strong."


def test_a_published_rule_set_is_neither_edited_nor_discarded_nor_sent_back(in_force, ada):
    with pytest.raises(ValidationError, match="Only a draft"):
        actions.edit_draft(acting_user=ada, rule_set=in_force, terms=TERMS)
    with pytest.raises(ValidationError, match="Only a draft"):
        actions.discard_draft(acting_user=ada, rule_set=in_force)
    with pytest.raises(ValidationError, match="in review"):
        actions.send_back_rule_set(acting_user=ada, rule_set=in_force, reason="Oh.")
    with pytest.raises(IntegrityError, match="only while it is a draft"), transaction.atomic():
        Rule.objects.filter(rule_set=in_force).update(points=0)


def test_a_discarded_draft_leaves_its_terms_in_the_audit_trail(draft, ada):
    terms = terms_of(draft)
    actions.discard_draft(acting_user=ada, rule_set=draft)
    assert not RuleSet.objects.filter(pk=draft.pk).exists()
    kept = AuditEntry.objects.latest("id").old
    assert Terms.from_json(kept) == terms


def test_a_draft_that_another_was_made_from_is_kept(draft, ada, grace):
    actions.draft_from(acting_user=grace, rule_set=draft, name="From a draft")
    with pytest.raises(ValidationError, match="is kept"):
        actions.discard_draft(acting_user=ada, rule_set=draft)


def test_no_draft_is_made_from_one_that_was_discarded(draft, ada, grace):
    gone = RuleSet.objects.get(pk=draft.pk)
    actions.discard_draft(acting_user=ada, rule_set=draft)
    with pytest.raises(ValidationError, match="no longer exists"):
        actions.draft_from(acting_user=grace, rule_set=gone, name="Mine")


def at_once(*deeds):
    """Run each in a thread and connection of its own; the results, or what was raised."""
    start, outcomes = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place, deed):
        start.wait()
        try:
            outcomes[place] = deed()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_drafts_made_at_once_get_versions_of_their_own(in_force, ada, grace):
    def draft(user):
        return actions.draft_from(acting_user=user, rule_set=in_force, name="Race")

    made = at_once(*(partial(draft, user) for user in (ada, grace) * 2))
    assert sorted(draft.version for draft in made) == [2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_does(in_review, in_force, grace):
    edith = administrator("edith")
    outcomes = at_once(*(lambda user=user: publish(acting_user=user, rule_set=in_review) for user in (grace, edith)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RuleSet", "ValidationError"]
    assert RuleSet.objects.published().get() == in_review
