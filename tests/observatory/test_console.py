"""The preview page of a draft: every number on it against plain loops over a town that was really recorded."""

import math
from collections import Counter

import networkx as nx
import numpy as np
import pytest
from django.urls import reverse

from citizens.enums import Role, TieKind
from perks.models import Perk, Restriction
from scoring.actions import rule_sets as actions
from scoring.engine import reference
from scoring.enums import RuleSetStatus
from scoring.lab import population
from scoring.models import RuleSet
from scoring.rules.arrays import influence_of, rules_of
from sesame_site.kit.moments import microseconds
from tests import cast
from tests.pages import facts, soup, table, text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_population_held")]
# Both rule sets of the cast have these bands.
BANDS = {"Poor": (350, 549), "Fair": (550, 599), "Good": (600, 649), "Excellent": (650, 699), "Superb": (700, 950)}


@pytest.fixture
def signed_in(client):
    client.force_login(cast.clerk())
    return client


def a_draft(**weights):
    return cast.a_rule_set(publish=False, author=cast.clerk(), **weights)


def page_of(client, draft):
    response = client.get(reverse("console:preview", args=[draft.version]))
    assert response.status_code == 200
    return soup(response)


def settle(seed, people=24):
    """So many people who pay bills or do not, tied at random; some have done nothing and some have left."""
    dice = np.random.default_rng(seed)
    town = [cast.person(f"p{number:02}", signs_in=False) for number in range(people)]
    for citizen in town:
        if dice.random() < 0.85:
            cast.observed(citizen, cast.bill_paid(), amount=float(dice.integers(0, 14)))
            cast.observed(citizen, cast.loan_overdue(), amount=float(dice.integers(0, 3)))
    for one, other in nx.gnm_random_graph(people, 2 * people, seed=seed).edges:
        cast.know_each_other(town[one], town[other], TieKind.FRIEND, strength=float(dice.uniform(0.2, 1)))


class Counted:
    """One rule set on the town as it is, by the loops of the reference."""

    def __init__(self, rule_set):
        rule_set, snapshot = RuleSet.objects.with_parts().get(pk=rule_set.pk), population.frozen()
        rules, influence = rules_of(rule_set, snapshot.type_ids), influence_of(rule_set)
        ties = snapshot.population.ties
        own = reference.own_scores(snapshot.population, rules, as_of=microseconds(snapshot.known_at))
        scores = reference.solve(own, ties, influence)
        self.own, self.published = (
            [s if s is None else math.floor(s + 0.5) for s in column] for column in (own, scores)
        )
        self.bands = [band_of(s) for s in self.published]
        pulls = [
            share * reference.radiated(scores[j], influence)
            for row in reference.shares(own, ties, influence)
            for j, share in row
        ]
        self.given, self.taken = sum(pull for pull in pulls if pull > 0), sum(pull for pull in pulls if pull < 0)
        order = [*BANDS]
        moved = [
            order.index(band) - order.index(band_of(alone))
            for band, alone in zip(self.bands, self.own, strict=True)
            if band
        ]
        self.scored, self.up, self.down = len(moved), sum(m > 0 for m in moved), sum(m < 0 for m in moved)
        graph = nx.Graph()
        for i in range(len(own)):
            for e in range(int(ties.indptr[i]), int(ties.indptr[i + 1])):
                j = int(ties.other[e])
                if self.bands[i] and self.bands[j]:
                    graph.add_edge(i, j)
        nx.set_node_attributes(graph, dict(enumerate(self.bands)), "band")
        self.within = sum(self.bands[i] == self.bands[j] for i, j in graph.edges) / graph.number_of_edges()
        self.assortativity = nx.attribute_assortativity_coefficient(graph, "band")


def band_of(score):
    return score and next(name for name, (low, high) in BANDS.items() if low <= score <= high)


def minus(text):
    return text.replace("-", "\N{MINUS SIGN}")


