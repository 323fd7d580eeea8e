"""A secret key that is made once and kept, for machines where nobody set one."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def kept_secret(var: Path) -> str:
    """The secret key kept under `var`, readable by its owner only; made at the first call."""
    path = var / "secret_key"
    var.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"secret_key.{os.getpid()}")
    if not path.exists():
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        # Linking fails if another process was first, whose key then counts for all.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
