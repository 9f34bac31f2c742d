"""The log: one event a line with its facts as fields, ours and those of the libraries alike.

Code logs through ``structlog.get_logger(__name__)``; facts that hold for a while (a request, an operation)
are bound with ``structlog.contextvars`` and appear on every event in between.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import Processor

_NOISY_BELOW_WARNING = ("aiosqlite", "alembic", "asyncio", "psycopg", "sqlalchemy")


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, to be told from handlers that others added."""


def _stages() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def configure(*, json: bool = False, level: str = "info") -> None:
    """Send every event of ``level`` or above to stderr, as JSON or for people.

    May be called again to change either; the last call counts for the whole process.
    """
    renderer: list[Processor] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
        if json
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_stages(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # tests and `mano serve` configure after modules made their loggers
    )
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_stages(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [*(other for other in root.handlers if not isinstance(other, _Handler)), handler]
    root.setLevel(level.upper())
    for name in _NOISY_BELOW_WARNING:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
