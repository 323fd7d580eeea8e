"""What the records of citizens cannot hold: refused in words by the model, and by the database all the same."""

import datetime as dt

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.utils import timezone, translation
from oauth2_provider.models import Application

from citizens.enums import Context, TieKind
from citizens.models import Allowance, AuditEntry, Behaviour, Citizen, Consent, Source, Tie
from citizens.models.behaviours import AMOUNT_OUT_OF_RANGE
from tests import cast
from tests.refusals import name_against, words_against

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def pair():
    return sorted((cast.alice(), cast.alices_sister()), key=lambda one: one.pk)


@pytest.mark.parametrize(
    ("values", "constraint", "words"),
    [
        ({"key": ""}, "citizen_has_a_key", "A citizen needs a key."),
        ({"left_at": NOW - DAY}, "citizen_leaves_after_joining", "A citizen cannot leave before joining."),
    ],
)
def test_a_citizen_who_cannot_be(values, constraint, words):
    citizen = Citizen(**{"key": "x", "name": "X", "joined_at": NOW} | values)
    assert words_against(citizen) == [words]
    assert name_against(citizen) == constraint


@pytest.mark.parametrize(
    ("ends", "values", "constraint", "words"),
    [
        ((0, 0), {"kind": "parent"}, "no_tie_to_oneself", "Nobody has a tie to themselves."),
        ((0, 1), {"strength": 0}, "tie_strength_in_range", "The strength of a tie must be more than 0 and at most 1."),
        ((0, 1), {"strength": 1.001}, "tie_strength_in_range",
         "The strength of a tie must be more than 0 and at most 1."),
        ((0, 1), {"kind": "child"}, "child_ties_are_stored_as_parent",
         "A tie of a parent and a child is stored from the child to the parent."),
        ((1, 0), {}, "symmetric_ties_are_stored_once",
         "This tie must name the citizen who was registered earlier first."),
        ((0, 1), {"started_at": NOW, "ended_at": NOW - DAY}, "tie_ends_after_it_starts",
         "A tie cannot end before it starts."),
    ],
)  # fmt: skip
def test_a_tie_that_cannot_be(pair, ends, values, constraint, words):
    tie = Tie(**{"first": pair[ends[0]], "second": pair[ends[1]], "kind": "friend"} | values)
    assert words_against(tie) == [words]
    assert name_against(tie) == constraint


@pytest.mark.parametrize("strength", [float("nan"), float("inf"), -1.0])
def test_a_strength_that_is_no_share(pair, strength):
    tie = Tie(first=pair[0], second=pair[1], kind="friend", strength=strength)
    assert name_against(tie) == "tie_strength_in_range"


@pytest.mark.parametrize("started", [NOW, None])
@pytest.mark.parametrize("ends", [(0, 1), (1, 0)])
def test_a_second_tie_of_the_same_kind_until_the_first_has_ended(pair, started, ends):
    """Nobody is at once the parent and the child of another."""
    first = Tie.objects.create(first=pair[0], second=pair[1], kind="parent", started_at=started)
    again = {"first": pair[ends[0]], "second": pair[ends[1]], "kind": "parent"}
    assert words_against(Tie(**again)) == ["These two already have a tie of this kind."]
    assert name_against(Tie(**again)) == "one_live_tie_of_a_kind_per_pair"
    Tie.objects.create(first=pair[0], second=pair[1], kind="friend")
    first.ended_at = NOW + DAY
    first.save()
    Tie.objects.create(**again)
    assert Tie.objects.count() == 3


def test_what_each_is_to_the_other(pair):
    one, other = pair
    for kind in TieKind:
        if kind == TieKind.CHILD:
            continue
        tie = Tie(first=one, second=other, kind=kind)
        assert (tie.other(one), tie.other(other)) == (other, one)
        assert tie.role_for(one) == kind
        assert tie.role_for(other) == (TieKind.CHILD if kind == TieKind.PARENT else kind)
        assert kind.reverse.reverse == kind


@pytest.mark.parametrize(
    ("day", "active", "known", "live"), [(-1, 0, 0, 0), (0, 1, 1, 1), (1, 1, 1, 1), (2, 0, 0, 0), (3, 0, 0, 0)]
)
def test_what_held_at_a_moment_begins_with_it_and_ends_before_the_other(pair, day, active, known, live):
    alice, sister = pair
    until = NOW + 2 * DAY
    Consent.objects.create(citizen=alice, source=cast.bank(), receipt="x", granted_at=NOW, withdrawn_at=until)
    Tie.objects.create(first=alice, second=sister, kind="friend", started_at=NOW, ended_at=until)
    told = {"type": cast.bill_paid(), "source": cast.bank(), "external_id": "1", "occurred_at": NOW - DAY}
    Behaviour.objects.create(citizen=alice, recorded_at=NOW, retracted_at=until, **told)
    moment = NOW + day * DAY
    assert Consent.objects.active_at(moment).count() == active
    assert Behaviour.objects.live_at(moment).count() == known
    assert Tie.objects.live_at(moment).count() == live


@pytest.mark.parametrize(("language", "limit"), [("en-gb", "1,000,000,000"), ("de", "1.000.000.000")])
def test_the_limits_of_an_amount_are_worded_where_they_are_read(language, limit):
    with translation.override(language):
        assert str(AMOUNT_OUT_OF_RANGE) == f"The amount must be from \N{MINUS SIGN}{limit} to {limit}."


