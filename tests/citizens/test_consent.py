"""A consent covers what its page said, in calls, imports and scores; what asks for more asks again."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from citizens.actions.behaviours import Observation, furnish
from citizens.actions.consent import grant_consent, renew_consent
from citizens.consent_text import hash_of
from citizens.enums import AuditAction, Context
from citizens.models import AuditEntry, Behaviour, BehaviourType, Change, Consent, ConsentText, Source, User
from scoring import snapshot
from scoring.explanation import explain
from scoring.models import Run, Score
from scoring.snapshot import arranging
from scoring.snapshot.reading import reader
from sesame_site.kit.cli import Found
from tests import cast
from tests.pages import seen_on, soup, text

pytestmark = pytest.mark.django_db
PAGE = "/consents/"


def bank(*contexts: Context, **values: str) -> Source:
    """The bank, which may speak of these contexts from now on."""
    Source.objects.filter(pk=cast.bank().pk).update(contexts=contexts, **values)
    return cast.bank()


def volunteering() -> BehaviourType:
    return BehaviourType.objects.get_or_create(
        key="volunteering", defaults={"name": "Volunteering", "context": Context.CIVIC}
    )[0]


def agreed(*contexts: Context) -> Consent:
    """Alice's consent, given on the page while the bank could speak of these contexts."""
    alice = cast.alice()
    return grant_consent(acting_user=alice.user, citizen=alice, source=bank(*contexts), receipt="a form")


def said(kind: BehaviourType, external_id: str) -> Observation:
    return Observation("alice", kind.key, external_id, cast.long_ago())


def test_a_consent_keeps_what_its_page_said():
    given = agreed(Context.FINANCE)
    assert (given.contexts, given.purpose) == ([Context.FINANCE], "")
    kept = given.text
    assert kept is not None
    assert (kept.version, kept.language, kept.hash) == (1, "en-gb", hash_of(cast.bank()))
    assert "May speak of: Finance." in kept.words
    cast.stranger()
    other = cast.stranger()
    again = grant_consent(acting_user=other.user, citizen=other, source=cast.bank(), receipt="a form")
    assert (again.text, ConsentText.objects.count()) == (kept, 1)


def test_a_source_that_widens_is_refused_what_was_not_agreed_to():
    agreed(Context.FINANCE)
    wide = bank(Context.FINANCE, Context.CIVIC)
    result = furnish(
        acting_user=None, source=wide, observations=[said(cast.bill_paid(), "b1"), said(volunteering(), "v1")]
    )
    assert (result.accepted, [(one.index, one.field) for one in result.refused]) == (1, [(1, "type")])
    assert "consented to: Finance. This behaviour type is of: Civic" in result.refused[0].reason


@pytest.mark.django_db(transaction=True)
def test_an_import_sets_aside_what_was_not_agreed_to(tmp_path):
    agreed(Context.FINANCE)
    bank(Context.FINANCE, Context.CIVIC)
    cast.bill_paid()
    volunteering()
    cast.consent(cast.stranger())
    path = tmp_path / "rows.csv"
    path.write_text(
        "citizen,behaviour,occurred_at,external_id\n"
        "alice,bill_paid_on_time,2026-01-01,b1\nalice,volunteering,2026-01-01,v1\nstranger,volunteering,2026-01-01,v2\n"
    )
    with pytest.raises(Found) as found:
        call_command("import_behaviours", str(path), source="bank")
    assert set(Behaviour.objects.values_list("external_id", flat=True)) == {"b1", "v2"}
    _header, aside = Path(found.value.result["quarantine"]).read_text().splitlines()
    assert aside.startswith("3,")
    assert "consented to: Finance. This behaviour type is of: Civic" in aside


def counted(known) -> dict[str, int]:
    """How many behaviours of each type count for Alice."""
    names = dict(BehaviourType.objects.values_list("pk", "key"))
    ids, type_ids, population = known
    events = population.events
    row = ids.tolist().index(cast.alice().pk)
    kinds = events.kind[events.indptr[row] : events.indptr[row + 1]].tolist()
    return {names[type_ids[kind]]: kinds.count(kind) for kind in kinds}


@pytest.mark.django_db(transaction=True)
def test_scores_leave_out_what_was_not_agreed_to():
    """As when a type moved to another context, or a source was widened and narrowed again around an import."""
    agreed(Context.FINANCE)
    bank(Context.FINANCE, Context.CIVIC)
    for kind, number in ((cast.bill_paid(), 2), (volunteering(), 3)):
        for _ in range(number):
            cast.observed(cast.alice(), kind)
    with reader() as read:
        assert counted(arranging.everybody(read)) == {"bill_paid_on_time": 2}
        alice = [cast.alice().pk]
        events, _eligible = arranging.own_rows(read, *(arranging.np.array(ids) for ids in (alice, types())))
        assert len(events.kind) == 2
        ids = arranging.np.array(sorted(Behaviour.objects.values_list("pk", flat=True)))
        added, _removed, count = arranging.behaviour_rows(
            read, ids, arranging.np.array(alice), arranging.np.array(types())
        )
        assert (len(added.kind), count.tolist()) == (2, [5])


