"""Makes .venv and fills it with locked packages: `install.py base|dev|spark|bench`; needs Python 3.11 and a network."""

import os
import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent
VENV = REQUIREMENTS.parent / ".venv"
PYTHON = VENV / "bin" / "python"
EXTRAS = ("spark", "bench")
# uv reads none of pip's settings, so where pip finds packages is told to it: by mirrors, folders, certificates.
PIP_TO_UV = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}


def main(lock: str) -> None:
    """Install requirements/LOCK.txt, unless it is installed already."""
    if sys.version_info < (3, 11):
        sys.exit(
            f"Sesame needs Python 3.11 or newer; this is {sys.version.split()[0]}. Say make PYTHON=/path/to/python3"
        )
    if is_up_to_date(lock):
        return
    if not PYTHON.exists():
        say("Making .venv")
        make_venv()
    say("Installing the locked packages (the first time takes a minute)")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", REQUIREMENTS / "uv.txt")
    verb = ["sync"] if lock == "dev" else ["install", "-r"]
    command = ["-m", "uv", "pip", *verb, str(REQUIREMENTS / f"{lock}.txt"), "--require-hashes", "--python", str(PYTHON)]
    run(PYTHON, *command, env=os.environ | where_pip_looks())
    if lock == "dev":  # whatever else was there is gone
        for extra in EXTRAS:
            stamp(extra).unlink(missing_ok=True)
    stamp(lock).touch()


def stamp(lock: str) -> Path:
    return VENV / f".installed-{lock}"


def is_up_to_date(lock: str) -> bool:
    """What tests need includes what the system needs, and no extra."""
    wanted = (REQUIREMENTS / f"{lock}.txt").stat().st_mtime
    names = {lock} if lock in EXTRAS else {lock, "dev"}
    return PYTHON.exists() and any(stamp(name).exists() and stamp(name).stat().st_mtime >= wanted for name in names)


def make_venv() -> None:
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(f"Python lacks its venv module; on Debian or Ubuntu: sudo apt-get install python{version}-venv")
    venv.create(VENV, with_pip=True)


def where_pip_looks() -> dict[str, str]:
    listing = subprocess.run([PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    found: dict[str, list[str]] = {}
    for line in listing.stdout.splitlines():
        name, _, value = line.partition("=")
        variable = PIP_TO_UV.get(name.rpartition(".")[2])
        if variable and variable not in os.environ:
            found.setdefault(variable, []).extend(value.strip("'\"").replace("\\n", " ").split())
    told = {variable: " ".join(dict.fromkeys(values)) for variable, values in found.items()}
    if "UV_FIND_LINKS" in told:
        told["UV_FIND_LINKS"] = told["UV_FIND_LINKS"].replace(" ", ",")
    # Every package is checked against its hash, so any index may serve any of them.
    return told | {"UV_INDEX_STRATEGY": "unsafe-best-match"}


def run(*command: object, env: dict[str, str] | None = None) -> None:
    done = subprocess.run([str(part) for part in command], env=env, check=False)
    if done.returncode:
        sys.exit("The packages could not be installed; the lines above say why.")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
