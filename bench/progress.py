"""Writes progress to standard error; standard output is for results."""

import os
import sys
import time

BEGAN = time.perf_counter()


def say(text: str) -> None:
    """Writes the text after the minutes and seconds since the start and the machine's load in the last minute."""
    minutes, seconds = divmod(int(time.perf_counter() - BEGAN), 60)
    print(f"{minutes:3d}:{seconds:02d}  load {os.getloadavg()[0]:.1f}  {text}", file=sys.stderr, flush=True)
