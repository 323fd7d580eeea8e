"""What administrators do to rule sets: draft, edit, submit, send back, publish, discard."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.access import require
from citizens.actions.audit import record
from citizens.enums import AuditAction, Right
from citizens.four_eyes import require_second
from citizens.models import User
from scoring.actions.terms import refuse, write_parts, write_terms
from scoring.enums import RuleSetStatus
from scoring.models import RuleSet
from scoring.rules.differences import differences_of_terms
from scoring.rules.limits import problems_of
from scoring.rules.terms import Terms, terms_of


@transaction.atomic
def draft_from(*, acting_user: User, rule_set: RuleSet, name: str) -> RuleSet:
    """A draft with all of `rule_set`'s terms and the next version number, written by `acting_user`."""
    require(acting_user, Right.WRITE_RULE_SETS)
    if not name.strip():
        raise ValidationError({"name": _("A rule set needs a name.")})
    # Versions are numbered under one lock: that of the oldest rule set.
    list(RuleSet.objects.order_by("version").select_for_update(of=("self",), no_key=True)[:1])
    latest = RuleSet.objects.aggregate(latest=Max("version"))["latest"] or 0
    terms = terms_of(_locked(rule_set))
    draft = RuleSet.objects.create(
        version=latest + 1, name=name.strip(), based_on=rule_set, author=acting_user, **terms.numbers
    )
    write_parts(draft, terms)
    record(actor=acting_user, action=AuditAction.RULE_SET_DRAFTED, subject=draft, based_on=rule_set.version)
    return draft


@transaction.atomic
def edit_draft(*, acting_user: User, rule_set: RuleSet, terms: Terms, seen: Terms | None = None) -> RuleSet:
    """Replace a draft's terms.

    Only its author may: what a publisher checks must have been written by somebody else. With `seen`, the terms the
    author had before them, a draft saved by another window since is refused with what changed.
    """
    locked = _locked(rule_set)
    check_editable(acting_user=acting_user, rule_set=locked)
    before = terms_of(locked)
    if seen is not None and seen != before:
        raise ValidationError(
            _(
                "This draft was saved in another window after you opened it. What changed there: %(changes)s. "
                "Save again to replace it."
            )
            % {"changes": _in_words(seen, before)},
            code="stale",
        )
    write_terms(locked, terms)
    _make_author(acting_user, locked)
    old, new = before.as_json(), terms.as_json()
    record(actor=acting_user, action=AuditAction.RULE_SET_EDITED, subject=locked, old=old, new=new)
    return locked


def check_editable(*, acting_user: User, rule_set: RuleSet) -> None:
    """Refuses, in words, where this person cannot edit the rule set."""
    require(acting_user, Right.WRITE_RULE_SETS)
    _require(rule_set, RuleSetStatus.DRAFT, _("Only a draft can be edited; make a draft from this version."))
    _require_author(acting_user, rule_set, _("Only the author may edit a draft; make one of your own from it."))


@transaction.atomic
def submit_rule_set(*, acting_user: User, rule_set: RuleSet) -> RuleSet:
    """Put a draft before another administrator. Refused with every problem that would stop it from being used."""
    require(acting_user, Right.WRITE_RULE_SETS)
    locked = _locked(rule_set)
    _require(locked, RuleSetStatus.DRAFT, _("Only a draft can be submitted for review."))
    _require_author(acting_user, locked, _("Only the author may submit a draft for review."))
    _make_author(acting_user, locked)
    refuse(problems_of(locked))
    _move(locked, RuleSetStatus.IN_REVIEW, submitted_at=timezone.now())
    record(actor=acting_user, action=AuditAction.RULE_SET_SUBMITTED, subject=locked)
    return locked


@transaction.atomic
def send_back_rule_set(*, acting_user: User, rule_set: RuleSet, reason: str) -> RuleSet:
    """Return a rule set in review to its author as a draft, with the reason."""
    require(acting_user, Right.PUBLISH_RULE_SETS)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why, so that the author knows what to change.")})
    locked = _locked(rule_set)
    _require(locked, RuleSetStatus.IN_REVIEW, _("Only a rule set in review can be sent back."))
    _move(locked, RuleSetStatus.DRAFT, submitted_at=None)
    record(actor=acting_user, action=AuditAction.RULE_SET_SENT_BACK, subject=locked, reason=reason.strip())
    return locked


