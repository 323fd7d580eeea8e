"""Draws docs/roles.md from the code: `python -m tests.roles_page` prints it; a test holds the page against it."""

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, get_resolver

HEAD = """# Roles and rights

An account may do in the console what its roles allow. Roles are assigned under *Accounts* in the console, by somebody
else than their owner; those that publish, judge, or could act as another take two people: one asks, another confirms.
The table of rights is in `citizens/access.py`, and this page is drawn from it (`make docs`). A superuser has every
right, and is made at the command line alone; an account that is not active has none. A citizen needs no role: their own
data is theirs, and nobody else's.
"""


class Address(NamedTuple):
    """One address, and what it takes: signing in, a right, one more to post, being a citizen, a scope, or nothing."""

    namespace: str
    name: str
    path: str
    right: Any
    right_to_post: Any
    takes_signing_in: bool
    is_for_citizens: bool
    scopes: tuple[str, ...]


def addresses(*namespaces: str) -> list[Address]:
    """Every address of these namespaces."""
    return [address for address in _walk(get_resolver().url_patterns, "", "") if address.namespace in namespaces]


def _walk(patterns: Any, prefix: str, namespace: str) -> Iterator[Address]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            view: Any = pattern.callback
            rest = getattr(view, "cls", None)
            right = getattr(rest, "required_right", None) or getattr(view, "right", None)
            yield Address(
                namespace,
                pattern.name or "",
                f"/{path}",
                right,
                getattr(view, "right_to_post", right),
                getattr(view, "takes_signing_in", False),
                getattr(view, "is_for_citizens", False),
                tuple(getattr(rest, "required_scopes", ())),
            )
        else:
            yield from _walk(pattern.url_patterns, path, pattern.namespace or namespace)


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([HEAD, *_rights(), "", *_console(), "", *_portal(), "", *_rest(), ""])


def _rights() -> Iterator[str]:
    from citizens.access import ROLES, takes_two
    from citizens.enums import Right

    yield "## What each role may do\n"
    yield f"| right | {' | '.join(str(role.label) for role in ROLES)} |"
    yield f"|---|{'---|' * len(ROLES)}"
    for right in Right:
        yield f"| {right.label} | {' | '.join('yes' if right in rights else '' for rights in ROLES.values())} |"
    yield f"| It takes two to give it | {' | '.join('yes' if takes_two(role) else '' for role in ROLES)} |"


def _console() -> Iterator[str]:
    yield "## What each page of the console takes\n"
    yield "| address | right | roles |"
    yield "|---|---|---|"
    for address in addresses("console"):
        right = address.right.label if address.right else "Any right"
        yield f"| `{address.path}` | {right} | {', '.join(roles_with(address.right))} |"
        if address.right_to_post != address.right:
            roles = ", ".join(roles_with(address.right, address.right_to_post))
            yield f"| `{address.path}`, to send the form | {address.right_to_post.label} | {roles} |"


def _rest() -> Iterator[str]:
    yield "## What each call takes\n"
    yield "A token needs the scope. Where a right stands beside it, the account behind the token needs that too.\n"
    yield "| address | scope | right | roles |"
    yield "|---|---|---|---|"
    for address in addresses("api"):
        scopes = ", ".join(f"`{scope}`" for scope in address.scopes)
        right = address.right.label if address.right else ""
        roles = ", ".join(roles_with(address.right)) if address.right else ""
        yield f"| `{address.path}` | {scopes} | {right} | {roles} |"


def _portal() -> Iterator[str]:
    yield "## What the pages of citizens take\n"
    yield "| address | who |"
    yield "|---|---|"
    for address in addresses("portal"):
        yield f"| `{address.path}` | {_who(address)} |"


def _who(address: Address) -> str:
    if address.is_for_citizens:
        return "The citizen themselves"
    return "Whoever is signed in, for themselves" if address.takes_signing_in else "Everybody"


def roles_with(*needed: Any) -> list[str]:
    """The roles that carry all of these rights; None is carried by each."""
    from citizens.access import ROLES

    return [str(role.label) for role, rights in ROLES.items() if rights >= {*needed} - {None}]


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sesame_site.settings")
    os.environ.setdefault("HTTPS", "false")
    django.setup()
    print(page(), end="")
