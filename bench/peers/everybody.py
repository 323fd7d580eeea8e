"""The peers that can be used here, and a sentence about each that cannot."""

import os
from importlib import import_module

from bench.peers.peer import Missing, Peer
from bench.progress import say

# Else the waiting threads of one library's OpenMP keep a processor from the next library, and from us.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

MODULES = ("sesame", "scipy", "graphblas", "postgresql", "spark", "networkit", "igraph", "networkx")


def peers() -> tuple[list[Peer], list[str]]:
    """Ours first. Everything else may be missing."""
    found, missing = [], []
    for name in MODULES:
        try:
            found.append(import_module(f"bench.peers.{name}").PEER)
        except (Missing, ImportError) as error:
            missing.append(f"{name} was not measured: {str(error).rstrip('.')}.")
            say(missing[-1])
    return found, missing
