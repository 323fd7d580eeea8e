"""Describes the machine of the measurements, without its name or paths."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scoring.engine.kernels.threads import processors

PACKAGES = (
    "numpy", "numba", "scipy", "suitesparse-graphblas", "python-graphblas", "networkit", "igraph", "networkx",
    "pyspark", "pyarrow", "psycopg", "adbc-driver-postgresql",
)  # fmt: skip


def machine() -> dict[str, object]:
    return {
        "processor": processor(),
        "cores": processors(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def processor() -> str:
    """The name of the processor and its largest cache, as far as the system tells."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    facts = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    return f"{facts.get('model name', platform.processor())}, cache {facts.get('cache size', 'unknown')}"


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def load() -> float:
    """The average number of processes that wanted a processor in the last minute."""
    return round(os.getloadavg()[0], 2)
