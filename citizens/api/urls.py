"""Addresses of what data furnishers call."""

from django.urls import path, register_converter

from citizens.api.behaviours import BehavioursView, RetractionView


class ExternalId:
    """An identifier in an address. It is its source's own and may hold anything, slashes and line breaks included."""

    regex = r"[\s\S]+"
    to_python = to_url = staticmethod(str)


register_converter(ExternalId, "external_id")

urlpatterns = [
    path("behaviours/", BehavioursView.as_view(), name="behaviours"),
    path("behaviours/<external_id:external_id>/retraction/", RetractionView.as_view(), name="retraction"),
]
