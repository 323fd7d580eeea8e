"""What is being done, on standard error; standard output stays free for the answer."""

import os
import sys
import time

BEGAN = time.perf_counter()


def say(text: str) -> None:
    """One line: minutes and seconds since the start, the load of the machine in the last minute, and the text."""
    minutes, seconds = divmod(int(time.perf_counter() - BEGAN), 60)
    print(f"{minutes:3d}:{seconds:02d}  load {os.getloadavg()[0]:.1f}  {text}", file=sys.stderr, flush=True)
