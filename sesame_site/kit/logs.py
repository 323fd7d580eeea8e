"""Logs for people on a terminal, or as JSON for machines; always on standard error."""

import logging.config

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# What our own lines say beside their name. Libraries add whole requests, and tasks with their arguments.
FACTS = ("folder", "follower", "reason", "run", "service")
QUIET = {"whitenoise": "WARNING", "numba": "WARNING", "asyncio": "WARNING", "celery.beat": "WARNING"}


def configure_logs(*, level: str, as_json: bool) -> None:
    """Send both structlog and the standard library's loggers through one handler at `level`."""
    # A plain traceback: the pretty one prints local variables, and with them personal data.
    words = structlog.dev.ConsoleRenderer(
        colors=False, pad_event_to=0, pad_level=False, exception_formatter=structlog.dev.plain_traceback
    )
    rendering: list[Processor] = [_without_traceback_of_refusals, words]
    if as_json:
        rendering = [
            _without_traceback_of_refusals,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "words": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
                    "foreign_pre_chain": [*SHARED, structlog.stdlib.ExtraAdder(FACTS)],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "words"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {name: {"level": quiet} for name, quiet in QUIET.items()},
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _without_traceback_of_refusals(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """A refused page (403, 404) is a warning, not an error of ours: one line tells it."""
    if event.get("level") == "warning":
        event.pop("exc_info", None)
    return event
