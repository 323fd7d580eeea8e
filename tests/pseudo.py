"""A language in which every message that goes through translation loses its plain letters, so that the others show."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import Comment, Declaration, Doctype
from django.utils.translation import trans_real

CODE = "en-xa"
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACCENTED = "àƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÀƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ"
LETTERS = str.maketrans(PLAIN, ACCENTED)
# Placeholders, tags and entities stay as they are.
KEPT = re.compile(r"(%\([^)]*\)[a-z]|%[sd%]|\{[^}]*\}|<[^>]*>|&[a-z]+;)")
CONTEXT = "\x04"

WORD = re.compile(r"[A-Za-z]{2,}")
NO_TEXT = {"script", "style", "code", "kbd"}
ATTRIBUTES = ("aria-label", "alt", "placeholder", "title")
# Names and abbreviations that are the same in every language.
SAME_EVERYWHERE = {"Sesame", "REST", "CSV", "NDJSON", "AI", "EU", "OAuth", "API", "QR"}


def pseudo(message: str) -> str:
    """The message with accented letters."""
    parts = KEPT.split(message.rpartition(CONTEXT)[2])
    return "".join(part if place % 2 else part.translate(LETTERS) for place, part in enumerate(parts))


class Pseudo(trans_real.DjangoTranslation):
    """Stands where a catalogue stands; it has every message there is, of libraries too."""

    def __init__(self) -> None:
        super().__init__("en-gb")
        self._DjangoTranslation__language = CODE

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return pseudo(singular if number == 1 else plural)


@contextmanager
def pseudo_language() -> Iterator[None]:
    """Everything is said in it while the block runs, whatever a request asks for."""
    from django.utils import translation

    english = trans_real._translations.get("en-gb")
    trans_real._translations["en-gb"] = Pseudo()
    translation.deactivate()
    trans_real._default, default = None, trans_real._default
    try:
        yield
    finally:
        trans_real._default = default
        if english is None:
            del trans_real._translations["en-gb"]
        else:
            trans_real._translations["en-gb"] = english
        translation.deactivate()


def plain_words(page: str, *, data: tuple[str, ...] = ()) -> list[str]:
    """The texts of a page in which a plain English word stands that is neither data nor a name.

    Elements marked translate="no" are data, and so are the words given as `data`.
    """
    soup = BeautifulSoup(page, "html.parser")
    found = [str(node).strip() for node in soup.find_all(string=True) if _is_read(node)]
    for tag in soup.find_all(True):
        if not _is_untranslated(tag):
            found += [str(tag[name]) for name in ATTRIBUTES if tag.get(name)]
    return [text for text in found if set(WORD.findall(_without(text, data))) - SAME_EVERYWHERE]


def _without(text: str, data: tuple[str, ...]) -> str:
    for words in sorted(data, key=len, reverse=True):
        text = text.replace(words, "")
    return text


def _is_read(node: NavigableString) -> bool:
    is_text = not isinstance(node, (Comment, Declaration, Doctype)) and bool(node.strip())
    return is_text and not any(parent.name in NO_TEXT or _is_untranslated(parent) for parent in node.parents)


def _is_untranslated(tag: Tag) -> bool:
    return any(parent.get("translate") == "no" for parent in (tag, *tag.parents) if isinstance(parent, Tag))
