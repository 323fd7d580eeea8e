"""What is wrong with rows, found in whole columns and said row by row."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
KEY_LENGTH = 64
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


def wrong_keys(keys: Sequence[str], prefix: str) -> Mask:
    """Which keys of citizens are empty, or too long with the prefix before them."""
    longest = KEY_LENGTH - len(prefix)
    return np.fromiter((not 0 < len(key) <= longest for key in keys), np.bool_, len(keys))


def numbers(texts: Iterable[str]) -> tuple[NDArray[np.float64], Mask]:
    """Each text as a number, empty ones as 1; and which are none."""
    values = [_number(text) for text in texts]
    none = np.fromiter((value is None for value in values), np.bool_, len(values))
    return np.array(values, np.float64), none


def encoded(texts: "list[str] | pa.ChunkedArray[Any]") -> tuple[list[str], NDArray[np.int64]]:
    """The distinct texts in the order in which they come, and the place of each row's text among them."""
    array: Any = pc.dictionary_encode(pa.array(texts, pa.string()) if isinstance(texts, list) else texts)
    if isinstance(array, pa.ChunkedArray):
        array = array.unify_dictionaries().combine_chunks()
    return array.dictionary.to_pylist(), array.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _number(text: str) -> float | None:
    try:
        return float(text or 1.0)
    except ValueError:
        return None
