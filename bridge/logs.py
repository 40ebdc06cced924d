"""What the bridge says of itself: JSON lines from the daemon, plain lines from a command.

Only keys named here are written, and only plain values: whatever is not named is dropped and its
key listed, so a careless call can't put a citizen into a log. Tracebacks show where, not what:
an exception's message may quote a value. A log that can't be written (whoever read it has gone)
stops nothing and changes nothing (``bridge.lines``): the journal has it all.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping, Sequence
from types import TracebackType
from typing import Any, TextIO, TypeAlias, cast

import structlog

from bridge.domain.delivery import State
from bridge.domain.journal import Event
from bridge.lines import Lines
from bridge.store import Noted

__all__ = ["KNOWN_KEYS", "configure_command", "configure_daemon", "journalled"]

KNOWN_KEYS = frozenset({
    "action", "anchor", "applied", "attempt", "attempts", "cause", "clean", "code", "conflicts",
    "count", "cursor", "delivered", "delivery", "engine", "entries", "error", "error_id", "event",
    "field", "fields", "file", "hash", "host", "in_doubt", "job", "key", "kind", "level", "line",
    "listen", "logger",
    "mapping", "name", "operation", "outcome", "owner", "page", "path", "pending", "pid", "port",
    "procedure", "reason", "received", "ref", "revision", "rule", "seconds", "shard", "signal",
    "size", "source", "state", "status", "step", "steps", "system", "systems", "timestamp", "until",
    "url", "version", "what", "where", "why", "workers",
})  # fmt: skip
"""What a log line may hold: codes, counts, names of fields, times; no value of a dossier."""

STATES: Mapping[Event, State] = {
    Event.POSTED: State.PENDING,
    Event.SUPERSEDED: State.SUPERSEDED,
    Event.SENDING: State.SENDING,
    Event.PUT_BACK: State.PENDING,
    Event.RETRY: State.PENDING,
    Event.ACCEPTED: State.ACCEPTED,
    Event.CONFIRMED: State.CONFIRMED,
    Event.HELD: State.HELD,
    Event.IN_DOUBT: State.IN_DOUBT,
    Event.DEAD: State.DEAD,
}
"""The state a delivery is in after what was journalled of it, where the event says it alone."""

_PLAIN, _ITEM = (str, int, float), (str, int)
_SEVERAL = (list, tuple, set, frozenset)
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
LONGEST = 400
FOREIGN_LEVEL = logging.WARNING

_Event: TypeAlias = MutableMapping[str, Any]
_Caught: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_daemon(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Write JSON lines to ``stream`` (stderr): one object a line, UTF-8."""
    _configure(_json_line, stream, level)


def configure_command(stream: TextIO | None = None, level: int = logging.WARNING) -> None:
    """Write plain lines for a person to ``stream`` (stderr); only what needs attention."""
    _configure(_plain_line, stream, level)


def journalled(entries: Sequence[Noted]) -> None:
    """Log what a committed transaction journalled: a line an entry, with code and delivery.

    The journal is where every move is written down, so nothing that moves is missing here, and
    nothing that was rolled back is told. Of its details those on the list are repeated.
    """
    log = structlog.get_logger("dossier_bridge").bind()
    if not log.is_enabled_for(logging.INFO):
        return
    for code, system, event, detail in entries:
        state = STATES.get(event) if code is not None else None
        told = {key: value for key, value in detail.items() if key in KNOWN_KEYS}
        if state is not None:
            told["state"] = state.value
        log.info(event.value, code=code, system=system, **told)


def _configure(renderer: structlog.typing.Processor, stream: TextIO | None, level: int) -> None:
    chain: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _where_not_what,
        _known_only,
    ]
    output = Lines(stream or sys.stderr)
    structlog.configure(
        processors=[*chain, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", output)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_foreign, *chain],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, FOREIGN_LEVEL))


def _foreign(logger: object, method: str, event: _Event) -> _Event:
    """Keep of a library's line its logger and its template: the values filled in are not ours."""
    del logger, method
    record: logging.LogRecord = event["_record"]
    return {
        "event": str(record.msg),
        "logger": record.name,
        "_record": record,
        "_from_structlog": False,
        **({"exc_info": record.exc_info} if record.exc_info else {}),
    }


def _where_not_what(logger: object, method: str, event: _Event) -> _Event:
    """Turn an exception into its type and the place of its last frames, without its message."""
    del logger, method
    caught = _caught(event.pop("exc_info", None))
    if caught is not None:
        frames = traceback.extract_tb(caught[2])[-6:]
        event["error"] = caught[0].__name__
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _caught(given: object) -> _Caught | None:
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    kind, error, trace = (
        given if isinstance(given, tuple) else sys.exc_info() if given else (None,) * 3
    )
    return None if kind is None or error is None else (kind, error, trace)


def _known_only(logger: object, method: str, event: _Event) -> _Event:
    """Drop what is not on the list, or is not a plain value, and name the keys dropped."""
    del logger, method
    kept = {key: value for key, value in event.items() if key.startswith("_")}
    dropped = []
    for key, value in event.items():
        if key in kept:
            continue
        if key in KNOWN_KEYS and _is_plain(value):
            kept[key] = _shortened(value)
        else:
            dropped.append(key)
    if dropped:
        kept["dropped"] = sorted(dropped)
    return kept


def _is_plain(value: object) -> bool:
    if value is None or isinstance(value, _PLAIN):
        return True
    return isinstance(value, _SEVERAL) and all(isinstance(item, _ITEM) for item in value)


def _shortened(value: object) -> object:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else value


def _json_line(logger: object, method: str, event: Mapping[str, Any]) -> str:
    del logger, method
    line = _JSON.encode(event)
    try:
        line.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, as in the name of a strange file
        return json.dumps(event, sort_keys=True)
    return line


def _plain_line(logger: object, method: str, event: Mapping[str, Any]) -> str:
    """Render ``level: event key=value …``."""
    del logger, method
    rest = {
        key: value for key, value in event.items() if key not in ("level", "event", "timestamp")
    }
    words = " ".join(f"{key}={value}" for key, value in sorted(rest.items()))
    return f"{event.get('level', 'info')}: {event.get('event', '')} {words}".rstrip()
