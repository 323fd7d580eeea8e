"""A secret key that is made once and kept, for machines where nobody set one."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings


def kept_secret(var: Path) -> str:
    """The secret key kept under `var`, readable by its owner only; made at the first call."""
    path = _path(var)
    var.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, secrets.token_urlsafe(64)) if not path.exists() else None
    if draft:
        # Linking fails if another process was first, whose key then counts for all.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def secret_that_is_kept() -> str:
    """The kept secret key, if it is the one in use; empty where the settings name another."""
    path = _path(settings.SESAME_VAR)
    kept = path.read_text().strip() if path.exists() else ""
    return kept if kept == settings.SECRET_KEY else ""


def keep_secret(key: str) -> bool:
    """Keeps this secret key from now on, unless the settings name one; returns whether it is the one that holds."""
    if key and secret_that_is_kept():
        path = _path(settings.SESAME_VAR)
        _draft(path, key).replace(path)
        return True
    return bool(key) and key == settings.SECRET_KEY


def _path(var: Path) -> Path:
    return var / "secret_key"


def _draft(path: Path, key: str) -> Path:
    """The key in a file beside the one that will hold it, readable by its owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(key)
    return draft
