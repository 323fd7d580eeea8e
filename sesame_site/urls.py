"""Every address, by door."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy
from django.views import defaults
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularSwaggerSplitView

import citizens.api.urls
import citizens.console.urls
import citizens.portal.urls
import observatory.urls
import perks.console
import perks.portal
import scoring.api.urls
import scoring.console.urls
import scoring.portal.urls
from sesame_site import home
from sesame_site.kit import away
from sesame_site.kit.rest import problems
from sesame_site.kit.rest.description import DescriptionView
from sesame_site.metrics import metrics

portal = [
    path("", home.home, name="score"),
    *citizens.portal.urls.urlpatterns,
    *scoring.portal.urls.urlpatterns,
    *perks.portal.urlpatterns,
]
console = [
    *scoring.console.urls.urlpatterns,
    *citizens.console.urls.urlpatterns,
    *perks.console.urlpatterns,
    *observatory.urls.urlpatterns,
]
api = [*citizens.api.urls.urlpatterns, *scoring.api.urls.urlpatterns]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((portal, "portal"))),
    path("console/", include((console, "console"))),
    path("api/v1/", include((api, "api"))),
    path("api/schema/", DescriptionView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("accounts/", include("allauth.urls")),
    path("o/", include((citizens.portal.urls.oauth2_urlpatterns, "oauth2_provider"))),
    path("admin/", admin.site.urls),
    path("language/", set_language, name="set-language"),
    path("healthz", home.healthz, name="healthz"),
    path("readyz", home.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]

handler400 = problems.or_page(400, gettext_lazy("The request could not be read."), defaults.bad_request)
handler404 = problems.or_page(404, problems.NOTHING_HERE, defaults.page_not_found)
handler500 = away.or_else(
    problems.or_page(500, gettext_lazy("Something broke on our side. It has been noted."), defaults.server_error),
    away=problems.or_page(503, away.WORDS, away.page),
)
