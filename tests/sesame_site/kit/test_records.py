"""Raw records: their forms can be seen, whichever library registered them."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from oauth2_provider.models import Application
from unfold.admin import ModelAdmin, TabularInline

from tests import cast
from tests.pages import soup

pytestmark = pytest.mark.django_db
# A script draws those of which several can be chosen.
TYPED = "fieldset :is(input:not([type=hidden], [type=checkbox]), select:not([multiple]), textarea)"


@pytest.fixture
def signed_in(client):
    client.force_login(cast.account("root", is_staff=True, is_superuser=True))
    return client


def form(signed_in, model):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
    return soup(signed_in.get(address)).find(id=f"{model._meta.model_name}_form")


def test_all_are_drawn_by_the_library_of_our_own_records(signed_in):
    signed_in.get(reverse("admin:index"))
    for model, records in admin.site._registry.items():
        assert isinstance(records, ModelAdmin), model._meta.label
        assert all(issubclass(inline, TabularInline) for inline in records.inlines), model._meta.label


def test_everything_that_can_be_typed_has_a_box(signed_in):
    request = signed_in.get(reverse("admin:index")).wsgi_request
    for model, records in admin.site._registry.items():
        if records.has_add_permission(request):
            for field in form(signed_in, model).select(TYPED):
                assert "border" in field.get("class", []), f"{model._meta.label}: {field.get('name')}"


def test_the_tasks_that_there_are_can_be_chosen(signed_in):
    tasks = form(signed_in, PeriodicTask).find(id="id_regtask")
    assert "scoring.tasks.scheduled_run" in [option["value"] for option in tasks("option")]


def test_the_words_about_a_secret_can_follow_its_switch(signed_in):
    page = form(signed_in, Application)
    assert page.find(id="id_skip_authorization") is None, "nobody's leave is taken for granted"
    assert page.find(id="id_hash_client_secret")["data-client-secret-help-when-unhashed"]
    assert "Once saved, it will be hashed" in page.find(id="id_client_secret_helptext").get_text()
