"""A form that comes back after its user was signed out, or without proof that it is theirs."""

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from citizens.models import Tie
from sesame_site.kit.pages.unsaved import page_of_the_form
from tests import cast
from tests.pages import soup

TIES = "/ties/"


@pytest.mark.django_db
def test_who_was_signed_out_reads_that_nothing_was_saved_and_gets_back_what_was_written(client):
    cast.alice()
    typed = {"other": "alices-sister", "note": "We grew up <together>.", "password": "three words long"}
    page = client.post(TIES, typed, headers={"referer": "http://testserver/ties/?page=2"})
    assertContains(page, "Nothing was saved: you are signed out", status_code=403)
    found = soup(page)
    assert [box.get_text().strip() for box in found.select("textarea")] == ["We grew up <together>."]
    assert found.select_one("a[href*=next]")["href"] == "/accounts/login/?next=%2Fties%2F%3Fpage%3D2"
    assert not Tie.objects.exists()


@pytest.mark.django_db
def test_who_was_signed_out_and_only_reads_is_sent_to_sign_in(client):
    assertRedirects(client.get(TIES), f"{reverse('account_login')}?next={TIES}")


@pytest.mark.django_db
def test_the_console_says_so_too(client):
    page = client.post(reverse("console:draft-edit", args=[1]), {"own-note": "Kinder to friends."})
    assertContains(page, "you are signed out", status_code=403)
    assertContains(page, "Kinder to friends.", status_code=403)


@pytest.mark.django_db
def test_a_form_without_proof_is_refused_in_the_frame_with_a_way_back():
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice().user)
    page = client.post(TIES, {"note": "We grew up together."}, headers={"referer": "http://testserver/ties/"})
    assertContains(page, "Nothing was saved: send it once more", status_code=403)
    assertContains(page, "We grew up together.", status_code=403)
    assertContains(page, 'href="/ties/"', status_code=403)
    assertContains(page, "sesame/app.css", status_code=403)


@pytest.mark.django_db
def test_where_nothing_was_written_no_empty_box_is_shown(client):
    assertNotContains(client.post(TIES, {"other": "x"}), "What you had written", status_code=403)


@pytest.mark.parametrize(
    ("referrer", "way_back"),
    [
        ("http://testserver/ties/", "/ties/"),
        ("http://testserver/citizens/?q=a&after=b", "/citizens/?q=a&after=b"),
        ("http://elsewhere.example/ties/", "/"),
        ("http://testserver//elsewhere.example/", "/elsewhere.example/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_leads_to_a_page_of_ours(referrer, way_back):
    assert page_of_the_form(RequestFactory().post("/ties/", headers={"referer": referrer})) == way_back
