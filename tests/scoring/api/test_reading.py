"""What owners and staff read over REST."""

import pytest
from django.contrib import admin
from django.core.management import call_command

from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice():
    cast.a_rule_set()
    alice = cast.alice()
    cast.observed(alice, cast.bill_paid(), amount=2)
    cast.rescore()
    return alice


def test_my_score_and_every_line_of_it(client, alice):
    client.force_login(alice.user)
    assert client.get("/api/v1/me/score/").json()["score"] == 620
    explanation = client.get("/api/v1/me/explanation/").json()
    assert sum(line["points"] for line in explanation["lines"]) == pytest.approx(explanation["score"], abs=1e-6)
    assert [row["published"] for row in client.get("/api/v1/me/history/").json()["results"]] == [620]


@pytest.mark.parametrize("address", ["rule-sets/", "rule-sets/1/", "runs/"])
def test_rule_sets_and_runs_are_for_staff(client, alice, address):
    assert client.get(f"/api/v1/{address}").status_code == 401
    client.force_login(alice.user)
    answer = client.get(f"/api/v1/{address}")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    client.force_login(cast.clerk())
    assert client.get(f"/api/v1/{address}").status_code == 200


def test_staff_without_a_citizen_has_no_score(client, alice):
    client.force_login(cast.clerk())
    assert client.get("/api/v1/me/score/").status_code == 404


def test_the_schema_is_valid_and_the_docs_page_needs_nobody_else(client, tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))
    assert "openapi: 3.1.0" in (tmp_path / "schema.yml").read_text()
    page = client.get("/api/docs/").content.decode()
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_every_table_of_the_admin_opens(client, alice):
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(address).status_code == 200, address
        if row := model._default_manager.order_by("pk").first():
            assert client.get(f"{address}{row.pk}/change/").status_code == 200, address
