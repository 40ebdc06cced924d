"""A log line holds what is on the list and nothing of a citizen, whoever wrote it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from bridge.domain.journal import Event
from bridge.logs import configure_command, configure_daemon, journalled
from bridge.store import Store, upgrade

NAME = "Nguyễn Văn Mẫu"
CODE = "H40.05-261120-0001"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _fail() -> None:
    raise ValueError(NAME)


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_daemon_writes_one_json_object_a_line() -> None:
    """Each line is an object with level, time, event and the keys that are on the list."""
    stream = io.StringIO()
    configure_daemon(stream)
    structlog.get_logger().info("đã gửi", system="gplx", code="H40.05-261120-0001", count=2)
    [line] = _lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "event": "đã gửi",
        "system": "gplx",
        "code": "H40.05-261120-0001",
        "count": 2,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"applicant_name": NAME},
        {"body": {"HoTen": NAME}},
        {"fields": [{"name": NAME}]},
        {"reason": {"name": NAME}},
        {"name": object()},
    ],
)
def test_what_is_not_on_the_list_is_dropped_and_named(fields: dict[str, Any]) -> None:
    """Unknown keys and values that are not plain never reach the log; their keys do."""
    stream = io.StringIO()
    configure_daemon(stream)
    structlog.get_logger().warning("x", **fields)
    [line] = _lines(stream)
    assert NAME not in stream.getvalue()
    assert line["dropped"] == list(fields)


def test_a_traceback_tells_where_and_not_what() -> None:
    """An exception is logged by type and place; its message, which may quote a value, is not."""
    stream = io.StringIO()
    configure_daemon(stream)
    try:
        _fail()
    except ValueError:
        structlog.get_logger().exception("failed")
    [line] = _lines(stream)
    assert NAME not in stream.getvalue()
    assert line["error"] == "ValueError"
    assert "test_logs.py" in line["where"][-1]


def test_a_library_s_line_keeps_its_words_and_loses_its_values() -> None:
    """Standard logging of a library is one JSON line too, without what was filled in."""
    stream = io.StringIO()
    configure_daemon(stream)
    logging.getLogger("apscheduler").warning("job of %s failed", NAME)
    logging.getLogger("httpx").info("GET %s", NAME)
    try:
        _fail()
    except ValueError:
        logging.getLogger("apscheduler").exception("job %s raised", NAME)
    first, second = _lines(stream)
    assert NAME not in stream.getvalue()
    assert (first["logger"], first["event"]) == ("apscheduler", "job of %s failed")
    assert second["error"] == "ValueError"


def test_a_command_writes_plain_lines_and_only_what_needs_attention() -> None:
    """A command's log is for a person: no JSON, nothing below a warning."""
    stream = io.StringIO()
    configure_command(stream)
    structlog.get_logger().info("hidden")
    structlog.get_logger().warning("does not work", job="poll gplx", applicant=NAME)
    assert stream.getvalue() == "warning: does not work dropped=['applicant'] job=poll gplx\n"


def test_a_long_text_is_shortened() -> None:
    """One line can't eat the disk."""
    stream = io.StringIO()
    configure_daemon(stream)
    structlog.get_logger().warning("x", reason="r" * 10_000)
    assert len(stream.getvalue()) < 700


def test_every_move_is_a_line_with_code_and_delivery(tmp_path: Path) -> None:
    """What a transaction journals is logged once it is committed; what is rolled back never is."""
    url = f"sqlite:///{tmp_path}/store.db"
    upgrade(url)
    stream = io.StringIO()
    configure_daemon(stream)
    store = Store(url, lambda: datetime.now(UTC), on_journal=journalled)
    with store.write("settle") as unit:
        unit.journal.add(
            Event.DEAD, code=CODE, system="gplx", delivery=7, cause="refused", note=NAME
        )
        unit.journal.add(Event.HELD, system="gplx", state="maintenance")
        assert stream.getvalue() == ""
    with suppress(ZeroDivisionError), store.write("settle") as unit:
        unit.journal.add(Event.DEAD, code=CODE, system="gplx", delivery=8)
        raise ZeroDivisionError
    store.close()
    dead, held = _lines(stream)
    assert dead.pop("timestamp")
    assert dead == {
        "level": "info",
        "event": "dead",
        "code": CODE,
        "system": "gplx",
        "delivery": 7,
        "state": "dead",
        "cause": "refused",
    }
    assert (held["event"], held["system"], held["state"]) == ("held", "gplx", "maintenance")


def test_half_a_letter_costs_no_line() -> None:
    """A name that is no UTF-8 (a strange file's) is written escaped."""
    stream = io.StringIO()
    configure_daemon(stream)
    structlog.get_logger().warning("x", file="a\udce1.xml")
    assert _lines(stream)[0]["file"] == "a\udce1.xml"


def test_a_log_nobody_reads_any_more_stops_nothing() -> None:
    """The stream is closed: what was committed stays committed, and nobody is told of an error."""
    stream = io.StringIO()
    configure_daemon(stream)
    stream.close()
    journalled([(CODE, "gplx", Event.CONFIRMED, {"delivery": 7})])
