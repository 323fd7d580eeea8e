"""One journey through all three doors, in a real browser, with a real worker."""

from pathlib import Path

from django.conf import settings
from playwright.sync_api import expect

from scoring.models import Run, Score
from tests import cast
from tests.browser.steps import sign_in, sign_out
from tests.worker import a_worker, wait_until

SHOTS = Path(settings.SESAME_VAR) / "screenshots"


def shoot(page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state()
    for width, drawing in ((1280, "wide"), (360, "narrow")):
        page.set_viewport_size({"width": width, "height": 900})
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{name} is {too_wide} px too wide at {width} px"
        charts = page.locator("figure.chart")
        shown = charts.locator("svg:visible").evaluate_all("all => all.map(svg => svg.classList[1])")
        assert shown == [drawing] * charts.count(), f"{name} at {width} px"
        sizes = charts.locator("svg:visible").evaluate_all("all => all.map(svg => 12 * svg.getScreenCTM().a)")
        assert all(10 <= size <= 16 for size in sizes), f"{name} at {width} px has words of {sizes} px in charts"
        page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def go_to(page, name: str) -> None:
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True)
    link.click()
    expect(link).to_have_attribute("aria-current", "page")


def test_a_weight_is_drafted_previewed_published_and_felt(town, page, live_environment):
    sign_in(page, "alice")
    assert page.locator(".number").inner_text() == "590"
    shoot(page, "score-before")
    sign_out(page)

    sign_in(page, "clerk")
    page.goto("/console/rule-sets/1/")
    page.get_by_label("Name").fill("Heavier drag")
    page.get_by_role("button", name="Make a draft").click()
    page.get_by_label("Drag", exact=True).fill("1.5")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator(".errorlist").first, "a drag of 1.5 is refused at the field").to_be_visible()
    page.get_by_label("Drag", exact=True).fill("0.6")
    page.get_by_role("button", name="Save and preview").click()
    page.get_by_text("only because of people they know").first.wait_for()
    shoot(page, "preview")
    page.get_by_role("button", name="Submit for review").first.click()
    page.get_by_text("Submitted").first.wait_for()
    sign_out(page)

    sign_in(page, "second-clerk")
    page.goto("/console/")
    shoot(page, "console")
    page.get_by_role("link", name="Version 2").first.click()
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("link", name="See whom it hits").click()
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
    go_to(page, "Why")
    expect(page.locator("table")).to_contain_text("in one line")
    assert page.locator("tr.total").last.inner_text().strip().endswith("560")
    shoot(page, "why")
    for name in ("History", "Perks", "Behaviours", "Ties", "Consents"):
        go_to(page, name)
        shoot(page, name.lower())
