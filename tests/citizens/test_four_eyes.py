"""The second person is another person: ways in which one alone would approve her own draft, each of them closed."""

import threading

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse

from citizens.access import GRAVE, ROLES, takes_two
from citizens.actions.accounts import assign_roles, confirm_role, decline_role
from citizens.actions.people import link_account, unlink_account
from citizens.enums import AuditAction, HoldKind, Role
from citizens.models import AuditEntry, Hold, RoleGrant, User
from scoring.actions.rule_sets import draft_from, publish_rule_set, submit_rule_set
from scoring.enums import RuleSetStatus
from scoring.models import RuleSet
from tests import cast
from tests.migrations import migration
from tests.pages import soup, text

pytestmark = pytest.mark.django_db
PASSWORD = {"password1": "a-long-one-17", "password2": "a-long-one-17", "usable_password": "true"}
NOT_FREE = "are not independent"


@pytest.fixture
def root() -> User:
    return cast.account("root", *Role, is_superuser=True)


@pytest.fixture
def publisher() -> User:
    return cast.account("vera", Role.PUBLISHER)


@pytest.fixture
def roots_draft(root, in_force) -> RuleSet:
    draft = draft_from(acting_user=root, rule_set=in_force, name="Mine")
    return submit_rule_set(acting_user=root, rule_set=draft)


def records_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def is_published_by(user: User, draft: RuleSet) -> bool:
    fresh, previewed = User.objects.get(pk=user.pk), cast.previewed(draft)
    done = publish_rule_set(acting_user=fresh, rule_set=draft, previewed=previewed)
    return done.status == RuleSetStatus.PUBLISHED


