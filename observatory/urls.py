"""Addresses of the console's pages about what a rule set does to everybody."""

from django.urls import path

from observatory import console

urlpatterns = [path("rule-sets/<int:version>/preview/", console.preview_page, name="preview")]
