"""Decides who may do what, who may see which citizen, and for which citizens a source may furnish behaviours.

Nothing else in the project decides that.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Concatenate, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from citizens.enums import Context, Right, Role
from citizens.models import Behaviour, BehaviourType, Citizen, Consent, Source, User
from citizens.models.people import CitizenQuerySet
from sesame_site.kit.pages.unsaved import needs_signing_in

View = Callable[Concatenate[HttpRequest, ...], HttpResponseBase]

# What each role may do. An account has a role by being in the group of that name; what the group means stands here and
# nowhere else, so that an edit among the raw records cannot widen a role.
ROLES: dict[Role, frozenset[Right]] = {
    Role.RULE_AUTHOR: frozenset({Right.READ_RULE_SETS, Right.WRITE_RULE_SETS, Right.READ_RUNS}),
    Role.PUBLISHER: frozenset({Right.READ_RULE_SETS, Right.PUBLISH_RULE_SETS, Right.READ_RUNS, Right.START_RUNS}),
    Role.JUDGE: frozenset({Right.READ_CONTESTS, Right.JUDGE_CONTESTS, Right.SEE_PEOPLE, Right.SEE_SCORES}),
    Role.PERK_MANAGER: frozenset({Right.READ_PERKS, Right.MANAGE_PERKS}),
    Role.REGISTRAR: frozenset({Right.SEE_PEOPLE, Right.MANAGE_PEOPLE, Right.READ_ACCOUNTS, Right.MANAGE_ACCOUNTS}),
    Role.AUDITOR: frozenset(
        {
            Right.SEE_PEOPLE,
            Right.READ_ACCOUNTS,
            Right.SEE_SCORES,
            Right.READ_RULE_SETS,
            Right.READ_RUNS,
            Right.READ_CONTESTS,
            Right.READ_PERKS,
            Right.READ_AUDIT,
        }
    ),
    Role.OPERATOR: frozenset({Right.READ_RUNS, Right.START_RUNS, Right.SET_SCHEDULE}),
    Role.RECORD_KEEPER: frozenset({Right.RAW_RECORDS, Right.SET_SCHEDULE}),
}

# With these somebody publishes, judges, or could act as another. It takes two people to give a role that carries one.
GRAVE = frozenset(
    {
        Right.PUBLISH_RULE_SETS,
        Right.JUDGE_CONTESTS,
        Right.MANAGE_PERKS,
        Right.MANAGE_ACCOUNTS,
        Right.RAW_RECORDS,
    }
)
# The raw records that take another right than all the others.
RIGHT_OF_RECORDS = {"django_celery_beat": Right.SET_SCHEDULE}


def rights_of(user: User | AnonymousUser | None) -> frozenset[Right]:
    """The rights of an account by its roles; none of one that is not active, all of a superuser. One query at most."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(Right)
    return frozenset().union(*(rights for role, rights in ROLES.items() if role in user.role_keys))


def has_right(user: User | AnonymousUser | None, right: Right) -> bool:
    """Whether the account may do this."""
    return right in rights_of(user)


def require(user: User | AnonymousUser | None, right: Right) -> None:
    """Raises PermissionDenied, naming the right, unless the account has it."""
    if not has_right(user, right):
        raise PermissionDenied(_("Your account lacks the right to do this: %(right)s.") % {"right": right.label})


def takes_two(role: Role) -> bool:
    """Whether somebody has to ask for this role and somebody else to confirm it."""
    return bool(ROLES[role] & GRAVE)


def may_open_records(user: User | AnonymousUser | None, app_label: str | None = None) -> bool:
    """Whether the account may work with the raw records of an app; with those of any, where none is named."""
    if app_label is None:
        return not rights_of(user).isdisjoint({Right.RAW_RECORDS, *RIGHT_OF_RECORDS.values()})
    return has_right(user, RIGHT_OF_RECORDS.get(app_label, Right.RAW_RECORDS))


class RecordsByRights:
    """Answers Django's question who may do what among the raw records, for all backends behind it, and signs nobody in.

    Permissions that rows of the database give are asked of nobody.
    """

    def authenticate(self, request: HttpRequest | None) -> None:
        return None

    def has_perm(self, user: User, permission: str, obj: object = None) -> bool:
        return self.has_module_perms(user, permission.partition(".")[0])

    def has_module_perms(self, user: User, app_label: str) -> bool:
        if may_open_records(user, app_label):
            return True
        raise PermissionDenied


