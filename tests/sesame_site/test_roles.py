"""Who may do what: every address and every action, for every role, against the one table that docs/roles.md shows."""

import datetime as dt
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from citizens.access import ROLES, has_right, require, rights_of, visible_to
from citizens.actions import accounts, behaviours, consent, looking, people, sharing, ties
from citizens.enums import Right, Role, TieKind
from citizens.models import Citizen, RoleGrant, Tie, User
from perks.actions import openings
from perks.models import Perk
from scoring.actions import contests, programme, rule_sets, runs
from scoring.actions.contests import open_contest
from scoring.enums import RunTrigger
from scoring.errors import RunRefused
from scoring.rules.terms import terms_of
from tests import cast
from tests.roles_page import Address, addresses, page

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> dict[str, Any]:
    """Something behind every address: a draft, a run, a citizen, a contest, a perk."""
    rule_set = cast.a_rule_set()
    alice = cast.alice()
    said = cast.observed(alice, cast.bill_paid())
    run = cast.rescore()
    contest = open_contest(acting_user=alice.user, behaviour=said, statement="It was not me.")
    perk = Perk.objects.create(key="bike", name="Bicycle", opens_at=600)
    grant = RoleGrant.objects.create(account=alice.user, role=Role.JUDGE, asked_by=cast.clerk())
    made = {"rule_set": rule_set, "alice": alice, "said": said, "run": run, "contest": contest, "perk": perk}
    application = cast.an_application(name="A", client_type="public", authorization_grant_type="authorization-code")
    change = cast.change_asked(cast.clerk(), perk, 700)
    return {**made, "grant": grant, "application": application, "change": change}


def url_of(address: Address, town: dict[str, Any]) -> str:
    values: dict[str, Any] = {"version": town["rule_set"].version, "kind": "perk", "key": "bike"}
    # A citizen contests what was said, at its address; whoever judges reads the contest at its own.
    contested = town["said"] if address.namespace == "portal" else town["contest"]
    pks = {"contest": contested.pk, "run": town["run"].pk, "account": town["alice"].user_id}
    pks |= {"change-approve": town["change"].pk, "change-decline": town["change"].pk}
    pks |= {"role-confirm": town["grant"].pk, "role-decline": town["grant"].pk}
    values["pk"] = pks.get(address.name, town["alice"].pk)
    values["external_id"] = "bill-1"
    wanted = {name for name in values if f":{name}>" in address.path}
    return reverse(f"{address.namespace}:{address.name}", kwargs={name: values[name] for name in wanted})


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", Role)
def test_every_page_of_the_console_for_every_role(town, role):
    client = signed_in(cast.account(f"a-{role}", role))
    for address in addresses("console"):
        may_open, may_post = ({address.right, right} - {None} <= ROLES[role] for right in (None, address.right_to_post))
        url = url_of(address, town)
        assert (client.get(url).status_code != 403) == may_open, f"GET {url} as {role}"
        assert (client.post(url).status_code != 403) == may_post, f"POST {url} as {role}"


@pytest.mark.parametrize("role", Role)
def test_every_call_that_takes_a_right_for_every_role(town, role):
    client = signed_in(cast.account(f"a-{role}", role))
    for address in addresses("api"):
        if address.right:
            status = client.get(url_of(address, town)).status_code
            assert status == (200 if address.right in ROLES[role] else 403), f"{address.path} as {role}"


@pytest.mark.parametrize("role", Role)
def test_no_role_opens_the_pages_of_citizens(town, role):
    client = signed_in(cast.account(f"a-{role}", role))
    for address in addresses("portal"):
        if address.is_for_citizens:
            assert client.get(url_of(address, town)).status_code == 403, address.path


