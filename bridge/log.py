"""Logging: one list of processors for our own events and those of the libraries; secrets are masked in both.

A module logs with `structlog.get_logger()`: a short constant event, the facts as fields, `charger=` where there is one.
"""

from __future__ import annotations

import logging
import sys
from enum import StrEnum
from typing import TextIO

import structlog
from structlog.types import Processor

from bridge.redaction import redact


class LogFormat(StrEnum):
    """How log lines look; `auto` is for people on a terminal and for programs elsewhere."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def configure(level: str = LogLevel.INFO, log_format: LogFormat = LogFormat.AUTO, stream: TextIO | None = None) -> None:
    """Send everything to `stream` (standard error) in one form; may be called again."""
    stream = stream or sys.stderr
    for_people = log_format is LogFormat.CONSOLE or (log_format is LogFormat.AUTO and stream.isatty())
    known: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.contextvars.merge_contextvars,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if for_people else "iso", utc=not for_people),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *known,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # so that loggers made at import follow a later call of this function
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=known,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,  # last, so that it sees tracebacks as text, too
                _console_renderer(stream) if for_people else structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    logging.captureWarnings(capture=True)
    # One line for each request to the status page is nobody's interest.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    set_level(level)


def set_level(level: str) -> None:
    """Log events of this level and above from now on; raises ValueError for an unknown one."""
    logging.getLogger().setLevel(LogLevel(level.strip().lower()).upper())


def _console_renderer(stream: TextIO) -> Processor:
    # The plain traceback, because the pretty one shows local variables, and those may be passwords.
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )
