"""Every page, light and dark, before axe: it finds nothing wrong, and nothing unsure that was not looked at."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from citizens.models import Citizen
from perks.models import Perk, Restriction
from scoring.actions.contests import open_contest
from scoring.actions.rule_sets import draft_from
from scoring.models import Run
from tests import cast
from tests.browser.steps import sign_in
from tests.roles_page import addresses

# What axe cannot decide by itself, by its own key, and why it is right as it is.
LOOKED_AT = {
    "imgNode": "The words of the scale stand below its bars, on the page itself.",
    "shortTextContent": "A figure or a sign of one character, in the colours of the words around it.",
}
# What the library that draws the page of the REST interface does, and gives no way to change.
OF_THE_LIBRARY = {"nested-interactive", "aria-prohibited-attr", "heading-order", "region"}
FRAGMENTS = {"/news/"}
STRANGERS = ("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/api/docs/", "/nowhere/")
OF_AN_ACCOUNT = ("/accounts/password/change/", "/accounts/email/", "/accounts/2fa/", "/console/")


@pytest.fixture
def whole_town(town):
    """The town with something behind every address."""
    alice, clerk = cast.alice(), cast.clerk()
    Citizen.objects.update(is_synthetic=True)
    draft = draft_from(acting_user=clerk, rule_set=Run.objects.current().rule_set, name="Kinder")
    said = alice.behaviours.get()
    contest = open_contest(acting_user=alice.user, behaviour=cast.observed(alice, cast.loan_overdue()), statement="No.")
    Perk.objects.create(key="bike", name="Bicycle", opens_at=600)
    Restriction.objects.create(key="loan", name="Loans", closes_below=500)
    pks = {"contest": contest.pk, "run": Run.objects.current().pk, "account": clerk.pk}
    return {"version": draft.version, "kind": "perk", "key": "bike", "pks": pks, "alice": alice.pk, "said": said.pk}


def pages_of(namespace, town):
    """The address of every page of a door."""
    for address in addresses(namespace):
        pk = town["said"] if namespace == "portal" else town["pks"].get(address.name, town["alice"])
        values = {"version": town["version"], "kind": town["kind"], "key": town["key"], "pk": pk}
        wanted = {name: value for name, value in values.items() if f":{name}>" in address.path}
        yield reverse(f"{namespace}:{address.name}", kwargs=wanted)


@pytest.fixture
def visitor(browser, live_server):
    """A page on which addresses may also be refused."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def faults_on(page, path):
    """What axe finds on a page as it stands, in light and in dark."""
    found = []
    # The shadows at the edges of tables keep axe from seeing what is behind the words.
    page.evaluate("for (const box of document.querySelectorAll('.table-wrap')) box.style.background = 'none'")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        only = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
        answer = Axe().run(page, options=only).response
        for rule in answer["violations"] + answer["incomplete"]:
            nodes = [node for node in rule["nodes"] if not reasons(node) & LOOKED_AT.keys()]
            if nodes and not (path == "/api/docs/" and rule["id"] in OF_THE_LIBRARY):
                where = ", ".join(str(node["target"]) for node in nodes[:3])
                found.append(f"{path} ({scheme}): {rule['id']}: {rule['help']}: {where} {nodes[0]['failureSummary']}")
    return found


def reasons(node):
    """The keys under which axe says why it could not decide."""
    return {(check.get("data") or {}).get("messageKey") for check in node["any"] if isinstance(check["data"], dict)}


def walk(page, paths):
    faults = []
    for path in paths:
        if page.context.request.get(path, max_redirects=0).status == 405:
            continue  # it takes posts only, and is no page
        if path in FRAGMENTS:
            continue
        page.goto(path)
        page.wait_for_load_state("networkidle")
        faults += faults_on(page, path)
    assert faults == [], "\n".join(faults)


def test_pages_for_strangers(whole_town, visitor):
    walk(visitor, STRANGERS)


def test_pages_of_the_portal_and_of_an_account(whole_town, visitor):
    sign_in(visitor, "alice")
    walk(visitor, [*pages_of("portal", whole_town), *OF_AN_ACCOUNT])


def test_pages_of_the_console(whole_town, visitor):
    sign_in(visitor, "clerk")
    walk(visitor, pages_of("console", whole_town))