@pytest.mark.parametrize("role", [*Role, None])
def test_a_token_reads_no_more_than_the_account_behind_it(town, role):
    user = cast.account(f"an-{role}", *([role] if role else []))
    client = Application.objects.create(name="A reader", client_type="public", authorization_grant_type="password")
    token = AccessToken.objects.create(
        user=user,
        application=client,
        token="a-token",
        scope="rulesets:read runs:read",
        expires=timezone.now() + dt.timedelta(hours=1),
    )
    for address in addresses("api"):
        if address.right:
            status = Client(headers={"authorization": f"Bearer {token.token}"}).get(url_of(address, town)).status_code
            assert status == (200 if has_right(user, address.right) else 403), f"{address.path} as {role}"


@pytest.mark.parametrize("who", ["nobody", "an account that is not active", "a citizen"])
def test_a_call_that_takes_a_right_refuses_whoever_has_none(town, who):
    client = client_of(who, town)
    for address in addresses("api"):
        if address.right:
            assert client.get(url_of(address, town)).status_code in (401, 403), f"{address.path} as {who}"


def test_an_account_that_is_not_active_is_sent_to_sign_in_everywhere(town):
    client = client_of("an account that is not active", town)
    for address in addresses("console", "portal"):
        if address.takes_signing_in:
            answer = client.get(url_of(address, town))
            assert answer.status_code in (302, 405), address.path
            assert answer.status_code == 405 or "/accounts/login/" in answer["Location"], address.path


def client_of(who: str, town: dict[str, Any]) -> Client:
    """A browser of nobody, of Alice, or of a clerk whose account was switched off after they had signed in."""
    if who == "nobody":
        return Client()
    if who == "a citizen":
        return signed_in(town["alice"].user)
    client = signed_in(cast.clerk())
    User.objects.filter(username="clerk").update(is_active=False)
    return client


# The pages of one's own account, and the steps of a sign-in, which begin at its first. Every other page under
# /accounts/ is open.
SENT_TO_SIGN_IN = {
    "account_confirm_login_code", "mfa_authenticate", "mfa_login_webauthn",
    "account_reauthenticate", "account_email", "account_change_password", "account_set_password",
    "mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn",
}  # fmt: skip
WITH_A_KEY = {"account_confirm_email": {"key": "k"}, "account_reset_password_from_key": {"uidb36": "1", "key": "k-k"}}


def test_pages_of_an_account_are_for_whoever_is_signed_in(town):
    plain, gone = signed_in(cast.account("plain")), client_of("an account that is not active", town)
    asked = set()
    for address in addresses(""):
        if address.name.startswith(("account_", "mfa_")):
            values = WITH_A_KEY.get(address.name, {"pk": 1} if ":pk>" in address.path else {})
            url = reverse(address.name, kwargs=values)
            assert plain.get(url).status_code != 403, url
            answers = [Client().get(url), gone.get(url)]
            if all("/accounts/login/" in answer.get("Location", "") for answer in answers):
                asked.add(address.name)
    assert asked == SENT_TO_SIGN_IN


@pytest.mark.parametrize("role", Role)
def test_the_raw_records_open_to_the_roles_that_carry_their_right(role):
    answer = signed_in(cast.account(f"a-{role}", role)).get(reverse("admin:index"), follow=True)
    opens = not ROLES[role].isdisjoint({Right.RAW_RECORDS, Right.SET_SCHEDULE})
    assert answer.status_code == (200 if opens else 403)


def test_strangers_are_sent_to_sign_in_everywhere(town):
    for address in addresses("console", "portal"):
        answer = Client().get(url_of(address, town))
        if address.takes_signing_in:
            # A page that takes posts only may say so before it asks who is there.
            assert answer.status_code in (302, 405), address.path
            assert answer.status_code == 405 or "/accounts/login/" in answer["Location"]


def test_a_citizen_and_an_account_without_a_role_open_nothing_of_the_console(town):
    plain = cast.account("plain")
    for user in (town["alice"].user, plain):
        client = signed_in(user)
        for address in addresses("console"):
            assert client.get(url_of(address, town)).status_code == 403, address.path


def test_staff_without_a_role_opens_nothing_of_the_console(town):
    User.objects.filter(pk=cast.account("raw").pk).update(is_staff=True)
    client = signed_in(User.objects.get(username="raw"))
    assert {client.get(url_of(address, town)).status_code for address in addresses("console")} == {403}


