"""What may be shown of how a network effect is made up, as it is stored: drag and lift, and each role."""

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.engine.model import ROLES

NOT_SHOWN = -(2**15)
PARTS = ("drag", "lift", *ROLES)
# A whole number of two bytes for each of PARTS, the higher byte first.
STORED = struct.Struct(f">{len(PARTS)}h")


class NetworkSplit(NamedTuple):
    """A network effect before its cap, in whole points. Drag and lift are both None, or neither is.

    `by_role` has only the roles that are shown. The numbers are rounded one by one, so they need not add up.
    """

    drag: int | None
    lift: int | None
    by_role: dict[str, int]


NOTHING_SHOWN = NetworkSplit(None, None, {})


def packed(splits: NDArray[np.int16]) -> NDArray[np.void]:
    """Rows of PARTS as byte strings of one length, as they are stored."""
    return np.ascontiguousarray(splits, ">i2").view(f"V{STORED.size}").ravel()


def unpacked(stored: bytes | memoryview | None) -> NetworkSplit:
    """A split as it was stored; nothing is shown where none was."""
    if stored is None:
        return NOTHING_SHOWN
    drag, lift, *roles = (None if points == NOT_SHOWN else points for points in STORED.unpack(stored))
    by_role = {role: points for role, points in zip(ROLES, roles, strict=True) if points is not None}
    return NetworkSplit(drag, lift, by_role)