def types() -> list[int]:
    return sorted(BehaviourType.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_the_score_its_explanation_and_the_check_agree_on_it(capsys):
    cast.a_rule_set()
    agreed(Context.FINANCE)
    cast.observed(cast.alice(), cast.bill_paid(), amount=3)
    cast.observed(cast.alice(), cast.loan_overdue())
    BehaviourType.objects.filter(key="loan_overdue").update(context=Context.CIVIC)
    run = cast.rescore()
    assert Score.objects.get(run=run, citizen=cast.alice()).published == 630
    assert explain(cast.alice(), run).total == pytest.approx(630)
    call_command("verify_scores")
    capsys.readouterr()

    source = bank(Context.FINANCE, Context.CIVIC)
    renew_consent(acting_user=cast.alice().user, citizen=cast.alice(), source=source, seen=hash_of(source))
    taken = snapshot.take()
    assert len(taken.population.events.kind) == 2
    assert Score.objects.get(run=cast.rescore(), citizen=cast.alice()).published == 580
    assert Run.objects.current() is not None


def test_the_citizen_is_asked_again_and_agrees(client):
    first = agreed(Context.FINANCE)
    client.force_login(cast.alice().user)
    assert "asks again" not in text(client.get(PAGE))
    bank(Context.FINANCE, Context.CIVIC, purpose="Loans, and who gets a flat.")
    page = client.get(PAGE)
    card = soup(page).select_one("section.card")
    assert "It now wants to speak of this as well: Civic." in text(card)
    assert "It now says what for: Loans, and who gets a flat." in text(card)

    sent = {"seen": card.find("input", attrs={"name": "seen"})["value"], "renew": "1"}
    client.post(card.form["action"], sent)

    first.refresh_from_db()
    now = Consent.objects.active().get(citizen=cast.alice())
    assert first.withdrawn_at == now.granted_at
    assert (now.contexts, now.purpose) == ([Context.FINANCE, Context.CIVIC], "Loans, and who gets a flat.")
    assert AuditEntry.objects.latest("id").action == AuditAction.CONSENT_RENEWED
    assert Change.objects.latest("id").subject_id == now.pk
    assert "asks again" not in text(client.get(PAGE))
    with pytest.raises(ValidationError, match="covers all it asks for"):
        source = cast.bank()
        renew_consent(acting_user=cast.alice().user, citizen=cast.alice(), source=source, seen=hash_of(source))


@pytest.mark.parametrize("then", [{}, {"renew": "1"}])
def test_only_what_was_read_is_agreed_to(client, then):
    if then:
        agreed(Context.FINANCE)
    client.force_login(cast.alice().user)
    bank(Context.FINANCE, Context.CIVIC)
    read = seen_on(client.get(PAGE))
    bank(Context.FINANCE, Context.CIVIC, Context.HOUSING)
    before = list(Consent.objects.values_list("pk", "withdrawn_at"))
    address = reverse("portal:consent", args=[cast.bank().pk])
    assert "was changed after you opened this page" in text(client.post(address, {"seen": read} | then, follow=True))
    assert "arrived incomplete" in text(client.post(address, then, follow=True))
    assert list(Consent.objects.values_list("pk", "withdrawn_at")) == before


def test_a_type_that_moves_to_another_context_is_read_anew(client):
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    kind = cast.bill_paid()
    values = {"key": kind.key, "name": kind.name, "context": "civic", "unit": kind.unit}
    client.post(reverse("admin:citizens_behaviourtype_change", args=[kind.pk]), values)
    assert BehaviourType.objects.get().context == Context.CIVIC
    assert Change.objects.get().kind == "import"
    assert User.objects.filter(username="root").exists()


def test_what_is_not_covered_is_shown_as_not_counting(client):
    agreed(Context.FINANCE)
    bank(Context.FINANCE, Context.CIVIC)
    cast.observed(cast.alice(), cast.bill_paid())
    cast.observed(cast.alice(), volunteering())
    client.force_login(cast.alice().user)
    rows = [text(row) for row in soup(client.get("/behaviours/")).select("tbody tr")]
    assert [("Does not count" in row) for row in sorted(rows, key=lambda row: "Volunteering" in row)] == [False, True]
