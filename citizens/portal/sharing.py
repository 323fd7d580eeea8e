"""What people let applications read: the page that asks, the list of those allowed, and taking it back."""

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import BadRequest, ObjectDoesNotExist
from django.db import DataError, transaction
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.datastructures import MultiValueDictKeyError
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from oauth2_provider.forms import AllowForm
from oauth2_provider.models import get_application_model
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.views import AuthorizationView, RevokeTokenView, TokenView

from citizens.access import account_of, citizen_of
from citizens.actions.sharing import UNUSED, allowed_since, live_grants, note_allowed, stop_sharing
from citizens.enums import ReadKind
from citizens.models import Citizen, ScoreRead, User
from sesame_site.kit.pages.actions import attempt
from sesame_site.kit.pages.unsaved import needs_signing_in

DAYS_SHOWN = 30

logger = logging.getLogger(__name__)

SCOPES: dict[str, str] = oauth2_settings.SCOPES


@dataclass(slots=True)
class Shared:
    """One application, what it may read in words, and since when."""

    application: Any
    since: dt.datetime
    scopes: set[str] = field(default_factory=set)

    @property
    def words(self) -> list[str]:
        return [words for scope, words in SCOPES.items() if scope in self.scopes]


@contextmanager
def understood(request: HttpRequest) -> Iterator[None]:
    """Raises BadRequest where the library breaks on what it was sent; what was written until then is undone."""
    try:
        for name, values in (*request.GET.lists(), *request.POST.lists()):
            if "\0" in "".join((name, *values)):
                raise BadRequest("contains a NUL character")
        with transaction.atomic():
            yield
    except (ValueError, DataError, MultiValueDictKeyError, ObjectDoesNotExist) as error:
        # The library has no word for it: an address that is none, hexadecimal that is none, a text too long to keep.
        logger.warning("oauth_not_understood", extra={"reason": str(error).strip()})
        raise BadRequest("could not be read") from error


class Authorization(AuthorizationView):
    """Asks the person who is signed in whether an application may read what it asks for."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with understood(request):
                return super().dispatch(request, *args, **kwargs)
        except BadRequest as error:
            return self._refused(f"the request {error}")

    def form_invalid(self, form: AllowForm) -> HttpResponse:
        return self._refused(f"the request arrived incomplete, see {', '.join(form.errors)}")

    def create_authorization_response(self, request: HttpRequest, scopes: str, credentials: Any, allow: bool) -> Any:
        answer = super().create_authorization_response(request, scopes, credentials, allow)
        # A question already answered is answered for the person, on GET: that is no decision of theirs.
        if allow and request.method == "POST":
            application = get_application_model().objects.get(client_id=credentials["client_id"])
            note_allowed(acting_user=account_of(request), application=application, scopes=scopes.split())
        return answer

    def _refused(self, description: str) -> HttpResponse:
        error = {"error": "invalid_request", "description": description}
        return render(self.request, self.template_name, {"error": error}, status=HTTPStatus.BAD_REQUEST)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        redirect_uri = context.get("redirect_uri") or context["form"]["redirect_uri"].value() or ""
        return {"error": None, "goes_to": urlsplit(redirect_uri).hostname, "unused_days": UNUSED.days, **context}


class Door:
    """Answers machines with a problem where they send something that cannot be read.

    It wraps `post` and not `dispatch`, because only the library's `dispatch` is exempt from the check for forgery.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with understood(request):
            return super().post(request, *args, **kwargs)  # type: ignore[misc,no-any-return]


class Token(Door, TokenView): ...


class RevokeToken(Door, RevokeTokenView): ...


@needs_signing_in
def sharing(request: HttpRequest) -> HttpResponse:
    citizen = citizen_of(request.user)
    context = {
        "shared": shared_by(account_of(request)),
        "reads": reads_of(citizen) if citizen else [],
        "days_shown": DAYS_SHOWN,
        "unused_days": UNUSED.days,
    }
    return render(request, "portal/sharing.html", context)


@needs_signing_in
@require_POST
def sharing_stop(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(get_application_model(), pk=pk)
    done = _("Withdrawn. %(name)s can read nothing of yours from now on.") % {"name": application.name}
    attempt(request, stop_sharing, done=done, application=application)
    return redirect("portal:sharing")


def reads_of(citizen: Citizen) -> list[dict[str, Any]]:
    """What was read of the citizen lately, the newest first: by which application (None: staff), what, how often."""
    since = timezone.localdate() - dt.timedelta(days=DAYS_SHOWN)
    rows = ScoreRead.objects.filter(citizen=citizen, day__gt=since).values("application__name", "what").order_by()
    found = rows.annotate(times=Sum("times"), last_at=Max("last_at")).order_by("-last_at")
    return [row | {"what": ReadKind(row["what"]).label} for row in found]


def shared_by(user: User) -> list[Shared]:
    """The applications that may read on behalf of this account, or could fetch a new token to do so."""
    found: dict[int, Shared] = {}
    allowed = allowed_since(user)
    for grant in live_grants(user):
        if grant.application is None:
            continue
        # Tokens are renewed; the decision is older than the one there is now.
        since = allowed.get(grant.application.pk, grant.created)
        row = found.setdefault(grant.application.pk, Shared(grant.application, since))
        row.since = min(row.since, since)
        row.scopes.update(grant.scope.split())
    return sorted(found.values(), key=lambda row: row.application.name.lower())