def test_an_account_that_is_not_active_has_no_rights():
    clerk = cast.clerk()
    assert rights_of(clerk) == frozenset(Right)
    clerk.is_active = False
    assert rights_of(clerk) == frozenset()
    assert rights_of(None) == frozenset()


def test_every_page_of_the_console_asks_for_a_right():
    without = [address.path for address in addresses("console") if address.right is None]
    assert without == ["/console/"]


def test_a_registrar_sees_everybody_a_citizen_only_themselves(town):
    cast.stranger()
    assert visible_to(cast.account("registrar", Role.REGISTRAR)).count() == 2
    assert list(visible_to(town["alice"].user)) == [town["alice"]]
    assert not visible_to(cast.account("plain")).exists()


# What each action takes, with something to carry it out on.
def action_table(town: dict[str, Any]) -> dict[Callable[..., Any], tuple[Right, dict[str, Any]]]:
    alice, rule_set = town["alice"], town["rule_set"]
    terms = terms_of(rule_set)
    write, publish = Right.WRITE_RULE_SETS, Right.PUBLISH_RULE_SETS
    return {
        people.join: (Right.MANAGE_PEOPLE, {"key": "new", "name": "New"}),
        people.forget: (Right.MANAGE_PEOPLE, {"citizen": alice, "key": "wrong"}),
        people.link_account: (Right.MANAGE_ACCOUNTS, {"citizen": alice, "account": cast.account("other")}),
        people.unlink_account: (Right.MANAGE_ACCOUNTS, {"citizen": cast.person("nobody", signs_in=False)}),
        accounts.confirm_role: (Right.MANAGE_ACCOUNTS, {"grant": town["grant"]}),
        accounts.decline_role: (Right.MANAGE_ACCOUNTS, {"grant": town["grant"]}),
        accounts.assign_roles: (Right.MANAGE_ACCOUNTS, {"account": cast.account("other"), "roles": [Role.JUDGE]}),
        sharing.allow_scopes: (Right.RAW_RECORDS, {"application": town["application"], "scopes": []}),
        looking.record_look: (Right.SEE_SCORES, {"citizen": alice, "reason": ""}),
        behaviours.retract: (Right.JUDGE_CONTESTS, {"behaviour": town["said"], "reason": ""}),
        contests.decide_contest: (Right.JUDGE_CONTESTS, {"contest": town["contest"], "uphold": True, "reason": ""}),
        rule_sets.check_editable: (write, {"rule_set": rule_set}),
        rule_sets.draft_from: (write, {"rule_set": rule_set, "name": ""}),
        rule_sets.check_editable: (write, {"rule_set": rule_set}),
        rule_sets.edit_draft: (write, {"rule_set": rule_set, "terms": terms}),
        rule_sets.submit_rule_set: (write, {"rule_set": rule_set}),
        rule_sets.discard_draft: (write, {"rule_set": rule_set}),
        rule_sets.send_back_rule_set: (publish, {"rule_set": rule_set, "reason": ""}),
        rule_sets.publish_rule_set: (publish, {"rule_set": rule_set}),
        programme.set_cadence: (publish, {"cadence": "never"}),
        runs.start_run: (Right.START_RUNS, {"trigger": RunTrigger.CONSOLE}),
        openings.approve_change: (Right.MANAGE_PERKS, {"change": town["change"]}),
        openings.decline_change: (Right.MANAGE_PERKS, {"change": town["change"]}),
        openings.move_threshold: (Right.MANAGE_PERKS, {"opening": town["perk"], "threshold": 1, "is_active": True}),
    }


