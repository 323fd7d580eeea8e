"""Addresses of the citizen's pages about what is known of them."""

from django.urls import path
from oauth2_provider import urls as provider

from citizens.portal import behaviours, consents, sharing, ties

urlpatterns = [
    path("ties/", ties.ties, name="ties"),
    path("ties/<int:pk>/confirm/", ties.tie_confirm, name="tie-confirm"),
    path("ties/<int:pk>/decline/", ties.tie_decline, name="tie-decline"),
    path("ties/<int:pk>/end/", ties.tie_end, name="tie-end"),
    path("consents/", consents.consents, name="consents"),
    path("consents/<int:pk>/", consents.consent_action, name="consent"),
    path("leave/", consents.leave_for_good, name="leave"),
    path("behaviours/", behaviours.behaviours, name="behaviours"),
    path("sharing/", sharing.sharing, name="sharing"),
    path("sharing/<int:pk>/stop/", sharing.sharing_stop, name="sharing-stop"),
]
# Applications are registered by administrators; here they are only asked for and used.
oauth2_urlpatterns = [
    *provider.metadata_urlpatterns[:1],
    path("authorize/", sharing.Authorization.as_view(), name="authorize"),
    path("token/", sharing.Token.as_view(), name="token"),
    path("revoke_token/", sharing.RevokeToken.as_view(), name="revoke-token"),
]
