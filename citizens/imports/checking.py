"""What is wrong with rows, found in whole columns and said row by row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from citizens.models.people import KEY_LENGTH

Mask = NDArray[np.bool_]
WRONG_KEY = f"a citizen's key must have 1 to {KEY_LENGTH} characters"


class Reasons:
    """Why rows cannot be used, by their place in the columns; the first reason found for a row stands."""

    def __init__(self, count: int) -> None:
        self.good: Mask = np.ones(count, np.bool_)
        self.of: dict[int, str] = {}

    def refuse(self, wrong: Mask, words: Callable[[int], str]) -> None:
        """Refuses the rows in `wrong` that are good so far; `words` gives the reason for one of them."""
        for place in np.flatnonzero(wrong & self.good).tolist():
            self.of[place] = words(place)
        self.good &= ~wrong


def lengths(texts: pa.StringArray) -> NDArray[np.int32]:
    """How many characters each text has."""
    return pc.utf8_length(texts).to_numpy()


def wrong_keys(keys: pa.StringArray, prefix: str) -> Mask:
    """Which keys of citizens are empty, or too long with the prefix before them."""
    long = lengths(keys)
    return (long == 0) | (long > KEY_LENGTH - len(prefix))


def prefixed(keys: pa.StringArray, prefix: str) -> pa.StringArray:
    return pc.binary_join_element_wise(pa.repeat(prefix, len(keys)), keys, pa.repeat("", len(keys)))


def numbers(texts: pa.StringArray) -> tuple[NDArray[np.float64], Mask]:
    """Each text as a number, empty ones as 1; and which are none."""
    given = pc.if_else(pa.array(lengths(texts) == 0), "1", texts)
    try:
        values = given.cast(pa.float64())
    except pa.ArrowInvalid:
        values = pa.array(map(_number, given.to_pylist()), pa.float64())
    return values.to_numpy(zero_copy_only=False), values.is_null().to_numpy(zero_copy_only=False)


def encoded(texts: pa.StringArray | pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct texts in the order in which they come, and the place of each row's text among them."""
    array: Any = pc.dictionary_encode(texts)
    if isinstance(array, pa.ChunkedArray):
        array = array.unify_dictionaries().combine_chunks()
    return array.dictionary.to_pylist(), array.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