# What citizens do for themselves, and others only with the right to act for any.
def table_of_citizens(town: dict[str, Any]) -> dict[Callable[..., Any], dict[str, Any]]:
    alice, sister = town["alice"], cast.alices_sister()
    bank = {"citizen": alice, "source": cast.bank()}
    proposed = Tie.objects.create(first=alice, second=sister, kind=TieKind.SIBLING, proposed_by=sister)
    live = cast.know_each_other(alice, cast.alices_colleague())
    proposal = {"proposer": alice, "other": cast.person("neighbour"), "kind": TieKind.FRIEND}
    return {
        ties.propose_tie: proposal,
        ties.confirm_tie: {"tie": proposed},
        ties.decline_tie: {"tie": proposed},
        ties.end_tie: {"tie": live},
        consent.grant_consent: bank | {"receipt": "a form"},
        consent.renew_consent: bank | {"seen": ""},
        consent.withdraw_consent: bank,
        contests.open_contest: {"behaviour": town["said"], "statement": ""},
        people.leave: {"citizen": alice},
    }


# What these write belongs to the acting account itself, or is bound by the source's consents.
OF_THEMSELVES = {"note_allowed", "stop_sharing", "furnish"}


def test_every_action_is_in_a_table(town):
    known = {action.__name__ for action in (*action_table(town), *table_of_citizens(town))} | OF_THEMSELVES
    assert {action.__name__ for action in actions()} == known


@pytest.mark.parametrize("role", [*Role, None])
def test_only_a_registrar_does_for_citizens_what_is_theirs(town, role):
    actor = cast.account(f"an-{role}", *([role] if role else []))
    for action, arguments in table_of_citizens(town).items():
        allowed = has_right(actor, Right.MANAGE_PEOPLE)
        assert is_let_through(action, actor, arguments) == allowed, f"{action.__name__} as {role}"


def test_citizens_do_for_themselves_what_is_theirs_and_strangers_do_not(town):
    stranger, gone = cast.stranger().user, User.objects.get(pk=town["alice"].user_id)
    gone.is_active = False
    for action, arguments in table_of_citizens(town).items():
        assert not is_let_through(action, stranger, arguments), action.__name__
        assert not is_let_through(action, gone, arguments), action.__name__
        assert is_let_through(action, town["alice"].user, arguments), action.__name__


def actions() -> list[Callable[..., Any]]:
    """Every public function of the packages of actions that somebody carries out."""
    found = []
    for package_name in ("citizens.actions", "scoring.actions", "perks.actions"):
        package = importlib.import_module(package_name)
        for module_info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package_name}.{module_info.name}")
            found += [
                value
                for name, value in inspect.getmembers(module, inspect.isfunction)
                if value.__module__ == module.__name__
                and not name.startswith("_")
                and "acting_user" in inspect.signature(value).parameters
            ]
    return found


@pytest.mark.parametrize("role", [*Role, None])
def test_every_action_for_every_role(town, role):
    actor = cast.account(f"an-{role}", *([role] if role else []))
    for action, (right, arguments) in action_table(town).items():
        assert is_let_through(action, actor, arguments) == has_right(actor, right), f"{action.__name__} as {role}"


def is_let_through(action: Callable[..., Any], actor: User, arguments: dict[str, Any]) -> bool:
    """Whether the gate opens; what is wrong with the arguments comes after it."""
    try:
        action(acting_user=actor, **arguments)
    except PermissionDenied:
        return False
    except (ValidationError, RunRefused):
        return True
    return True


def test_a_refusal_names_the_right():
    with pytest.raises(PermissionDenied, match="lacks the right to do this: Start runs"):
        require(cast.account("judge", Role.JUDGE), Right.START_RUNS)


def test_what_a_group_is_called_among_the_records_widens_no_role(town):
    """A group that administrators make by hand means nothing."""
    from django.contrib.auth.models import Group

    user = cast.account("plain")
    user.groups.add(Group.objects.create(name="superheroes"))
    assert rights_of(User.objects.get(pk=user.pk)) == frozenset()


def test_the_page_about_roles_says_what_the_code_says():
    assert (ROOT / "docs" / "roles.md").read_text() == page(), "Draw it anew: make docs"


def test_citizens_are_no_accounts_by_default(town):
    assert Citizen.objects.get(pk=town["alice"].pk).user.role_keys == frozenset()
