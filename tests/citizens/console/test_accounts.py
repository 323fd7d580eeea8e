"""The console's pages about accounts: who has which roles, and who may change them."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from citizens.actions.accounts import assign_roles
from citizens.enums import Role
from citizens.models import AuditEntry, User
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def registrar(client) -> User:
    user = cast.account("registrar", Role.REGISTRAR)
    client.force_login(user)
    return user


def page_of(account: User) -> str:
    return reverse("console:account", args=[account.pk])


def roles_of(account: User) -> set[str]:
    return set(User.objects.get(pk=account.pk).role_keys)


def test_a_role_is_given_and_taken(client, registrar):
    vera = cast.account("vera")
    answer = client.post(page_of(vera), {"roles": ["operator", "auditor"]})
    assert answer.status_code == 302
    assert roles_of(vera) == {"operator", "auditor"}
    client.post(page_of(vera), {"roles": ["operator"]})
    assert roles_of(vera) == {"operator"}
    client.post(page_of(vera), {})
    assert roles_of(vera) == set()
    assert AuditEntry.objects.filter(actor=registrar).count() == 3


def test_nobody_changes_their_own_roles(client, registrar):
    answer = client.post(page_of(registrar), {"roles": ["registrar", "publisher"]})
    assert answer.status_code == 422
    assert "changed by another administrator" in answer.content.decode()
    assert roles_of(registrar) == {"registrar"}


def test_a_role_that_does_not_exist_is_refused_and_changes_nothing(client, registrar):
    vera = cast.account("vera", Role.JUDGE)
    answer = client.post(page_of(vera), {"roles": ["judge", "emperor"]})
    assert answer.status_code == 422
    assert "There is no such role." in answer.content.decode()
    assert roles_of(vera) == {"judge"}


def test_an_account_that_is_not_active_gets_no_role(registrar):
    vera = cast.account("vera")
    User.objects.filter(pk=vera.pk).update(is_active=False)
    with pytest.raises(ValidationError, match="not active"):
        assign_roles(acting_user=registrar, account=vera, roles=[Role.JUDGE])


def test_other_groups_of_the_account_stay(registrar):
    from django.contrib.auth.models import Group

    vera = cast.account("vera", Role.JUDGE)
    vera.groups.add(Group.objects.create(name="choir"))
    assign_roles(acting_user=registrar, account=vera, roles=[Role.AUDITOR])
    assert roles_of(vera) == {"choir", "auditor"}


def test_the_list_shows_those_with_roles_and_finds_the_others(client, registrar):
    cast.account("vera")
    cast.account("judy", Role.JUDGE)
    address = reverse("console:accounts")
    everybody = client.get(address).content.decode()
    assert ("judy" in everybody, "vera" in everybody) == (True, False)
    found = client.get(address, {"q": "VER"}).content.decode()
    assert ("judy" in found, "vera" in found) == (False, True)
    assert "begins like that" in client.get(address, {"q": "nobody\0"}).content.decode()


def test_an_auditor_reads_who_has_which_roles_and_changes_none(client):
    vera = cast.account("vera", Role.JUDGE)
    client.force_login(cast.account("auditor", Role.AUDITOR))
    assert "vera" in client.get(reverse("console:accounts")).content.decode()
    read = client.get(page_of(vera))
    assert read.status_code == 200
    assert "Save the roles" not in read.content.decode()
    assert client.post(page_of(vera), {"roles": ["publisher"]}).status_code == 403
    assert roles_of(vera) == {"judge"}


def test_saving_what_is_there_leaves_no_trace(registrar):
    vera = cast.account("vera", Role.JUDGE)
    assign_roles(acting_user=registrar, account=vera, roles=[Role.JUDGE])
    assert not AuditEntry.objects.exists()
