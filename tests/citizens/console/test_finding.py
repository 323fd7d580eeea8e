"""Finding people and accounts: what a search finds, against going through everybody, and pages without a gap."""

import pytest
from django.urls import reverse

from citizens.actions.people import leave
from citizens.enums import Role
from citizens.models import Citizen, User
from tests import cast
from tests.pages import soup

pytestmark = pytest.mark.django_db
PEOPLE = [
    ("c_1", "Ann Chovy", "annie"), ("c%1", "Anna", None), ("c11", "ANNETTE", "c_user"), ("C12", "an", "Annie2"),
    ("d-1", "Élodie", None), ("d-2", "élan", "élodie"), ("e\\1", "O'Brien", None), ("f<1", "<b>Bold</b>", None),
    ("g", "50% off", "user%"), ("h", "_underscore", "under_score"), ("i", "李雷", None), ("annexe", "Zed", None),
]  # fmt: skip


@pytest.fixture(autouse=True)
def clerk(client):
    client.force_login(cast.clerk())


@pytest.fixture
def people():
    for key, name, account in PEOPLE:
        user = cast.account(account) if account else None
        Citizen.objects.create(key=key, name=name, user=user)


def page_of(client, name, **query):
    response = client.get(reverse(f"console:{name}"), query)
    assert response.status_code == 200
    return soup(response)


def date(moment):
    return f"{moment.day} {moment:%b %Y}"


def every_row(client, name, **query):
    """The rows of each page, from the first to the last by the way that its links show."""
    address, pages = reverse(f"console:{name}"), []
    answer = client.get(address, query)
    while True:
        page = soup(answer)
        pages.append(
            [[cell.get_text("|", strip=True) for cell in row.select("th, td")] for row in page.select("tbody tr")]
        )
        onwards = [link["href"] for link in page.select("nav.pages a") if link.get_text() == "Next page"]
        if not onwards:
            return pages
        answer = client.get(address + onwards[0])


@pytest.mark.parametrize(
    "typed",
    [
        "c",
        "C",
        "c_",
        "c%",
        "an",
        "AN",
        "Ann",
        "annie",
        "e\\",
        "é",
        "É",
        "o'b",
        "<b",
        "50%",
        "%",
        "_",
        "李",
        "user%",
        "x",
        "\\",
    ],
)
def test_a_search_finds_those_whose_key_name_or_account_begins_so(client, people, typed):
    """Keys and accounts as they are written, names in any case; nothing that is typed is a pattern."""
    expected = sorted(
        key
        for key, name, account in PEOPLE
        if key.startswith(typed) or name.lower().startswith(typed.lower()) or (account or "").startswith(typed)
    )
    rows = [row for page in every_row(client, "citizens", q=typed) for row in page]
    assert sorted(row[0].split("|")[1] for row in rows) == expected
    page = page_of(client, "citizens", q=f"  {typed} ")
    assert len(page.select("tbody tr")) == len(expected)
    assert page.find(id="q")["value"] == typed
    assert (f"begins with “{typed}”" in page.get_text()) == (not expected)


def test_a_row_says_who_it_is_and_whose_account(client, people):
    synthetic = Citizen.objects.create(key="zz", name="Invented", is_synthetic=True)
    left = Citizen.objects.get(key="i")
    leave(acting_user=cast.clerk(), citizen=left)
    left.refresh_from_db()
    rows = {row[0]: row[1:] for page in every_row(client, "citizens") for row in page}
    assert rows["Ann Chovy|c_1"][0] == "annie"
    assert rows["Anna|c%1"][0] == "—"
    assert rows["Invented|zz|synthetic"] == ["—", date(synthetic.joined_at)]
    assert rows["李雷|i"] == ["—", f"left {date(left.left_at)}"]
    assert len(rows) == len(PEOPLE) + 1