def accounts_with_rights() -> QuerySet[User]:
    """The accounts that may do something in the console."""
    return User.objects.filter(Q(groups__name__in=Role.values) | Q(is_superuser=True)).distinct()


def is_own(user: User | AnonymousUser | None, citizen: Citizen) -> bool:
    """Whether the account is active and belongs to this citizen."""
    return isinstance(user, User) and user.is_active and citizen.user_id == user.pk


def may_act_for(user: User | AnonymousUser | None, citizen: Citizen) -> bool:
    """Whether the account is the citizen's own, or may act for any."""
    return is_own(user, citizen) or has_right(user, Right.MANAGE_PEOPLE)


def visible_to(user: User | AnonymousUser | None) -> CitizenQuerySet:
    """The citizens whom the account may see: everybody if it has the right to, otherwise only its own citizen."""
    if has_right(user, Right.SEE_PEOPLE):
        return Citizen.objects.all()
    own = citizen_of(user)
    return Citizen.objects.filter(pk=own.pk) if own else Citizen.objects.none()


def needs(right: Right | None, *, to_post: Right | None = None) -> Callable[[View], View]:
    """A page for accounts that have the right, or any right at all; strangers are sent to sign in, others refused.

    A POST takes the right `to_post` as well, if one is named.
    """

    def guard(view: View) -> View:
        @needs_signing_in
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if right is not None:
                require(request.user, right)
            elif not rights_of(request.user):
                raise PermissionDenied(_("The console is for administrators."))
            if to_post is not None and request.method == "POST":
                require(request.user, to_post)
            return view(request, *args, **kwargs)

        guarded.right, guarded.right_to_post = right, to_post or right  # type: ignore[attr-defined]
        return guarded

    return guard


def for_citizens(view: Callable[..., HttpResponseBase]) -> View:
    """A page that is given the citizen the account belongs to; strangers are sent to sign in, others refused."""

    @needs_signing_in
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        citizen = citizen_of(request.user)
        if citizen is None:
            raise PermissionDenied(_("This account belongs to no citizen."))
        return view(request, citizen, *args, **kwargs)

    guarded.is_for_citizens = True  # type: ignore[attr-defined]
    return guarded


def citizen_of(user: User | AnonymousUser | None) -> Citizen | None:
    """The citizen this account belongs to, if any; None for one that is not active, which a token may still name."""
    if not isinstance(user, User) or not user.is_active:
        return None
    # Found once for the user of a request, however many ask.
    return getattr(user, "citizen", None)


def account_of(request: HttpRequest) -> User:
    """The account that signed in; only for views that nobody else reaches."""
    assert isinstance(request.user, User)
    return request.user


class Consented(NamedTuple):
    """A member who consents to a source: their id, and the contexts that their consent names; none names all."""

    citizen_id: int
    contexts: list[str]

    def why_not(self, kind: BehaviourType) -> str | None:
        """Why the source may not say this of them; None where it may."""
        if not self.contexts or kind.context in self.contexts:
            return None
        words = _(
            "This citizen consented to: %(contexts)s. This behaviour type is of: %(context)s. They are asked on their "
            "page of consents."
        )
        labels = ", ".join(str(Context(context).label) for context in self.contexts)
        return words % {"contexts": labels, "context": kind.get_context_display()}


def consented_keys(source: Source, keys: Iterable[str]) -> dict[str, Consented]:
    """Those members among `keys` who have an active consent for the source, by key."""
    rows = Consent.objects.active().filter(source=source, citizen__key__in=set(keys), citizen__left_at=None)
    found = rows.values_list("citizen__key", "citizen_id", "contexts")
    return {key: Consented(pk, contexts) for key, pk, contexts in found}


def counts_by_consent(behaviour: Behaviour) -> bool:
    """Whether its citizen consents to what it says, coming from its source."""
    consent = Consent.objects.active().filter(citizen=behaviour.citizen_id, source=behaviour.source_id).first()
    return consent is not None and consent.covers(behaviour.type.context)
