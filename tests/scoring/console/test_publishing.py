"""The console's pages on which a draft is submitted, sent back, published and discarded."""

import dataclasses
from time import time
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from scoring.actions import rule_sets as actions
from scoring.console.common import PREVIEW_SERVES, note_of_preview
from scoring.enums import RuleSetStatus
from scoring.models import RuleSet
from tests.pages import soup
from tests.scoring.rule_book import TERMS

pytestmark = pytest.mark.django_db


def what_was_read(page):
    return {name: page.find("input", attrs={"name": name})["value"] for name in ("seen", "previewed")}


def publish_page(version, reader):
    """The address to which the preview of this version, as it is now, leads this reader."""
    draft = RuleSet.objects.get(version=version)
    note = note_of_preview(draft, RuleSet.objects.published().get(), reader)
    return f"{reverse('console:publish', args=[version])}?{urlencode({'previewed': note})}"


def test_from_draft_to_publication_with_two_administrators(client, draft, in_force, ada, grace):
    address = reverse("console:rule-set", args=[2])
    client.force_login(ada)
    client.post(reverse("console:submit", args=[2]))
    assert "Publish…" not in soup(client.get(address)).get_text()
    refused = client.post(reverse("console:publish", args=[2]), follow=True)
    assert "another administrator has to publish it" in soup(refused).get_text()
    assert RuleSet.objects.published().get() == in_force

    client.force_login(grace)
    assert "Publish…" in soup(client.get(address)).get_text()
    unseen = soup(client.get(reverse("console:publish", args=[2])))
    assert "First see whom it hits" in unseen.get_text()
    assert not unseen.find("button", string="Publish version 2")
    page = soup(client.get(publish_page(2, grace)))
    assert "More drag" in page.get_text()
    done = client.post(reverse("console:publish", args=[2]), what_was_read(page), follow=True)

    assert RuleSet.objects.published().get() == draft
    assert soup(done).find("form", action=reverse("console:run-start"))


def test_only_what_was_read_is_published(client, draft, in_force, ada, grace):
    address = reverse("console:publish", args=[2])
    actions.submit_rule_set(acting_user=ada, rule_set=draft)
    client.force_login(grace)
    read = what_was_read(soup(client.get(publish_page(2, grace))))
    actions.send_back_rule_set(acting_user=ada, rule_set=draft, reason="One thing more.")
    actions.edit_draft(acting_user=ada, rule_set=draft, terms=dataclasses.replace(TERMS, name="More drag", drag=0.9))
    actions.submit_rule_set(acting_user=ada, rule_set=draft)

    refused = client.post(address, read, follow=True)

    assert refused.redirect_chain[0][0].startswith(address)
    assert "Drag: 0.2 → 0.9" in soup(refused).get_text()
    assert RuleSet.objects.published().get() == in_force
    assert not soup(refused).find("button", string="Publish version 2"), "its preview is another one now"
    client.post(address, what_was_read(soup(client.get(publish_page(2, grace)))))
    assert RuleSet.objects.published().get() == draft


def test_the_preview_that_another_looked_at_does_not_count(client, draft, in_force, ada, grace, monkeypatch):
    actions.submit_rule_set(acting_user=ada, rule_set=draft)
    client.force_login(grace)
    assert not soup(client.get(publish_page(2, ada))).find("button", string="Publish version 2")
    mine = publish_page(2, grace)
    read = what_was_read(soup(client.get(mine)))
    monkeypatch.setattr("django.core.signing.time.time", lambda: time() + PREVIEW_SERVES.total_seconds() + 5)
    assert not soup(client.get(mine)).find("button", string="Publish version 2"), "it is older than a day"
    refused = client.post(reverse("console:publish", args=[2]), read, follow=True)
    assert "Look at the preview of version 2" in soup(refused).get_text()
    assert RuleSet.objects.published().get() == in_force


@pytest.mark.parametrize("read", ["", "forged:signature"])
def test_publishing_without_what_was_read_is_refused(client, draft, in_force, ada, grace, read):
    actions.submit_rule_set(acting_user=ada, rule_set=draft)
    client.force_login(grace)
    refused = client.post(reverse("console:publish", args=[2]), {"read": read}, follow=True)
    assert "arrived incomplete" in soup(refused).get_text()
    assert RuleSet.objects.published().get() == in_force


def test_the_author_reads_why_a_draft_came_back(client, draft, ada, grace):
    actions.submit_rule_set(acting_user=ada, rule_set=draft)
    client.force_login(grace)
    for reason, refusal in ((" ", "Say why"), ("x" * 2001, "A reason has at most 2,000"), ("a\0b", "Null characters")):
        page = client.post(reverse("console:send-back", args=[2]), {"reason": reason})
        assert page.status_code == 422
        assert refusal in soup(page).select_one(".errors").get_text()
        assert soup(page).find("textarea", attrs={"name": "reason"}).get_text().lstrip("\n") == reason
    assert RuleSet.objects.get(pk=draft.pk).status == RuleSetStatus.IN_REVIEW
    client.post(reverse("console:send-back", args=[2]), {"reason": "Too hard on families."})

    client.force_login(ada)
    assert "Too hard on families." in soup(client.get(reverse("console:rule-set", args=[2]))).get_text()


def test_discarding_a_draft(client, draft, ada):
    client.force_login(ada)
    response = client.post(reverse("console:discard", args=[2]), follow=True)
    assert "is discarded" in soup(response).get_text()
    assert not RuleSet.objects.filter(version=2).exists()


def test_deeds_need_a_post(client, draft, ada):
    client.force_login(ada)
    for deed in ("draft-new", "submit", "send-back", "discard"):
        assert client.get(reverse(f"console:{deed}", args=[2])).status_code == 405
