"""Logs: structured, one pipeline for our own and the libraries' lines, the job's id on each, and no secret in any.

Secrets are taken out of the finished line, so that it does not matter how one got there: a value, a URL, an exception's
text or a traceback.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Literal, TextIO
from urllib.parse import quote

import aiohttp
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from typing_extensions import override

_log = logging.getLogger(__name__)

FILTERED = "[filtered]"

_RUN = r"[A-Za-z0-9._~+/=-]"
_NAMES = r"(?:token|authorization|api[_-]?key|secret|password)"
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # "Authorization: Bot …" in any notation; elsewhere only what is too long to be a word ("Bot started").
        (rf"(authorization\W{{1,8}}(?:Bot|Bearer) ){_RUN}+", rf"\1{FILTERED}"),
        (rf"\b((?:Bot|Bearer) ){_RUN}{{20,}}", rf"\1{FILTERED}"),
        (r"\bsk-[A-Za-z0-9_-]{16,}", FILTERED),
        # {"token": "…"} as Python or JSON writes it, also as JSON within JSON: interactions and IDENTIFY carry one.
        (rf"""(\b{_NAMES}\\?["']\s*:\s*\\?["'])[^"'\\]+""", rf"\1{FILTERED}"),
        # token='…', as Python writes the fields of an object.
        (rf"""(\b\w*{_NAMES}=["'])[^"'\\]+""", rf"\1{FILTERED}"),
        (r"""(/(?:interactions|webhooks)/\d+/)[^/?#\s"'\\]+""", rf"\1{FILTERED}"),
        # Discord signs links to attachments with ex, is and hm; other hosts use names like those that follow.
        (
            r"""([?&;](?:ex|is|hm|[\w-]{0,20}(?:sig|signature|token|credential|key))=)[^&\s"'\\<>)]+""",
            rf"\1{FILTERED}",
        ),
    )
)
_SECRET_NAME = re.compile(rf"(?:^|_){_NAMES}$", re.IGNORECASE)

_ON_EVERY_LINE: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)

# Below these levels they say more than anyone can read, or, as Alembic does, nothing that an operator needs.
_LIBRARIES = {"aiosqlite": logging.INFO, "PIL": logging.INFO, "asyncio": logging.INFO, "alembic": logging.WARNING}
_CONNECTING = "discord.shard"  # tries again after each failure, and writes with each how it got there


def configure(
    *,
    level: str = "INFO",
    form: Literal["auto", "console", "json"] = "auto",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log line of the process through one pipeline; called again, it replaces what it set before.

    Args:
        level: the lowest level that is written.
        form: for people (console), a JSON object a line (json), or console on a terminal and else JSON (auto).
        secrets: values that must never be written, such as the bot's token and the gateway's key.
        stream: where to write; standard error by default.
    """
    output: TextIO = sys.stderr if stream is None else stream
    console = form == "console" or (form == "auto" and output.isatty())
    _hand_over_to_logging()
    handler = _Handler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_ON_EVERY_LINE,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _filter_named,
                *_renderers(console=console, colors=output.isatty()),
                SecretFilter(secrets),
            ],
        )
    )
    root = logging.getLogger()
    for previous in [handler for handler in root.handlers if isinstance(handler, _Handler)]:
        root.removeHandler(previous)
    root.addHandler(handler)
    root.setLevel(level)
    for library, lowest in _LIBRARIES.items():
        logging.getLogger(library).setLevel(max(root.level, lowest))
    logging.getLogger(_CONNECTING).addFilter(_briefly)  # one that is there already is not added again


def catch_the_uncaught() -> None:
    """Write into the log, without secrets, what the interpreter would print: failures of threads and of finalizers."""

    def in_a_thread(failed: threading.ExceptHookArgs) -> None:
        error = failed.exc_value
        _log.error("a defect ended the thread %s", failed.thread and failed.thread.name, exc_info=error)

    def in_a_finalizer(failed: "sys.UnraisableHookArgs") -> None:
        _log.error("a defect that nobody hears of: %s", failed.err_msg, exc_info=failed.exc_value)

    threading.excepthook = in_a_thread
    sys.unraisablehook = in_a_finalizer


def job_context(job_id: str) -> AbstractContextManager[None]:
    """Put `job=job_id` on each line written in the `with` block: ours, the libraries', those of tasks started there."""
    return structlog.contextvars.bound_contextvars(job=job_id)


class SecretFilter:
    """The last processor of the pipeline: takes secrets out of a finished line.

    It knows the values it is given, in plain, URL-quoted and JSON notation, and the shapes in which others appear:
    authorization headers, interaction and webhook URLs, signed links.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""), _json_form(secret))}
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict | str) -> str:
        """The line as it may be written (structlog hands the renderer's text to the processor behind it)."""
        return self.filter(str(line))

    def filter(self, text: str) -> str:
        """`text` without secrets."""
        if self._known is not None:
            text = self._known.sub(FILTERED, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


def _briefly(record: logging.LogRecord) -> bool:
    """Let a connection that failed be one line: there is nothing to mend in the program."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, OSError | aiohttp.ClientError):
        record.msg, record.args = "%s (%s: %s)", (record.getMessage(), type(error).__name__, error)
        record.exc_info = None
    return True


class _Handler(logging.StreamHandler[TextIO]):
    @override
    def handleError(self, record: logging.LogRecord) -> None:
        # The inherited way prints the arguments as they are, past the filter.
        self.stream.write(f"A log line of {record.name} ({record.filename}:{record.lineno}) could not be written.\n")


def _hand_over_to_logging() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_ON_EVERY_LINE,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _renderers(*, console: bool, colors: bool) -> tuple[Processor, ...]:
    if console:
        # A plain traceback: others wrap lines (a secret in two halves is not found) and print local variables.
        return (structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback),)
    return structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)


def _filter_named(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: FILTERED if _SECRET_NAME.search(key) else value for key, value in event.items()}


def _json_form(secret: str) -> str:
    return json.dumps(secret)[1:-1]