@pytest.mark.parametrize(
    ("values", "constraint", "words"),
    [
        ({"external_id": ""}, "behaviour_has_an_external_id",
         "A behaviour needs the identifier that its source gave it."),
        ({"amount": 1e9 + 1}, "behaviour_amount_in_range",
         "The amount must be from −1,000,000,000 to 1,000,000,000."),
        ({"amount": float("-inf")}, "behaviour_amount_in_range",
         "The amount must be from −1,000,000,000 to 1,000,000,000."),
    ],
)  # fmt: skip
def test_a_behaviour_that_cannot_be(values, constraint, words):
    told = {"citizen": cast.alice(), "type": cast.bill_paid(), "source": cast.bank(), "occurred_at": NOW}
    behaviour = Behaviour(**told | {"external_id": "1"} | values)
    assert words_against(behaviour) == [words]
    assert name_against(behaviour) == constraint


@pytest.mark.parametrize("changed", [{"amount": 2.0}, {"occurred_at": NOW}, {"external_id": "x"}, {"recorded_at": NOW}])
def test_a_behaviour_is_never_edited_whatever_of_it(changed):
    behaviour = cast.observed(cast.alice(), cast.bill_paid())
    with pytest.raises(IntegrityError, match="may be retracted, never edited"), transaction.atomic():
        Behaviour.objects.filter(pk=behaviour.pk).update(**changed)


@pytest.mark.parametrize("retracted_at", [None, NOW])
def test_a_retraction_is_never_taken_back_or_moved(retracted_at):
    behaviour = cast.observed(cast.alice(), cast.bill_paid())
    Behaviour.objects.filter(pk=behaviour.pk).update(retracted_at=timezone.now())
    with pytest.raises(IntegrityError, match="already retracted"), transaction.atomic():
        Behaviour.objects.filter(pk=behaviour.pk).update(retracted_at=retracted_at)


def test_a_second_consent_to_the_same_source_while_the_first_stands():
    cast.consent(cast.alice())
    again = Consent(citizen=cast.alice(), source=cast.bank(), receipt="x")
    assert words_against(again) == ["This citizen already consents to this source."]
    assert name_against(again) == "one_active_consent_per_source"
    Consent.objects.update(withdrawn_at=timezone.now())
    again.validate_constraints()


def test_a_consent_withdrawn_before_it_was_given():
    consent = Consent(citizen=cast.alice(), source=cast.bank(), receipt="x", granted_at=NOW, withdrawn_at=NOW - DAY)
    assert words_against(consent) == ["A consent cannot be withdrawn before it was given."]
    assert name_against(consent) == "consent_is_withdrawn_after_it_is_given"


def test_an_application_that_may_read_twice_or_stops_before_it_may():
    reader = Application.objects.create(name="R", client_type="public", authorization_grant_type="password")
    mine = {"user": cast.alice().user, "application": reader}
    backwards = Allowance(**mine, allowed_at=NOW, stopped_at=NOW - DAY)
    assert words_against(backwards) == ["What an application may read cannot be stopped before it was allowed."]
    assert name_against(backwards) == "allowance_is_stopped_after_it_is_given"
    Allowance.objects.create(**mine)
    assert words_against(Allowance(**mine)) == ["This account already allows this application to read."]
    assert name_against(Allowance(**mine)) == "one_standing_allowance_per_application"


@pytest.mark.parametrize("row", [cast.bank, cast.bill_paid])
def test_sources_and_types_are_kept(row):
    with pytest.raises(Error, match="Cannot delete"), transaction.atomic():
        row().delete()


@pytest.mark.parametrize("how", ["update", "delete"])
def test_the_trail_is_only_added_to(how):
    entry = AuditEntry.objects.create(action="citizen.joined", subject_kind="citizens.citizen", reason="It was so.")
    with pytest.raises(Error, match="Cannot update or delete rows"), transaction.atomic():
        rows = AuditEntry.objects.filter(pk=entry.pk)
        rows.update(reason="It was not.") if how == "update" else rows.delete()
    assert AuditEntry.objects.get().reason == "It was so."


@pytest.mark.parametrize(
    ("contexts", "words"),
    [
        ([], None),
        (["finance"], None),
        (["travel", "finance"], None),
        (["travel"], "This source may speak of: Travel. This behaviour type is of: Finance."),
        (["work", "civic"], "This source may speak of: Work, Civic. This behaviour type is of: Finance."),
    ],
)
def test_a_source_says_why_it_may_not_speak_of_something(contexts, words):
    source = Source(contexts=contexts)
    assert source.why_not(cast.bill_paid()) == words
    assert source.context_labels == [Context(context).label for context in contexts]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"granted_at": NOW}, "never edited"),
        ({"receipt": "another form"}, "never edited"),
        ({"withdrawn_at": None}, "already withdrawn"),
        ({"withdrawn_at": NOW + DAY}, "already withdrawn"),
    ],
)
def test_a_consent_is_withdrawn_once_and_never_edited(change, words):
    given = Consent.objects.filter(pk=cast.consent(cast.alice()).pk)
    if "withdrawn_at" in change:
        given.update(withdrawn_at=NOW + 1000 * DAY)
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        given.update(**change)


def test_a_consent_is_deleted_with_its_citizen_only():
    given = cast.consent(cast.alice())
    with pytest.raises(IntegrityError, match="with its citizen only"), transaction.atomic():
        Consent.objects.filter(pk=given.pk).delete()
        connection.check_constraints()
    cast.alice().delete()
    connection.check_constraints()
    assert not Consent.objects.exists()


def test_no_application_reads_without_asking():
    with pytest.raises(IntegrityError, match="application_asks_before_it_reads"), transaction.atomic():
        Application.objects.create(
            name="R", client_type="public", authorization_grant_type="authorization-code", skip_authorization=True
        )
