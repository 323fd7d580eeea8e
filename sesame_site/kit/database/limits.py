"""How long PostgreSQL waits for a process, by what the process is for.

A process that is stopped or cut off in a transaction keeps its locks, and with them runs, erasure and whoever stands
by. PostgreSQL ends such a session once its time is over, and the process connects anew if it ever goes on.
"""

from pathlib import Path
from typing import NamedTuple

# Lost partners are noticed within a minute: a first question after 30 seconds of silence, then three more.
KEEPALIVES = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


class Limits(NamedTuple):
    """Seconds; 0 is no limit."""

    statement: int
    lock: int
    idle_in_transaction: int

    def as_options(self) -> str:
        """The options of a session, as in PGOPTIONS, with the server's side of the keepalives."""
        milliseconds = {
            "statement_timeout": self.statement * 1_000,
            "lock_timeout": self.lock * 1_000,
            "idle_in_transaction_session_timeout": self.idle_in_transaction * 1_000,
            "tcp_user_timeout": KEEPALIVES["tcp_user_timeout"],
        }
        seconds = {f"tcp_{name}": KEEPALIVES[name] for name in KEEPALIVES if name.startswith("keepalives")}
        return " ".join(f"-c {name}={value}" for name, value in (milliseconds | seconds).items())


# Nobody waits longer than half a minute for a page. A run and the engine may wait for each other while one publishes,
# and compute in a transaction, but not for longer than it takes millions of citizens. Tasks end after an hour anyway.
# A command reads a large file within its transaction, and a person watches it.
LIMITS = {
    "web": Limits(statement=30, lock=10, idle_in_transaction=30),
    "engine": Limits(statement=600, lock=300, idle_in_transaction=120),
    "worker": Limits(statement=3_600, lock=300, idle_in_transaction=300),
    "command": Limits(statement=0, lock=300, idle_in_transaction=900),
}


def kind_of_process(arguments: list[str]) -> str:
    """What a process with these arguments is for, but for web processes, which say so themselves (`wsgi.py`)."""
    if Path(arguments[0]).stem == "celery" or Path(arguments[0]).parent.name == "celery":
        return "worker"
    return {"engine": "engine", "follow": "engine", "runserver": "web"}.get("".join(arguments[1:2]), "command")
