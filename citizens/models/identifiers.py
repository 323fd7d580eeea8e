"""In which form the identifiers that sources give to events are compared."""

import hashlib
import re
import unicodedata

from django.db import models

LONGEST_IDENTIFIER = 128
# White space, dashes, underscores, and what stands between the parts of a number on an invoice.
SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212_./\\:,;|]+")


def normal_form(external_id: str) -> str:
    """The form in which two spellings of one identifier are equal: at most LONGEST_IDENTIFIER characters.

    Compatibility forms of characters become the plain ones (Unicode NFKC), capitals become small letters, characters
    that cannot be seen go, and separators become one hyphen, or nothing at either end. An identifier of nothing else
    stays as it is, and one that becomes too long is replaced by its hash.
    """
    text = external_id if external_id.isascii() else _compatible(external_id)
    form = SEPARATORS.sub("-", text.casefold()).strip("-") or text
    if len(form) <= LONGEST_IDENTIFIER:
        return form
    return hashlib.blake2b(form.encode(), digest_size=32).hexdigest()


def _compatible(text: str) -> str:
    """NFKC before and after folding, because folding can undo it; without characters of the format class."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(character for character in folded if unicodedata.category(character) != "Cf")


class NormalForm(models.CharField):  # type: ignore[type-arg]
    """A column that holds the normal form of `external_id`, whatever is assigned to it."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        form = normal_form(model_instance.external_id)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, form)
        return form
