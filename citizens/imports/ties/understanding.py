"""Turns the rows of a file into ties, and says why a row cannot be used."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from citizens.actions.behaviours import EARLIEST
from citizens.enums import TieKind
from citizens.imports.blocks import Block, Unreadable
from citizens.imports.checking import WRONG_KEY, Reasons, encoded, lengths, numbers, prefixed, wrong_keys
from citizens.imports.moments import NEVER, microseconds_of
from citizens.imports.quarantine import Quarantine
from sesame_site.kit.moments import microseconds, moment_of

KINDS = tuple(TieKind.values)
NO_KIND = -1


class TieUnderstanding:
    """Turns blocks of texts into ties between keys, and sets aside the rows that cannot be used."""

    def __init__(
        self, path: Path, kind: TieKind | None, kinds: dict[str, TieKind], prefix: str, quarantine: Quarantine
    ) -> None:
        self.path, self.kind, self.kinds, self.prefix, self.quarantine = path, kind, kinds, prefix, quarantine
        self.is_first_block = True
        self.latest = microseconds(timezone.now())

    def __call__(self, block: Block) -> pa.Table:
        """The rows that can be understood: line, first and second (keys), kind (its place in KINDS), strength, since.

        `second` is `kind` to `first`. `since` is in microseconds since 1970, and NEVER where the row does not say it.
        """
        if self.kind is None and self.is_first_block:
            self._refuse_without_kinds(block)
        self.is_first_block = False
        first, second, told = block.texts("first"), block.texts("second"), block.texts("strength")
        words, word_of = encoded(block.texts("kind"))
        kinds = np.array([self._kind(word) for word in words], np.int64)[word_of]
        strengths, no_number = numbers(told)
        told_since = block.texts("since")
        since, says_since = _moments(told_since)

        reasons = Reasons(len(block.lines))
        reasons.refuse(
            kinds == NO_KIND,
            lambda row: (
                f"“{word}” is no kind of tie; translate it with --kinds"
                if (word := words[word_of[row]])
                else "says no kind, and there is no --kind"
            ),
        )
        reasons.refuse(wrong_keys(first, self.prefix) | wrong_keys(second, self.prefix), lambda _: WRONG_KEY)
        reasons.refuse(no_number, lambda row: f"strength “{told[row]}” is not a number")
        reasons.refuse(
            ~((strengths > 0) & (strengths <= 1)),
            lambda row: f"strength {strengths[row]:g} is not more than 0 and at most 1",
        )
        reasons.refuse(
            says_since & (since == NEVER), lambda row: f"since “{told_since[row]}” is neither ISO 8601 nor a unix time"
        )
        reasons.refuse(
            says_since & ((since < microseconds(EARLIEST)) | (since > self.latest)),
            lambda row: f"since {moment_of(int(since[row])):%Y-%m-%d} is before 1900 or has yet to come",
        )
        self.quarantine.add_all(block, reasons.of)
        columns = {
            "line": block.lines,
            "first": prefixed(first, self.prefix),
            "second": prefixed(second, self.prefix),
            "kind": kinds,
            "strength": strengths,
            "since": since,
        }
        return pa.table(columns).filter(pa.array(reasons.good))

    def _refuse_without_kinds(self, block: Block) -> None:
        """Raises Unreadable if no row says what it is: every one would be set aside for want of --kind."""
        words = encoded(block.texts("kind"))[0]
        if words == [""]:
            raise Unreadable(
                _(
                    "%(path)s: none of its first %(lines)s rows says what the tie is. Add --kind with one of "
                    "%(kinds)s; or, where a column says it, name that with --map kind=…. Nothing was imported."
                )
                % {"path": self.path, "lines": f"{len(block.lines):,}", "kinds": ", ".join(KINDS)}
            )

    def _kind(self, word: str) -> int:
        """The place in KINDS of what a word of the file means."""
        kind = self.kinds.get(word) or (word if word in KINDS else None if word else self.kind)
        return KINDS.index(kind) if kind else NO_KIND


def _moments(texts: pa.StringArray) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(Microseconds since 1970, or NEVER; whether anything is said) for each text."""
    given = lengths(texts) > 0
    moments = np.full(len(texts), NEVER)
    if given.any():
        moments[given] = microseconds_of(texts.filter(pa.array(given)))
    return moments, given
