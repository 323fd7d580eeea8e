"""The content security policy, loosened only below the addresses of libraries that need it."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class ContentSecurityPolicy(CSPMiddleware):
    """Sends the policy of the settings with what CONTENT_SECURITY_POLICY_BY_PREFIX replaces."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        for prefix, directives in settings.CONTENT_SECURITY_POLICY_BY_PREFIX.items():
            if request.path_info.startswith(prefix) and not report_only:
                parts.replace = {**directives, **(parts.replace or {})}
        return parts
