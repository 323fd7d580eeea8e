"""How often a caller may call: a person and a client by their own count, strangers by their address."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle


class StrangersRate(AnonRateThrottle):
    """For calls without a token and without a session. A client that acts for nobody is no stranger."""

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return None if request.auth else super().get_cache_key(request, view)


class CallersRate(UserRateThrottle):
    """For everybody else, by account, or by client where a token has no account behind it."""

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        client = getattr(request.auth, "application_id", None)
        if client and not request.user:
            return self.cache_format % {"scope": self.scope, "ident": f"client-{client}"}
        return super().get_cache_key(request, view)
