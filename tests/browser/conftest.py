"""What every journey begins with: a small town, and a page to look at."""

import pytest
from playwright.sync_api import ConsoleMessage


@pytest.fixture
def town(transactional_db):
    """Alice, with good conduct, and a sister in debt."""
    from citizens.enums import TieKind
    from tests import cast

    cast.a_rule_set(author=cast.clerk(), drag=0.2)
    alice, sister = cast.alice(), cast.alices_sister()
    cast.observed(alice, cast.bill_paid(), amount=2)
    cast.observed(sister, cast.loan_overdue(), amount=3)
    cast.know_each_other(alice, sister, TieKind.SIBLING)
    cast.second_clerk()
    cast.rescore()


def is_error(message: ConsoleMessage) -> bool:
    return message.type == "error" and "status of 422" not in message.text


@pytest.fixture
def page(browser, live_server):
    """A page that fails the test if the browser reports an error or a broken content-security policy.

    A form that is refused (422) is no error of the page, though the browser calls it one.
    """
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if is_error(message) else None)
    yield page
    context.close()
    assert errors == []
