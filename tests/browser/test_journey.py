"""One journey through all three doors, in a real browser, with a real worker."""

from pathlib import Path

import pytest
from django.conf import settings

from citizens.enums import TieKind
from scoring.actions.runs import execute_run, start_run
from scoring.enums import RunTrigger
from scoring.models import Run, Score
from tests import cast
from tests.worker import a_worker, wait_until

SHOTS = Path(settings.SESAME_VAR) / "screenshots"


@pytest.fixture
def town(transactional_db):
    """Alice, with good conduct, and a sister in debt."""
    cast.a_rule_set(author=cast.clerk(), drag=0.2)
    alice, sister = cast.alice(), cast.alices_sister()
    cast.observed(alice, cast.bill_paid(), amount=2)
    cast.observed(sister, cast.loan_overdue(), amount=3)
    cast.know_each_other(alice, sister, TieKind.SIBLING)
    cast.second_clerk()
    execute_run(start_run(acting_user=None, trigger=RunTrigger.COMMAND, background=False))


@pytest.fixture
def page(browser, live_server):
    """A page that fails the test if the browser reports an error or a broken content-security policy."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert errors == []


def sign_in(page, username: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page) -> None:
    page.get_by_role("button", name="Sign out").click()


def shoot(page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{name} is {too_wide} px too wide at {width} px"
        page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_weight_is_drafted_previewed_published_and_felt(town, page, live_environment):
    sign_in(page, "alice")
    assert page.locator(".number").inner_text() == "590"
    shoot(page, "score-before")
    sign_out(page)

    sign_in(page, "clerk")
    page.goto("/console/rule-sets/1/")
    page.get_by_label("Name").fill("Heavier drag")
    page.get_by_role("button", name="Make a draft").click()
    page.get_by_label("Drag:", exact=True).fill("1.5")
    page.get_by_role("button", name="Save the draft").click()
    assert page.locator(".errorlist").first.is_visible(), "a drag of 1.5 is refused at the field"
    page.get_by_label("Drag:", exact=True).fill("0.6")
    page.get_by_role("button", name="Save and preview").click()
    page.get_by_text("only because of people they know").first.wait_for()
    shoot(page, "preview")
    page.get_by_role("button", name="Submit for review").first.click()
    sign_out(page)

    sign_in(page, "second-clerk")
    page.goto("/console/")
    page.get_by_role("link", name="Version 2").first.click()
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Publish version 2").click()
    with a_worker(live_environment):
        page.get_by_role("button", name="Start a run now").first.click()
        wait_until(lambda: Run.objects.filter(is_current=True, rule_set__version=2).exists(), what="the run")
        page.get_by_text("These are the scores in force").wait_for()
    shoot(page, "run")
    sign_out(page)

    sign_in(page, "alice")
    expected = Score.objects.current().get(citizen=cast.alice()).published
    assert expected == 560, "620 of her own, and the most that ties may take"
    assert page.locator(".number").inner_text() == "560"
    shoot(page, "score-after")
    page.get_by_role("link", name="Why", exact=True).click()
    assert "Not split" in page.locator("table").inner_text()
    assert page.locator("tfoot").inner_text().strip().endswith("560.00")
    shoot(page, "why")
    for name in ("History", "Perks", "Behaviours", "Ties", "Consents"):
        page.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()
        shoot(page, name.lower())
