"""What the rows of a file of behaviours mean, and why some mean nothing."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone
from numpy.typing import NDArray

from citizens.actions.behaviours import BELOW_ZERO, EARLIEST, TOMORROW
from citizens.imports.blocks import Block
from citizens.imports.checking import WRONG_KEY, Reasons, encoded, lengths, numbers, prefixed, wrong_keys
from citizens.imports.moments import NEVER, microseconds_of
from citizens.imports.quarantine import Quarantine
from citizens.models import BehaviourType, Source
from citizens.models.behaviours import AMOUNT_LIMIT, AMOUNT_OUT_OF_RANGE
from citizens.models.identifiers import LONGEST_IDENTIFIER, normal_form
from sesame_site.kit.moments import microseconds, moment_of


class BehaviourUnderstanding:
    """Turns blocks of texts into columns of values, and sets aside the rows that mean nothing."""

    def __init__(self, source: Source, behaviour: BehaviourType | None, prefix: str, quarantine: Quarantine) -> None:
        self.source, self.prefix, self.quarantine = source, prefix, quarantine
        self.type_where_none = behaviour.key if behaviour else ""
        self.types = BehaviourType.objects.in_bulk(field_name="key")
        self.latest = timezone.now() + TOMORROW
        self.seen: dict[str, int] = {}

    def __call__(self, block: Block) -> pa.Table:
        """The rows that can be understood; whether one can be used depends on the citizen and the consent.

        Columns: line, citizen (key), type_id, external_id, external_key (its normal form), occurred_at (microseconds
        since 1970), amount.
        """
        kinds, kind_of = encoded(block.texts("behaviour"))
        kinds = [key or self.type_where_none for key in kinds]
        types = [self.types.get(key) for key in kinds]
        type_ids = np.array([known.pk if known else 0 for known in types], np.int64)[kind_of]
        beyond = [known and self.source.why_not(known) for known in types]
        is_beyond = np.array([why is not None for why in beyond], np.bool_)[kind_of]
        may_be_below_zero = np.array([known and known.amounts_below_zero for known in types], np.bool_)[kind_of]
        citizens, told, at = block.texts("citizen"), block.texts("amount"), block.texts("occurred_at")
        amounts, no_number = numbers(told)
        moments = microseconds_of(at)
        external_ids = block.texts("external_id")
        long = lengths(external_ids)

        def implausible(row: int) -> str | None:
            known = types[kind_of[row]]
            return known and known.implausible(amounts[row])

        reasons = Reasons(len(block.lines))
        reasons.refuse(type_ids == 0, lambda row: f"unknown behaviour type “{kinds[kind_of[row]]}”")
        reasons.refuse(is_beyond, lambda row: f"{beyond[kind_of[row]]}")
        reasons.refuse(wrong_keys(citizens, self.prefix), lambda _: WRONG_KEY)
        reasons.refuse(no_number, lambda row: f"amount “{told[row]}” is not a number")
        reasons.refuse(~(np.abs(amounts) <= AMOUNT_LIMIT), lambda _: str(AMOUNT_OUT_OF_RANGE))
        reasons.refuse((amounts < 0) & ~may_be_below_zero, lambda _: str(BELOW_ZERO))
        most = np.array([known.most if known else AMOUNT_LIMIT for known in types])[kind_of]
        reasons.refuse(np.abs(amounts) > most, lambda row: f"{implausible(row)}")
        self._check_moments(reasons, moments, at)
        too_long = f"characters, {LONGEST_IDENTIFIER} are allowed"
        reasons.refuse(long > LONGEST_IDENTIFIER, lambda row: f"external_id has {long[row]} {too_long}")
        self.quarantine.add_all(block, reasons.of)

        keys = prefixed(citizens, self.prefix)
        nameless = (long == 0) & reasons.good
        if nameless.any():
            kinds_of_them = [kinds[kind] for kind in kind_of[nameless].tolist()]
            theirs = keys.filter(pa.array(nameless)), kinds_of_them, moments[nameless], amounts[nameless]
            external_ids = pc.replace_with_mask(external_ids, pa.array(nameless), self._identifiers(*theirs))
        columns = {
            "line": block.lines,
            "citizen": keys,
            "type_id": type_ids,
            "external_id": external_ids,
            "external_key": pa.array([normal_form(str(text)) for text in external_ids.to_pylist()], pa.string()),
            "occurred_at": moments,
            "amount": amounts,
        }
        return pa.table(columns).filter(pa.array(reasons.good))

    def _check_moments(self, reasons: Reasons, moments: NDArray[np.int64], texts: pa.StringArray) -> None:
        reasons.refuse(moments == NEVER, lambda row: f"occurred_at “{texts[row]}” is neither ISO 8601 nor a unix time")
        earliest, latest = microseconds(EARLIEST), microseconds(self.latest)
        reasons.refuse(
            (moments < earliest) | (moments > latest),
            lambda row: f"occurred_at {moment_of(int(moments[row])):%Y-%m-%d} is before 1900 or after tomorrow",
        )

    def _identifiers(
        self, keys: pa.StringArray, kinds: list[str], moments: NDArray[np.int64], amounts: NDArray[np.float64]
    ) -> pa.StringArray:
        """For each row an external id from its content, and how often that content came before it in the file."""
        whens = moments.astype("datetime64[us]").tolist()
        contents = (
            f"{key}|{kind}|{at.isoformat()}+00:00|{amount!r}"
            for key, kind, at, amount in zip(keys.to_pylist(), kinds, whens, amounts.tolist(), strict=True)
        )
        return pa.array(map(self._identifier, contents), pa.string())

    def _identifier(self, content: str) -> str:
        digest = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
        times = self.seen[digest] = self.seen.get(digest, 0) + 1
        return f"{digest}-{times}"
