"""A full run from the rows of the database to published scores, measured by bench/rescore.py in its own process."""

import json
import subprocess
import sys
from typing import Any

from bench.progress import say

COMMAND = [sys.executable, "-m", "bench.rescore", "--json"]


def measured(*, rounds: int, quick: bool = False, large: bool = False) -> dict[str, Any]:
    """What `python -m bench.rescore --json` prints: an object whose `rows` are objects with the same fields."""
    say("full run: rows in PostgreSQL to published scores")
    done = subprocess.run(COMMAND + ["--quick"] * quick, stdout=subprocess.PIPE, text=True, check=False)
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        return {"rows": [], "notes": [f"The full run was not measured: bench.rescore ended with {done.returncode}."]}