@transaction.atomic
def publish_rule_set(
    *,
    acting_user: User,
    rule_set: RuleSet,
    seen: Terms | None = None,
    replacing: int | None = None,
    previewed: str | None = None,
) -> RuleSet:
    """Put a reviewed rule set in force and retire the one before it. The author cannot; scores follow with a run.

    With `seen`, the terms the publisher read, and `replacing`, the version in force beside them (None: none), a rule
    set that was changed since, or that would replace another one, is refused with what changed. `previewed` is the
    fingerprint of the preview that the publisher looked at: nobody publishes what they have not seen previewed in its
    present form, unless nothing is in force with which it could be compared.
    """
    require(acting_user, Right.PUBLISH_RULE_SETS)
    rows = RuleSet.objects.filter(Q(pk=rule_set.pk) | Q(status=RuleSetStatus.PUBLISHED))
    by_pk = {row.pk: row for row in rows.order_by("pk").select_for_update(of=("self",), no_key=True)}
    if rule_set.pk not in by_pk:
        raise ValidationError(_("This rule set no longer exists: it was discarded."))
    locked = by_pk[rule_set.pk]
    _require(locked, RuleSetStatus.IN_REVIEW, _("Only a rule set in review can be published."))
    if locked.is_written_by(acting_user):
        raise ValidationError(
            _("You wrote this rule set, so another administrator has to publish it: four eyes see more than two."),
            code="four_eyes",
        )
    require_second(acting_user=acting_user, right=Right.PUBLISH_RULE_SETS, first=locked.author)
    retired = RuleSet.objects.filter(status=RuleSetStatus.PUBLISHED).first()
    if seen is not None:
        _require_read(locked, seen, retired, replacing)
    if retired is not None and previewed != terms_of(locked).fingerprint_beside(retired.version):
        words = _("Look at the preview of version %(version)s in its present form before you publish it.")
        raise ValidationError(words % {"version": locked.version}, code="not_previewed")
    refuse(problems_of(locked))
    now = timezone.now()
    if retired is not None:
        _move(retired, RuleSetStatus.RETIRED, retired_at=now)
        record(actor=acting_user, action=AuditAction.RULE_SET_RETIRED, subject=retired, replaced_by=locked.version)
    _move(locked, RuleSetStatus.PUBLISHED, published_by=acting_user, published_at=now)
    replaces = retired.version if retired else None
    record(actor=acting_user, action=AuditAction.RULE_SET_PUBLISHED, subject=locked, replaces=replaces)
    return locked


@transaction.atomic
def discard_draft(*, acting_user: User, rule_set: RuleSet) -> None:
    """Delete a draft. Anything that was ever published is kept."""
    require(acting_user, Right.WRITE_RULE_SETS)
    locked = _locked(rule_set)
    _require(locked, RuleSetStatus.DRAFT, _("Only a draft can be discarded."))
    _require_author(acting_user, locked, _("Only the author may discard a draft."))
    if locked.drafts.exists():
        raise ValidationError(_("Another rule set was made from this draft, so it is kept."))
    old = terms_of(locked).as_json()
    record(actor=acting_user, action=AuditAction.RULE_SET_DISCARDED, subject=locked, old=old)
    locked.delete()


def _require_author(user: User, rule_set: RuleSet, reason: str) -> None:
    if not rule_set.is_open_to(user):
        author = _("The author of this one is %(author)s.") % {"author": rule_set.author}
        raise PermissionDenied(f"{reason} {author}")


def _make_author(user: User, draft: RuleSet) -> None:
    """A draft that nobody wrote becomes that of whoever works on it first."""
    if draft.author_id is None:
        draft.author = user
        draft.save(update_fields=["author"])


def _require(rule_set: RuleSet, status: RuleSetStatus, reason: str) -> None:
    if rule_set.status != status:
        it_is = _("The status of this one: %(status)s.") % {"status": rule_set.get_status_display()}
        raise ValidationError([reason, it_is])


def _require_read(rule_set: RuleSet, seen: Terms, in_force: RuleSet | None, replacing: int | None) -> None:
    """Refuse terms, or a rule set in force beside them, other than those that were read."""
    now = terms_of(rule_set)
    if seen != now:
        raise ValidationError(
            _(
                "Version %(version)s was changed and submitted again after you opened this page. What changed: "
                "%(seen)s. Read it again before you publish it."
            )
            % {"version": rule_set.version, "seen": _in_words(seen, now)},
            code="stale",
        )
    if replacing != (in_force.version if in_force else None):
        if in_force is None:
            words = _(
                "No rule set is in force now, unlike when you opened this page. Read again what changes before you "
                "publish it."
            )
        else:
            words = _(
                "Version %(version)s is in force now, unlike when you opened this page, so other weights would "
                "change. Read again what changes before you publish it."
            ) % {"version": in_force.version}
        raise ValidationError(words, code="stale")


def _in_words(before: Terms, after: Terms) -> str:
    return "; ".join(map(str, differences_of_terms(before, after))) or _("a key or a note")


def _locked(rule_set: RuleSet) -> RuleSet:
    """The row as it is now, locked until the transaction ends."""
    row = RuleSet.objects.filter(pk=rule_set.pk).select_for_update(of=("self",), no_key=True).first()
    if row is None:
        raise ValidationError(_("This rule set no longer exists: it was discarded."))
    return row


def _move(rule_set: RuleSet, status: RuleSetStatus, **stamps: object) -> None:
    """Change the status if it is still what we read; anything else means that somebody was faster."""
    rows = RuleSet.objects.filter(pk=rule_set.pk, status=rule_set.status)
    if rows.update(status=status, **stamps) != 1:
        raise ValidationError(_("Somebody else changed this rule set just now. Reload the page."))
    rule_set.refresh_from_db()