@pytest.mark.parametrize(("query", "wanted"), [({}, 130), ({"q": "Even"}, 65), ({"q": "k05"}, 10)])
def test_pages_of_people_follow_each_other_in_the_order_of_keys(client, query, wanted):
    Citizen.objects.bulk_create(
        Citizen(key=f"k{number:03}", name=f"{'Odd' if number % 2 else 'Even'} & {number}") for number in range(130)
    )
    pages = every_row(client, "citizens", **query)
    keys = [row[0].split("|")[1] for page in pages for row in page]
    assert keys == sorted(set(keys))
    assert len(keys) == wanted
    assert [len(page) for page in pages] == [50] * (wanted // 50) + [wanted % 50]


@pytest.mark.parametrize("after", ["\0", "", "k", "9" * 500, "'; DROP TABLE x --", "%"])
def test_any_place_in_the_list_can_be_asked_for(client, people, after):
    rows = page_of(client, "citizens", after=after).select("tbody tr")
    begun = after.replace("\0", "")
    expected = list(Citizen.objects.filter(key__gt=begun).order_by("key").values_list("key", flat=True))
    assert [row.select_one(".hint").get_text() for row in rows] == expected


ACCOUNTS = {
    "judy": ([Role.JUDGE], {}, "Judge of contests"),
    "JUDAS": ([], {}, "None"),
    "ju_d": ([Role.AUDITOR, Role.JUDGE], {}, "both"),
    "jump": ([], {"is_superuser": True}, "Every right, as a superuser"),
    "just": ([Role.JUDGE], {"is_active": False}, "None: the account is not active."),
}


@pytest.fixture
def accounts():
    for name, (roles, fields, _) in ACCOUNTS.items():
        cast.account(name, *roles, **fields)
    Citizen.objects.create(key="judith", name="Judith", user=User.objects.get(username="judy"))


def roles_shown(name):
    roles, fields, words = ACCOUNTS[name]
    return ", ".join(sorted(str(role.label) for role in roles)) if roles and not fields else words


@pytest.mark.parametrize("typed", ["", "ju", "JU", "jud", "ju_", "ju%", "judith", "just"])
def test_accounts_are_listed_with_their_roles_and_citizen(client, accounts, typed):
    found = {row[0]: row[1:] for page in every_row(client, "accounts", q=typed) for row in page}
    having = [name for name, (roles, fields, _) in ACCOUNTS.items() if roles or fields.get("is_superuser")]
    expected = [name for name in ACCOUNTS if name.lower().startswith(typed.lower())] if typed else [*having, "clerk"]
    assert sorted(found) == sorted(expected)
    for name in set(found) - {"clerk"}:
        roles, citizen = found[name]
        assert ", ".join(sorted(roles.split(", "))) == roles_shown(name)
        assert (citizen == "Judith") == (name == "judy")


def test_pages_of_accounts_keep_what_is_searched_for(client):
    User.objects.bulk_create(User(username=f"many & {number:03}") for number in range(101))
    pages = every_row(client, "accounts", q="many &")
    assert [len(page) for page in pages] == [50, 50, 1]
    assert [row[0] for page in pages for row in page] == [f"many & {number:03}" for number in range(101)]
    for asked, number in {"0": 3, "abc": 1, "9999": 3, "-1": 3, "2": 2}.items():
        page = page_of(client, "accounts", q="many &", page=asked)
        assert page.select_one("nav.pages span").get_text() == f"Page {number} of 3"
        assert page.find(id="q")["value"] == "many &"


def test_an_account_shows_what_it_may_do_and_what_was_refused_stays_ticked(client, accounts):
    judy = User.objects.get(username="judy")
    address = reverse("console:account", args=[judy.pk])

    def ticked(response):
        return [box["value"] for box in soup(response).select("input[name=roles][checked]")]

    assert ticked(client.get(address)) == [Role.JUDGE]
    refused = client.post(address, {"roles": [Role.AUDITOR, "emperor"]})
    assert (refused.status_code, ticked(refused)) == (422, [Role.AUDITOR])
    own = client.get(reverse("console:account", args=[cast.clerk().pk]))
    assert ticked(own) == [*Role]
    assert len(soup(own).select("input[name=roles][disabled]")) == len(Role)
    assert "Another administrator changes its roles." in soup(own).get_text()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"key": "k" * 65, "name": "N"}, "key"),
        ({"key": "", "name": "Kept & <b>whole</b>"}, "key"),
        ({"key": "fine", "name": "n" * 121}, "name"),
        ({"key": "fine", "name": "a\0b"}, "name"),
        ({"key": " ", "name": "\t"}, "name"),
    ],
)
def test_who_cannot_join_finds_what_was_typed_at_the_field_refused(client, typed, field):
    response = client.post(reverse("console:citizen-new"), typed)
    page = soup(response)
    assert (response.status_code, Citizen.objects.count()) == (422, 0)
    assert {name: page.find("input", attrs={"name": name}).get("value", "") for name in typed} == typed
    assert f"#id_{field}" in [link["href"] for link in page.select(".errors a")]
    assert page.find("input", attrs={"name": field})["aria-invalid"] == "true"
