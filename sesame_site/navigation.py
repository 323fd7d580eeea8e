"""What the two menus list, each item with the right that it takes; and the way to a page, which names them again."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from citizens.enums import Right

register = template.Library()


class Item(NamedTuple):
    """One entry of a menu: the name of its address, and the right without which it is left out."""

    address: str
    label: Any
    right: Right | None = None


PORTAL = (
    Item("portal:score", _("My score")),
    Item("portal:why", _("Why")),
    Item("portal:history", _("History")),
    Item("portal:perks", _("Perks")),
    Item("portal:behaviours", _("Behaviours")),
    Item("portal:ties", _("Ties")),
    Item("portal:consents", _("Consents")),
)
CONSOLE = (
    Item("console:home", _("Overview")),
    Item("console:rule-sets", _("Rule sets"), Right.READ_RULE_SETS),
    Item("console:runs", _("Runs"), Right.READ_RUNS),
    Item("console:contests", _("Contests"), Right.READ_CONTESTS),
    Item("console:perks", _("Perks"), Right.READ_PERKS),
    Item("console:citizens", _("Citizens"), Right.SEE_PEOPLE),
    Item("console:audit", _("Audit trail"), Right.READ_AUDIT),
    Item("console:accounts", _("Accounts"), Right.READ_ACCOUNTS),
)


def items_for(rights: Collection[Right], *, is_citizen: bool, namespace: str) -> tuple[Item, ...]:
    """The menu of the page: the console's in the console and for those who are no citizen, else the portal's."""
    if rights and (namespace == "console" or not is_citizen):
        return tuple(item for item in CONSOLE if item.right is None or item.right in rights)
    return PORTAL if is_citizen else ()


@register.inclusion_tag("_crumbs.html")
def crumbs(menu: str, address: str = "", label: object = "") -> dict[str, Any]:
    """The way to a page below an item of a menu, by way of one more page if its address and label are given."""
    item = next(item for item in (*PORTAL, *CONSOLE) if item.address == menu)
    steps = [(reverse(item.address), item.label)]
    if item in CONSOLE:
        steps = [(reverse("console:home"), _("Console")), *steps]
    return {"steps": [*steps, (address, label)] if address else steps}
