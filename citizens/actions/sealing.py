"""Seals the audit trail: each entry's hash covers its content and the hash of the one before."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from citizens.models import AuditEntry, AuditHead, AuditSeal
from sesame_site.kit.database.locks import advisory_lock

ENTRIES_AT_ONCE = 5_000
START = "0" * 64
LOCK = "audit chain"


def hash_of(entry: AuditEntry, before: str) -> str:
    """SHA-256 of the hash before and the entry's content as JSON with sorted keys, in hexadecimal."""
    content = json.dumps(entry.content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


def seal_entries() -> int:
    """Seal every entry that no earlier one can still join; returns how many. One process at a time does it.

    Writers never wait for it: they only insert, and what is still being written is sealed the next time.
    """
    sealed = 0
    with advisory_lock(LOCK) as held:
        while held and (count := _seal_some()):
            sealed += count
    return sealed


@transaction.atomic
def _seal_some() -> int:
    head = AuditSeal.objects.order_by("-position").first()
    entries = AuditEntry.objects.settled().in_order()
    if head is not None:
        entries = entries.after(head.entry_xid, head.entry_id)
    position, before = (head.position, head.hash) if head else (0, START)
    seals = []
    for entry in entries[:ENTRIES_AT_ONCE]:
        position, before = position + 1, hash_of(entry, before)
        seals.append(AuditSeal(position=position, entry_id=entry.pk, entry_xid=entry.xid, hash=before))
    if seals:
        AuditSeal.objects.bulk_create(seals)
        AuditHead.objects.update_or_create(pk=1, defaults={"position": position, "hash": before})
    return len(seals)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking the chain found: the first fault in words, and where; or the head of a whole chain."""

    checked: int
    unsealed: int
    position: int
    head: str
    fault: str = ""
    entry: int | None = None


def verify_chain(*, noted: tuple[int, str] | None = None) -> Verdict:
    """Recompute the chain from its start. `noted` is a (position, hash) that somebody wrote down elsewhere.

    It finds the first entry that was changed, removed or inserted, whoever did it. Somebody who rewrites every hash
    after a change is found out by a hash that was noted before.
    """
    position, before = 0, START
    for seal, entry in _sealed():
        position += 1
        fault = ""
        if seal.position != position:
            fault = _("The link at position %(position)s of the chain was removed.") % {"position": position}
        elif entry is None:
            fault = _("Entry %(entry)s was removed.") % {"entry": seal.entry_id}
        elif hash_of(entry, before) != seal.hash or entry.xid != seal.entry_xid:
            fault = _("Entry %(entry)s was changed, or one before it was inserted.") % {"entry": seal.entry_id}
        elif noted and noted[0] == position and noted[1] != seal.hash:
            fault = _("The hash at position %(position)s is not the one that was noted.") % {"position": position}
        if fault:
            return Verdict(position - 1, 0, position, before, fault, seal.entry_id)
        before = seal.hash
    head = AuditHead.objects.first()
    if head is not None and (head.position, head.hash) != (position, before):
        fault = _("The chain ends at position %(position)s; its newest entries were removed.") % {"position": position}
        return Verdict(position, 0, position, before, fault)
    if noted and noted[0] > position:
        fault = _("The chain ends at position %(position)s, before the one that was noted.") % {"position": position}
        return Verdict(position, 0, position, before, fault)
    return _after_the_chain(position, before)


def _after_the_chain(position: int, head: str) -> Verdict:
    """What stands outside the chain: entries not sealed yet, and entries that can only have been put in afterwards."""
    last = AuditSeal.objects.order_by("-position").first()
    later = AuditEntry.objects.after(last.entry_xid, last.entry_id) if last else AuditEntry.objects.all()
    unsealed = later.count()
    if AuditEntry.objects.count() - unsealed != position and last is not None:
        sealed = AuditSeal.objects.values("entry_id")
        stray = AuditEntry.objects.exclude(pk__in=later.values("pk")).exclude(pk__in=sealed).in_order().first()
        if stray is not None:
            fault = _("Entry %(entry)s was inserted after its time.") % {"entry": stray.pk}
            return Verdict(position, unsealed, position, head, fault, stray.pk)
    return Verdict(position, unsealed, position, head)


def _sealed() -> Iterator[tuple[AuditSeal, AuditEntry | None]]:
    """Every link with its entry, in the order of the chain, some at a time."""
    after = 0
    while seals := list(AuditSeal.objects.filter(position__gt=after).order_by("position")[:ENTRIES_AT_ONCE]):
        entries = AuditEntry.objects.in_bulk([seal.entry_id for seal in seals])
        for seal in seals:
            yield seal, entries.get(seal.entry_id)
        after = seals[-1].position
