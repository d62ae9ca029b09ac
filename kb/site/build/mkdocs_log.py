"""What MkDocs logs while kb builds: passed to the build that it is about, and to anyone who listens to Python's logging."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_HEARD: ContextVar[list[logging.LogRecord] | None] = ContextVar("what MkDocs said in this build", default=None)


class _Ear(logging.Handler):
    """Gives a log record to the build of its own thread, if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        heard = _HEARD.get()
        if heard is not None:
            heard.append(record)


# Once, for good, like a library's NullHandler: what an application set for these loggers stays as it is, and two builds at a
# time each get their own records.
logging.getLogger("mkdocs").addHandler(_Ear(logging.WARNING))


@contextmanager
def listening() -> Iterator[list[logging.LogRecord]]:
    """The warnings and errors of MkDocs, its theme and its plugins, as they come."""
    heard: list[logging.LogRecord] = []
    token = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(token)


def warnings(heard: list[logging.LogRecord]) -> Iterator[str]:
    """The warnings, each once."""
    yield from dict.fromkeys(record.getMessage() for record in heard)


def errors(heard: list[logging.LogRecord]) -> list[str]:
    """The errors, which stop a build."""
    return [record.getMessage() for record in heard if record.levelno >= logging.ERROR]
