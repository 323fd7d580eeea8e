"""Texts that people write and that are kept as they wrote them."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def kept_text(field: str, typed: str, *, longest: int, missing: str) -> str:
    """The text as it is stored, without blanks at its ends and with a line break as the one character that people see.

    Raises ValidationError on the field, in the words `missing` if nothing was typed.
    """
    text = typed.replace("\r\n", "\n")  # a browser counts a line break as one character, and sends it as two
    if not text.strip():
        raise ValidationError({field: missing})
    if len(text) > longest:
        words = _("At most %(longest)s characters; this has %(text)s.")
        raise ValidationError({field: words % {"longest": longest, "text": len(text)}})
    if "\0" in text:
        raise ValidationError({field: _("Contains a character that cannot be stored.")})
    return text.strip()
