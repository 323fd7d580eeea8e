"""The console's page of the audit trail: filtered, paged, and exported."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens.access import needs
from citizens.enums import AuditAction, Right, SubjectKind
from citizens.models import AuditEntry, Citizen, User
from citizens.models.audit import AuditQuerySet
from citizens.models.people import KEY_LENGTH
from sesame_site.kit.pages.forms import form_page
from sesame_site.kit.pages.paging import Listed, by_key, query_with

ROWS_AT_ONCE = 1_000
COLUMNS = (
    *("id", "at", "actor", "action", "subject_kind", "subject_id", "subject_name", "citizen"),
    *("old", "new", "reason", "facts"),
)
PLACES = {"actor": "actor__username", "citizen": "citizen_id"}
Writer = Callable[[Iterator[dict[str, Any]]], Iterator[str]]
ANY = [("", gettext_lazy("Any"))]


class MomentInput(forms.DateTimeInput):
    """The browser's own field for a day and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class AuditFilter(forms.Form):
    """What to look for; everything may be left out."""

    actor = forms.CharField(label=gettext_lazy("Account that did it"), max_length=150, required=False)
    citizen = forms.CharField(
        label=gettext_lazy("Key or number of the citizen it is about"), max_length=KEY_LENGTH, required=False
    )
    action = forms.ChoiceField(
        label=gettext_lazy("What was done"), choices=[*ANY, *AuditAction.choices], required=False
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind of record"), choices=[*ANY, *SubjectKind.choices], required=False)
    number = forms.IntegerField(
        label=gettext_lazy("Number of the record"), min_value=1, max_value=2**62, required=False
    )
    since = forms.DateTimeField(label=gettext_lazy("From"), widget=MomentInput(), required=False)
    until = forms.DateTimeField(label=gettext_lazy("Until"), widget=MomentInput(), required=False)

    def clean_actor(self) -> User | None:
        name = self.cleaned_data["actor"].strip()
        account = User.objects.filter(username=name).first() if name else None
        if name and account is None:
            raise forms.ValidationError(_("There is no account of this name."))
        return account

    def clean_citizen(self) -> int | None:
        key = self.cleaned_data["citizen"].strip()
        if not key:
            return None
        number = Citizen.objects.filter(key=key).values_list("pk", flat=True).first()
        if number is None and key.isdecimal() and len(key) < 19:
            # Somebody who was forgotten has a number only.
            return int(key)
        if number is None:
            raise forms.ValidationError(_("No citizen has this key. Who was forgotten is found by their number."))
        return number

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("since") and values.get("until") and values["since"] > values["until"]:
            self.add_error("until", _("This is before the moment from which to look."))
        return values

    def matching(self) -> AuditQuerySet:
        """The entries that match, the newest first."""
        values = self.cleaned_data
        wanted = {
            "actor": values["actor"],
            "action": values["action"],
            "subject_kind": values["kind"],
            "subject_id": values["number"],
            "at__gte": values["since"],
            "at__lte": values["until"],
        }
        found = AuditEntry.objects.filter(**{name: value for name, value in wanted.items() if value})
        if citizen := values["citizen"]:
            found = found.filter(Q(citizen=citizen) | Q(subject_kind=SubjectKind.CITIZEN, subject_id=citizen))
        return found.order_by("-id")


@needs(Right.READ_AUDIT)
def audit(request: HttpRequest) -> HttpResponseBase:
    """The entries that match the filter, a page at a time; with ?format=csv or ndjson all of them, as a file."""
    form = AuditFilter(request.GET)
    if not form.is_valid():
        return form_page(request, "console/audit/audit.html", form, page=Listed([]), keep="")
    if writer := WRITERS.get(request.GET.get("format", "")):
        return _file(form.matching(), request.GET["format"], writer)
    before = request.GET.get("before", "")
    found = form.matching().select_related("actor")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    page = by_key(request, found, "before", lambda entry: entry.pk)
    keep = query_with(request, before=None, format=None)
    return form_page(request, "console/audit/audit.html", form, page=page, keep=keep)


def _file(found: AuditQuerySet, kind: str, writer: Writer) -> HttpResponseBase:
    name = f"audit-{timezone.now():%Y%m%dT%H%M%S}.{kind}"
    types = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(writer(_rows(found)), content_type=types[kind], headers=headers)


def _rows(found: AuditQuerySet) -> Iterator[dict[str, Any]]:
    """Every entry, some at a time: there may be millions, and new ones come meanwhile."""
    names = [PLACES.get(name, name) for name in COLUMNS]
    last = None
    while rows := list((found.filter(pk__lt=last) if last else found).values_list(*names)[:ROWS_AT_ONCE]):
        yield from (dict(zip(COLUMNS, row, strict=True)) for row in rows)
        last = rows[-1][0]


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(_cell(row[name]) for name in COLUMNS)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any) -> Any:
    """JSON where a cell cannot hold the value; text that a spreadsheet would take for a formula is quoted."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value.isoformat() if hasattr(value, "isoformat") else value


def _ndjson(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n"


WRITERS = {"csv": _csv, "ndjson": _ndjson}
