"""What REST views ask of the account behind a token or a session."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from citizens.access import has_right


class HasRight(BasePermission):
    """The account has the view's `required_right`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return has_right(request.user, view.required_right)  # type: ignore[attr-defined]
