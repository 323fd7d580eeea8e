"""What people do on most journeys."""

from tests import cast


def sign_in(page, username: str) -> None:
    page.goto("/accounts/login/")
    say_who_one_is(page, username)


def say_who_one_is(page, username: str) -> None:
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page) -> None:
    page.get_by_role("button", name="Sign out").click()