def let_time_pass(days: float = 365) -> None:
    """Whatever was done so far was done so many days earlier."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, column in (("citizens_hold", "at"), ("citizens_rolegrant", "in_force_since")):
            cursor.execute(f"UPDATE {table} SET {column} = {column} - %s * interval '1 day'", [days])
        cursor.execute("SET LOCAL session_replication_role = origin")


def asked(by: User, account: User, role: Role) -> RoleGrant:
    assign_roles(acting_user=by, account=account, roles=[*account.roles, role])
    return RoleGrant.objects.pending().get(account=account, role=role)


def test_a_second_account_made_among_the_records_does_not_publish(root, roots_draft):
    """She makes an account, has it made a publisher, and publishes her own draft with it."""
    records_of(root).post(reverse("admin:citizens_user_add"), {"username": "puppet", **PASSWORD})
    puppet = User.objects.get(username="puppet")
    assert Hold.objects.get(account=puppet, by=root).kind == HoldKind.MADE
    confirm_role(acting_user=cast.second_clerk(), grant=asked(root, puppet, Role.PUBLISHER))
    let_time_pass()
    with pytest.raises(ValidationError, match=NOT_FREE) as refused:
        is_published_by(puppet, roots_draft)
    assert refused.value.code == "four_eyes"


def set_password(root: User, vera: User) -> None:
    records_of(root).post(reverse("admin:auth_user_password_change", args=[vera.pk]), PASSWORD)


def change_address(root: User, vera: User) -> None:
    values = {"username": "vera", "email": "root@example.org", "is_active": "on"}
    records_of(root).post(reverse("admin:citizens_user_change", args=[vera.pk]), values)


def add_address(root: User, vera: User) -> None:
    values = {"user": vera.pk, "email": "root@example.org", "verified": "on"}
    records_of(root).post(reverse("admin:account_emailaddress_add"), values)


def delete_factor(root: User, vera: User) -> None:
    factor = Authenticator.objects.create(user=vera, type="totp", data={})
    address = reverse("admin:mfa_authenticator_delete", args=[factor.pk])
    assert records_of(root).post(address, {"post": "yes"}).status_code == 302


def delete_factors(root: User, vera: User) -> None:
    factor = Authenticator.objects.create(user=vera, type="totp", data={})
    asked_for = {"action": "delete_selected", "_selected_action": [factor.pk], "post": "yes"}
    records_of(root).post(reverse("admin:mfa_authenticator_changelist"), asked_for)


def link(root: User, vera: User) -> None:
    link_account(acting_user=root, citizen=cast.person("nobody", signs_in=False), account=vera)


def give_a_role(root: User, vera: User) -> None:
    assign_roles(acting_user=root, account=vera, roles=[Role.PUBLISHER, Role.AUDITOR])


WAYS = [set_password, change_address, add_address, delete_factor, delete_factors, link, give_a_role]


@pytest.mark.parametrize("touch", WAYS)
def test_whose_account_the_author_touched_does_not_publish(root, publisher, roots_draft, touch):
    touch(root, publisher)
    let_time_pass()
    with pytest.raises(ValidationError, match=NOT_FREE):
        is_published_by(publisher, roots_draft)
    assert is_published_by(cast.account("grace", Role.PUBLISHER), roots_draft)


def test_unlinking_is_a_touch_too(root, publisher, roots_draft):
    citizen = cast.person("nobody", signs_in=False)
    link_account(acting_user=cast.second_clerk(), citizen=citizen, account=publisher)
    unlink_account(acting_user=root, citizen=citizen)
    assert Hold.objects.filter(account=publisher, by=root, kind=HoldKind.CITIZEN).exists()


@pytest.mark.parametrize("touch", [set_password, change_address, add_address, delete_factor, link])
def test_whoever_was_touched_by_a_third_publishes_again_after_a_while(ada, draft, root, publisher, touch, settings):
    in_review = submit_rule_set(acting_user=ada, rule_set=draft)
    touch(root, publisher)
    with pytest.raises(ValidationError, match="so that others have the time to notice"):
        is_published_by(publisher, in_review)
    settings.COOLING_DAYS = 0
    assert is_published_by(publisher, in_review)


def test_whoever_made_the_authors_account_does_not_publish_either(root, in_force):
    """The same trick the other way round: the draft is written with the second account."""
    records_of(root).post(reverse("admin:citizens_user_add"), {"username": "puppet", **PASSWORD})
    puppet = cast.with_roles(User.objects.get(username="puppet"), Role.RULE_AUTHOR)
    draft = submit_rule_set(
        acting_user=puppet, rule_set=draft_from(acting_user=puppet, rule_set=in_force, name="Hers, really")
    )
    with pytest.raises(ValidationError, match=NOT_FREE):
        is_published_by(root, draft)


def test_by_way_of_a_third_account_it_is_the_same(root, roots_draft, publisher):
    puppet = cast.account("puppet", Role.RECORD_KEEPER)
    set_password(root, puppet)
    set_password(User.objects.get(pk=puppet.pk), publisher)
    let_time_pass()
    with pytest.raises(ValidationError, match=NOT_FREE):
        is_published_by(publisher, roots_draft)


def test_what_people_do_to_their_own_account_is_no_touch(root):
    records_of(root).post(reverse("admin:auth_user_password_change", args=[root.pk]), PASSWORD)
    assert not Hold.objects.filter(by__isnull=False).exists()


def test_a_right_counts_for_publishing_after_the_cooling_period(ada, draft, settings):
    in_review = submit_rule_set(acting_user=ada, rule_set=draft)
    vera = cast.account("vera")
    confirm_role(acting_user=cast.second_clerk(), grant=asked(cast.clerk(), vera, Role.PUBLISHER))
    settings.COOLING_DAYS = 1
    with pytest.raises(ValidationError, match="1 day after"):
        is_published_by(vera, in_review)
    settings.COOLING_DAYS = 7
    let_time_pass(days=6.9)
    with pytest.raises(ValidationError, match="7 days after"):
        is_published_by(vera, in_review)
    let_time_pass(days=0.2)
    assert is_published_by(vera, in_review)


def test_a_role_that_nobody_wrote_down_publishes_nothing(ada, draft):
    in_review = submit_rule_set(acting_user=ada, rule_set=draft)
    vera = cast.account("vera")
    vera.groups.add(Group.objects.get(name=Role.PUBLISHER))
    with pytest.raises(ValidationError, match="Nobody knows since when"):
        is_published_by(vera, in_review)


def test_the_publisher_reads_why_before_trying(client, root, publisher, roots_draft):
    set_password(root, publisher)
    client.force_login(User.objects.get(pk=publisher.pk))
    page = client.get(reverse("console:publish", args=[roots_draft.version]))
    assert NOT_FREE in text(page)
    assert not soup(page).find("button", string=f"Publish version {roots_draft.version}")


# Giving roles


@pytest.mark.parametrize("role", [role for role in Role if takes_two(role)])
def test_a_role_that_publishes_or_judges_takes_two(role):
    clerk, second, vera = cast.clerk(), cast.second_clerk(), cast.account("vera")
    grant = asked(clerk, vera, role)
    assert User.objects.get(pk=vera.pk).roles == []
    with pytest.raises(ValidationError, match="You asked for this role"):
        confirm_role(acting_user=clerk, grant=grant)
    assert confirm_role(acting_user=second, grant=grant).roles == [role]
    grant.refresh_from_db()
    assert (grant.asked_by, grant.confirmed_by) == (clerk, second)
    assert {hold.by for hold in Hold.objects.filter(account=vera)} == {clerk, second}
    deeds = AuditEntry.objects.about(vera).order_by("id").values_list("action", "actor__username")
    assert list(deeds) == [(AuditAction.ROLE_ASKED, "clerk"), (AuditAction.ROLE_CONFIRMED, "second-clerk")]


def test_the_other_roles_are_given_by_one():
    vera = cast.account("vera")
    simple = [role for role in Role if not takes_two(role)]
    assert {*simple} == {Role.RULE_AUTHOR, Role.AUDITOR, Role.OPERATOR}
    assert assign_roles(acting_user=cast.clerk(), account=vera, roles=simple).roles == simple
    assert not any(ROLES[role] & GRAVE for role in simple)


def test_neither_the_owner_nor_a_puppet_confirms():
    clerk = cast.clerk()
    vera = cast.account("vera", Role.REGISTRAR)
    own = RoleGrant.objects.create(account=vera, role=Role.JUDGE, asked_by=clerk)
    with pytest.raises(ValidationError, match="Your own roles"):
        confirm_role(acting_user=vera, grant=own)
    Hold.objects.create(account=vera, by=clerk, kind=HoldKind.MADE)
    with pytest.raises(ValidationError, match=NOT_FREE):
        confirm_role(acting_user=vera, grant=asked(clerk, cast.account("judy"), Role.JUDGE))
    with pytest.raises(PermissionDenied):
        confirm_role(acting_user=cast.account("plain"), grant=own)


def test_what_was_asked_for_is_confirmed_or_declined_in_the_console(client):
    clerk, second, vera = cast.clerk(), cast.second_clerk(), cast.account("vera")
    client.force_login(clerk)
    page = reverse("console:account", args=[vera.pk])
    answer = client.post(page, {"roles": ["judge", "publisher", "auditor"]}, follow=True)
    assert "wait for a second one" in text(answer)
    assert "Judge for vera: clerk asked for it" in text(answer)
    assert [button.text for button in soup(answer).select("#pending ~ ul button")] == ["Take it back"] * 2
    assert User.objects.get(pk=vera.pk).roles == [Role.AUDITOR]

    client.force_login(second)
    assert "Judge for vera" in text(client.get(reverse("console:accounts")))
    judge, publisher = (RoleGrant.objects.get(account=vera, role=role) for role in ("judge", "publisher"))
    assert "Confirmed." in text(client.post(reverse("console:role-confirm", args=[judge.pk]), follow=True))
    assert "Closed" in text(client.post(reverse("console:role-decline", args=[publisher.pk]), follow=True))
    assert {*User.objects.get(pk=vera.pk).roles} == {Role.AUDITOR, Role.JUDGE}
    late = text(client.post(reverse("console:role-confirm", args=[publisher.pk]), follow=True))
    assert "somebody has decided already" in late
    assert not RoleGrant.objects.pending().exists()


def test_a_role_that_was_taken_is_asked_for_anew():
    clerk, vera = cast.clerk(), cast.account("vera", Role.JUDGE)
    assign_roles(acting_user=clerk, account=vera, roles=[])
    ended = RoleGrant.objects.get(account=vera)
    assert (ended.ended_by, User.objects.get(pk=vera.pk).roles) == (clerk, [])
    again = asked(clerk, User.objects.get(pk=vera.pk), Role.JUDGE)
    assert again.pk != ended.pk
    assert decline_role(acting_user=clerk, grant=again).ended_by == clerk


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_each_others_role_one_keeps_it():
    one, other = (cast.account(name, Role.REGISTRAR) for name in ("one", "other"))
    start, outcomes = threading.Barrier(2), []

    def take(acting: User, account: User) -> None:
        try:
            start.wait()
            assign_roles(acting_user=acting, account=account, roles=[])
            outcomes.append("taken")
        except PermissionDenied:
            outcomes.append("refused")
        finally:
            connection.close()

    for _attempt in range(5):
        for account in (one, other):
            cast.with_roles(account, Role.REGISTRAR)
        one, other = (User.objects.get(username=name) for name in ("one", "other"))
        outcomes.clear()
        threads = [threading.Thread(target=take, args=pair) for pair in ((one, other), (other, one))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["refused", "taken"]
        assert User.objects.filter(groups__name=Role.REGISTRAR).count() == 1


# Raw records


def test_nobody_is_promoted_among_the_raw_records(root):
    vera = cast.account("vera")
    client = records_of(root)
    group = Group.objects.get(name=Role.PUBLISHER)
    values = {"username": "vera", "email": vera.email, "is_active": "on", "groups": [group.pk]}
    values |= {"is_superuser": "on", "is_staff": "on", "user_permissions": [1]}
    assert client.post(reverse("admin:citizens_user_change", args=[vera.pk]), values).status_code == 302
    fresh = User.objects.get(pk=vera.pk)
    assert (fresh.is_superuser, fresh.is_staff, fresh.roles) == (False, False, [])
    assert not fresh.user_permissions.exists()
    for address in (reverse("admin:auth_group_add"), reverse("admin:auth_group_change", args=[group.pk])):
        assert client.post(address, {"name": "choir"}).status_code == 403
    for model in ("rolegrant", "hold"):
        assert client.get(reverse(f"admin:citizens_{model}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:citizens_{model}_add")).status_code == 403


def test_the_raw_records_ask_the_table_of_rights():
    keeper, operator = (records_of(cast.account(role, role)) for role in (Role.RECORD_KEEPER, Role.OPERATOR))
    accounts, tasks = (
        reverse(f"admin:{name}_changelist") for name in ("citizens_user", "django_celery_beat_periodictask")
    )
    assert [keeper.get(page).status_code for page in (accounts, tasks)] == [200, 200]
    assert [operator.get(page).status_code for page in (accounts, tasks)] == [403, 200]
    assert "Records" in text(operator.get(reverse("console:home")))


def test_staff_without_a_right_opens_no_raw_record():
    raw = cast.account("raw", Role.AUDITOR)
    User.objects.filter(pk=raw.pk).update(is_staff=True)
    assert records_of(raw).get(reverse("admin:index"), follow=True).status_code == 403


def test_strangers_are_sent_to_the_form_that_asks_for_a_second_factor(client):
    answer = client.get(reverse("admin:index"), follow=True)
    assert [step for step, _status in answer.redirect_chain][-1].startswith(reverse("account_login"))
    assert "next=/admin/" in answer.redirect_chain[-1][0]


def test_adresses_that_change_hands_are_a_touch_of_both(root):
    vera, judy = cast.account("vera"), cast.account("judy")
    row = EmailAddress.objects.create(user=vera, email="v@example.org")
    values = {"user": judy.pk, "email": "v@example.org"}
    records_of(root).post(reverse("admin:account_emailaddress_change", args=[row.pk]), values)
    assert {hold.account for hold in Hold.objects.filter(by=root)} == {vera, judy}


# What is kept


def test_a_superuser_of_the_command_line_is_on_record_and_cools_too(ada, draft, monkeypatch):
    in_review = submit_rule_set(acting_user=ada, rule_set=draft)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-long-one-17")
    call_command("createsuperuser", username="hopper", email="h@example.org", interactive=False)
    hopper = User.objects.get(username="hopper")
    hold = Hold.objects.get(account=hopper)
    assert (hold.kind, hold.by) == (HoldKind.SUPERUSER, None)
    with pytest.raises(ValidationError, match="7 days after"):
        is_published_by(hopper, in_review)
    let_time_pass()
    assert is_published_by(hopper, in_review)


def test_whoever_becomes_a_superuser_in_the_database_is_on_record_too():
    vera = cast.account("vera")
    User.objects.filter(pk=vera.pk).update(is_superuser=True)
    User.objects.filter(pk=vera.pk).update(is_superuser=True, first_name="Vera")
    assert [hold.kind for hold in Hold.objects.filter(account=vera)] == [HoldKind.SUPERUSER]


def test_permissions_that_rows_give_open_no_raw_record():
    operator = cast.account("operator", Role.OPERATOR)
    operator.user_permissions.add(*Permission.objects.filter(content_type__app_label="citizens"))
    assert records_of(operator).get(reverse("admin:citizens_user_changelist")).status_code == 403


def test_what_is_on_record_is_not_edited():
    vera = cast.account("vera", Role.JUDGE)
    hold = Hold.objects.create(account=vera, by=cast.clerk(), kind=HoldKind.MADE)
    edits = [
        lambda: Hold.objects.filter(pk=hold.pk).update(by=vera),
        lambda: RoleGrant.objects.filter(account=vera).update(role=Role.PUBLISHER),
        lambda: RoleGrant.objects.filter(account=vera).update(in_force_since=cast.long_ago()),
    ]
    for edit in edits:
        with pytest.raises(Error, match=r"edit|once|Cannot update"), transaction.atomic():
            edit()


def test_roles_from_before_are_on_record_from_when_their_owners_joined():
    vera = cast.account("vera", Role.JUDGE, Role.AUDITOR)
    RoleGrant.objects.all().delete()
    migration("citizens", "standing_roles").add_grants(apps, None)
    kept = RoleGrant.objects.in_force().filter(account=vera, in_force_since=vera.date_joined, asked_by=None)
    assert {grant.role for grant in kept} == {"judge", "auditor"}
