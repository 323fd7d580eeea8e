"""The OpenAPI description, as it is served."""

import hashlib
from threading import Lock
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.encoding import force_bytes
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class Description(NamedTuple):
    """The description in one form and language."""

    content: bytes
    etag: str


_made: dict[tuple[type[BaseRenderer], str], Description] = {}
# The generator keeps what it is doing in module variables, so two at once spoil each other's work.
_one_at_a_time = Lock()


class DescriptionView(SpectacularAPIView):
    """Serves the description of the API, made once in each process for each form and language."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        with translation.override(_language(request)):
            made = self._make_once(renderer)
        name = self._get_filename(request, None)
        headers = {"ETag": made.etag, "Content-Disposition": f'inline; filename="{name}"'}
        answer = HttpResponse(made.content, content_type=f"{renderer.media_type}; charset=utf-8", headers=headers)
        return get_conditional_response(request, etag=made.etag, response=answer) or answer

    def _make_once(self, renderer: BaseRenderer) -> Description:
        key = (type(renderer), translation.get_language())
        with _one_at_a_time:
            if key not in _made:
                # It is the same for everybody, so it is made for nobody in particular.
                schema = self.generator_class().get_schema(request=None, public=True)
                content: bytes = force_bytes(renderer.render(schema, renderer.media_type, {}))
                _made[key] = Description(content, f'"{hashlib.sha256(content).hexdigest()}"')
            return _made[key]


def _language(request: Request) -> str:
    wanted = request.GET.get("lang", "")
    return wanted if wanted in dict(settings.LANGUAGES) else translation.get_language()