@pytest.mark.parametrize(
    ("seed", "weights"),
    [(1, {"base": 550}), (2, {"drag": 0.9, "cap": 150}), (3, {"drag": 0, "lift": 0.9}), (4, {"minimum_behaviours": 2})],
)
def test_every_number_of_the_page_is_that_of_a_plain_count(signed_in, seed, weights):
    in_force = cast.a_rule_set(author=cast.second_clerk())
    settle(seed)
    Perk.objects.create(key="bike", name="Bicycle", opens_at=610)
    Perk.objects.create(key="off", name="Switched off", opens_at=350, is_active=False)
    Restriction.objects.create(key="loan", name="No loan", closes_below=590)
    draft = a_draft(**weights)

    page = page_of(signed_in, draft)

    old, new = Counted(in_force), Counted(draft)
    assert f"on the same {len(old.published)} citizens" in text(page)
    pairs = [*zip(old.published, new.published, strict=True)]
    both = [(b, a) for b, a in pairs if b is not None and a is not None]
    lost = [
        own >= BANDS[band_of(b)][0]
        for b, a, own in zip(old.published, new.published, new.own, strict=True)
        if b is not None and a is not None and a < BANDS[band_of(b)][0]
    ]
    counted = {
        "Rise": sum(a > b for b, a in both),
        "Fall": sum(a < b for b, a in both),
        "Stay": sum(a == b for b, a in both),
        "Gain a band": sum(a > BANDS[band_of(b)][1] for b, a in both),
        "Lose a band": len(lost),
        "Become scored": sum(b is None and a is not None for b, a in pairs),
        "Become unscored": sum(b is not None and a is None for b, a in pairs),
    }
    found = facts(page)
    assert {name: int(found[name].split()[0]) for name in counted} == counted
    assert int(found["Lose a band only because of people they know"].split()[0]) == sum(lost)

    harm = table(page, "Benefit and harm, as a table")
    sides = (old, new)
    assert harm["Points that ties give, in total"] == [f"{side.given:,.0f}" for side in sides]
    taken = [minus(f"{side.taken:,.0f}") if round(side.taken) else "0" for side in sides]
    assert harm["Points that ties take, in total"] == taken
    for words, name in (("Citizens pushed up a band by ties", "up"), ("Citizens pulled down a band by ties", "down")):
        people = [(getattr(side, name), side.scored) for side in sides]
        assert harm[words] == [f"{count} ({count * 100 / of:.0f} %)" for count, of in people]
    assert harm["Ties within one band"] == [f"{side.within * 100:.0f} %" for side in sides]
    words = "Segregation of bands: 0 as by chance, 1 complete"
    assert harm[words] == [minus(f"{side.assortativity:.2f}") for side in sides]

    steps = {low: f"{low} to {low + 24}" for low in range(350, 950, 25)}
    held = [Counter(min(350 + (s - 350) // 25 * 25, 925) for s in side.published if s is not None) for side in sides]
    expected = {words: [str(side[low]) for side in held] for low, words in steps.items()}
    assert table(page, "Citizens per 25 points") == expected

    moves = Counter(zip(old.bands, new.bands, strict=True))
    names = {**{name: name for name in BANDS}, "unscored": None}
    assert table(page, "Moves from band to band") == {
        row: [str(moves[names[row], names[column]]) for column in names] for row in names
    }

    far = {}
    for low, beyond in ((1, 5), (5, 10), (10, 25), (25, 50), (50, 100), (100, 601)):
        words = f"{low} points or more" if beyond > 600 else f"{low} to {beyond - 1} points"
        falls, rises = ([low <= sign * (a - b) < beyond for b, a in both] for sign in (-1, 1))
        far[words] = [str(sum(falls)), str(sum(rises))]
    assert table(page, "How far people move, as a table") == far

    def effect(holds):
        states = [(b is not None and holds(b), a is not None and holds(a)) for b, a in pairs]
        counts = sum(b for b, _ in states), sum(a for _, a in states), states.count((False, True))
        return [*map(str, counts), str(states.count((True, False)))]

    assert table(page, "Perks and restrictions") == {
        "Perk: Bicycle": effect(lambda score: score >= 610),
        "Restriction: No loan": effect(lambda score: score < 590),
    }


def test_the_harm_that_ties_do_by_hand(signed_in):
    """Alice and her colleague, each the only one whom the other knows, under a draft whose ties take half.

    Alone: 600 and 400. Published, ties do nothing. Under the draft he takes 0.5 × (600 − 400) = 100 points from her,
    so she has 500 and takes half of what she lacks of 600, 50 points, from him: he has 350, where the scale ends.
    Then he takes half of 250, 125 points: she has 475 and takes 62.5 points, and he is at the end of the scale still.
    """
    cast.a_rule_set(author=cast.second_clerk(), drag=0, lift=0)
    alice, colleague = cast.alice(), cast.alices_colleague()
    cast.observed(alice, cast.stroll())
    cast.observed(colleague, cast.loan_overdue(), amount=4)
    cast.know_each_other(alice, colleague, TieKind.COLLEAGUE)
    cast.stranger()

    page = page_of(signed_in, a_draft(drag=0.5, lift=0, cap=200))

    found = facts(page)
    assert found["Fall"] == "2 citizens"
    assert found["Lose a band"] == "1 citizen"
    assert found["Lose a band only because of people they know"].startswith("1 citizen ")
    harm = table(page, "Benefit and harm, as a table")
    assert harm["Points that ties take, in total"] == ["0", "\N{MINUS SIGN}188"]
    assert harm["Citizens pulled down a band by ties"] == ["0 (0 %)", "1 (50 %)"]
    assert harm["Ties within one band"] == ["0 %", "100 %"]
    assert harm["Segregation of bands: 0 as by chance, 1 complete"] == ["\N{MINUS SIGN}1.00", "all in one band"]
    steps = table(page, "Citizens per 25 points")
    assert {words: cells for words, cells in steps.items() if cells != ["0", "0"]} == {
        "350 to 374": ["0", "1"], "400 to 424": ["1", "0"], "475 to 499": ["0", "1"], "600 to 624": ["1", "0"],
    }  # fmt: skip
    moves = table(page, "Moves from band to band")
    assert moves["Good"] == ["1", "0", "0", "0", "0", "0"]
    assert moves["unscored"] == ["0", "0", "0", "0", "0", "1"]
    description = page.select_one("figure svg desc").get_text()
    assert description.startswith("0 citizens rise, 2 fall and 0 stay where they are.")


def test_without_ties_and_perks_the_page_names_none(signed_in):
    cast.a_rule_set(author=cast.second_clerk())
    cast.observed(cast.alice(), cast.bill_paid())
    page = page_of(signed_in, a_draft(base=500))
    assert not [
        words for words in table(page, "Benefit and harm, as a table") if words.startswith(("Ties", "Segregation"))
    ]
    assert "No perk or restriction is in force." in text(page)
    assert "Behaviours count as of now." in text(page)


def test_a_town_without_anybody_can_be_looked_at(signed_in):
    cast.a_rule_set(author=cast.second_clerk())
    page = page_of(signed_in, a_draft(base=500))
    assert facts(page)["Stay"] == "0 citizens"
    assert table(page, "Benefit and harm, as a table")["Citizens pulled down a band by ties"] == ["0 (0 %)", "0 (0 %)"]
    assert {cell for cells in table(page, "Citizens per 25 points").values() for cell in cells} == {"0"}


def test_what_can_be_done_next_depends_on_who_looks(client):
    in_force = cast.a_rule_set(author=cast.second_clerk())
    draft = actions.draft_from(acting_user=cast.clerk(), rule_set=in_force, name="Kinder")

    def doors(user):
        client.force_login(user)
        page = page_of(client, draft)
        links = [link["href"].partition("?")[0] for link in page.select(".actions a")]
        return [*links, *(form["action"] for form in page.select(".actions form"))]

    edit, submit, publish = (reverse(f"console:{name}", args=[2]) for name in ("draft-edit", "submit", "publish"))
    assert (doors(cast.clerk()), doors(cast.second_clerk())) == ([edit, submit], [])
    actions.submit_rule_set(acting_user=cast.clerk(), rule_set=draft)
    assert (doors(cast.clerk()), doors(cast.second_clerk())) == ([], [publish])


def test_who_may_only_look_is_offered_nothing_to_do(client):
    cast.a_rule_set(author=cast.second_clerk())
    client.force_login(cast.account("auditor", Role.AUDITOR))
    of_the_installation = a_draft()
    RuleSet.objects.filter(pk=of_the_installation.pk).update(author=None)
    without_bands = a_draft()
    without_bands.bands.all().delete()
    in_review = a_draft()
    cast.move(in_review, RuleSetStatus.IN_REVIEW)
    RuleSet.objects.filter(pk=without_bands.pk).update(author=None)
    for draft in (of_the_installation, without_bands, in_review):
        page = page_of(client, draft)
        assert not page.select("main a.button, main form"), draft.version


def test_a_rule_set_in_review_that_nobody_wrote_may_be_published(client):
    cast.a_rule_set(author=cast.second_clerk())
    client.force_login(cast.account("publisher", Role.PUBLISHER))
    draft = a_draft()
    RuleSet.objects.filter(pk=draft.pk).update(author=None)
    draft.refresh_from_db()
    cast.move(draft, RuleSetStatus.IN_REVIEW)
    links = [link["href"] for link in page_of(client, draft).select(".actions a")]
    assert [link.partition("?")[0] for link in links] == [reverse("console:publish", args=[draft.version])]


def test_without_a_published_set_there_is_nothing_to_compare_with(signed_in):
    page = page_of(signed_in, a_draft())
    assert "No rule set is published, so there is nothing to compare this one with." in text(page)


def test_the_preview_leads_to_publishing_what_it_shows(client):
    in_force = cast.a_rule_set(author=cast.account("x", Role.RULE_AUTHOR))
    settle(1, people=6)
    cast.rescore()
    draft = actions.draft_from(acting_user=cast.clerk(), rule_set=in_force, name="More drag")
    actions.submit_rule_set(acting_user=cast.clerk(), rule_set=draft)
    client.force_login(cast.second_clerk())
    publish = next(
        link["href"] for link in page_of(client, draft).select("a.button.primary") if link.text == "Publish…"
    )
    page = soup(client.get(publish))
    sent = {name: page.find("input", attrs={"name": name})["value"] for name in ("seen", "previewed")}
    client.post(publish.partition("?")[0], sent)
    assert RuleSet.objects.published().get() == draft
