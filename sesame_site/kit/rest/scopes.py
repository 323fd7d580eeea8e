"""Who may call what: an OAuth2 token by its scope, a signed-in browser by the account."""

from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope
from rest_framework.request import Request
from rest_framework.views import APIView


class HasScope(TokenHasScope):
    """A token needs every scope in the view's `required_scopes`; a browser session may read."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.successful_authenticator, OAuth2Authentication):
            return bool(super().has_permission(request, view))
        return bool(request.user and request.user.is_authenticated and request.method in ("GET", "HEAD", "OPTIONS"))
