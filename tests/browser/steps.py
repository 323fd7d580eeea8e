"""What people do on most journeys. A click does not wait for the page it leads to, so each step does."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests import cast


def sign_in(page, username: str) -> None:
    page.goto("/accounts/login/")
    say_who_one_is(page, username)


def say_who_one_is(page, username: str) -> None:
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: urlsplit(url).path != "/accounts/login/")


def sign_out(page) -> None:
    button = page.get_by_role("button", name="Sign out")
    button.click()
    expect(button).to_have_count(0)
