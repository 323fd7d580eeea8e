"""Forms that are refused, left, or sent too late, as their user meets them."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from citizens.models import Tie
from scoring.actions.rule_sets import draft_from
from scoring.models import RuleSet, Run
from tests import cast
from tests.browser.steps import say_who_one_is, sign_in


@pytest.fixture
def visitor(browser, live_server):
    """A page on which forms may be refused, which the browser reports as an error."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 640})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def draft(town):
    return draft_from(acting_user=cast.clerk(), rule_set=Run.objects.current().rule_set, name="Kinder")


def propose(page, key):
    page.goto("/ties/")
    page.get_by_label("Their key").fill(key)
    page.get_by_role("button", name="Propose").click()


@pytest.mark.parametrize("has_script", [True, False])
def test_a_refused_form_is_seen_and_leads_to_the_field(town, browser, live_server, has_script):
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 360, "height": 640}, java_script_enabled=has_script
    )
    page = context.new_page()
    sign_in(page, "alice")
    propose(page, "nobody")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    assert page.get_by_label("Their key").input_value() == "nobody", "what was typed is kept"
    summary.get_by_role("link", name="Their key").click()
    expect(page.get_by_label("Their key")).to_be_in_viewport()
    context.close()


def test_a_form_sent_after_the_session_ended_can_be_sent_again(town, visitor):
    cast.stranger()
    sign_in(visitor, "alice")
    visitor.goto("/ties/")
    visitor.get_by_label("Their key").fill("stranger")
    visitor.context.clear_cookies(name="sessionid")
    visitor.get_by_role("button", name="Propose").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Nothing was saved: you are signed out")

    with visitor.context.expect_page() as opened:
        visitor.get_by_role("link", name="Sign in, in a new window").click()
    say_who_one_is(opened.value, "alice")
    visitor.go_back()
    expect(visitor.get_by_label("Their key")).to_have_value("stranger")
    visitor.get_by_role("button", name="Propose").click()
    visitor.get_by_text("Proposed. It holds once they confirm.").wait_for()
    assert Tie.objects.filter(ended_at=None, started_at=None).count() == 1


def test_a_long_form_with_changes_is_not_left_by_accident(draft, visitor):
    sign_in(visitor, "clerk")
    address = reverse("console:draft-edit", args=[draft.version])
    asked = []
    visitor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    visitor.goto(address)
    visitor.get_by_role("link", name="Leave without saving").click()
    visitor.wait_for_url("**/rule-sets/2/")
    assert asked == [], "nothing was changed"

    visitor.goto(address)
    visitor.get_by_label("Drag", exact=True).fill("0.3")
    visitor.get_by_role("link", name="Leave without saving").click()
    visitor.wait_for_url("**/rule-sets/2/")
    assert asked == ["beforeunload"]

    visitor.goto(address)
    visitor.get_by_label("Drag", exact=True).fill("0.3")
    visitor.get_by_role("button", name="Save the draft").click()
    visitor.get_by_text("The draft is saved.").wait_for()
    assert asked == ["beforeunload"], "who saves is not asked"
    assert RuleSet.objects.get(pk=draft.pk).drag == 0.3
