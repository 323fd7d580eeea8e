"""What the page of consents says of a source when it asks, word for word, so that a consent can keep it."""

import hashlib
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from citizens.models import ConsentText, Source

# To be raised with every change of the words below.
VERSION = 1


def words_of(source: Source) -> str:
    """All that is asked, in the language of the page: who, of what, what for, and what a consent does."""
    contexts = ", ".join(source.context_labels)
    parts = [
        source.name,
        source.description,
        _("May speak of: %(contexts)s.") % {"contexts": contexts} if contexts else _("May speak of anything."),
        _("What for: %(purpose)s") % {"purpose": source.purpose} if source.purpose else "",
        _("What it says of you, and said before, counts for your score and for the scores of those who know you."),
        _("You can withdraw it at any time; then nothing it said of you counts any more."),
    ]
    return "\n".join(part for part in parts if part)


def hash_of(source: Source) -> str:
    """The fingerprint of what is asked now, in the language of the page."""
    content = f"{get_language()}\n{VERSION}\n{words_of(source)}"
    return hashlib.sha256(content.encode()).hexdigest()


def what_is_asked(source: Source) -> dict[str, Any]:
    """The fields of a consent that is given on the page now. Within a transaction."""
    values = {"version": VERSION, "language": get_language() or "", "words": words_of(source)}
    text = ConsentText.objects.get_or_create(hash=hash_of(source), defaults=values)[0]
    return {"contexts": source.contexts, "purpose": source.purpose, "text": text}
