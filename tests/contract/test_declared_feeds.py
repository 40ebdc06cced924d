"""Feeds and lists that a definition can describe and the examples do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from bridge.sdk.errors import ContractBroken
from bridge.sdk.records import Record, Unreadable
from tests.contract.declared_desk import NOON, Desk, get, post, read, rows

WINDOW = {"since": "{since}", "until": "{until}", "tu": "{offset}", "toi_da": "{limit}"}


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk() as made:
        yield made


def test_days_are_read_in_spans_up_to_today_and_again_with_an_overlap(desk: Desk) -> None:
    """First the days before the first start, then from the last reading on; unchanged rows once."""
    feed = {"kind": "window", "overlap": 1, "most_days": 3, "first_days": 4}
    adapter = desk.adapter(feed=feed, operations={"changes": get("ds", parameters=WINDOW)})
    desk.says["ds"] = lambda query, _: rows(query["since"])
    spans = [("2026-11-16", "2026-11-18"), ("2026-11-19", "2026-11-20")]
    names, warnings, cursor = read(adapter)
    assert names == ["2026-11-16", "2026-11-19"]
    assert [(q["since"], q["until"]) for _, q, _ in desk.asked] == spans
    desk.passes(days=4)
    desk.asked.clear()
    names, more_warnings, cursor = read(adapter, cursor)
    spans = [("2026-11-19", "2026-11-21"), ("2026-11-22", "2026-11-24")]
    assert [(q["since"], q["until"]) for _, q, _ in desk.asked] == spans
    assert names == ["2026-11-22"]
    assert warnings == more_warnings == []
    desk.says["ds"] = lambda *_: {"R": [{"So": "2026-11-23", "Ten": "đổi"}]}
    assert read(adapter, cursor)[0] == ["2026-11-23"]


def test_what_a_feed_of_today_missed_is_said_aloud(desk: Desk) -> None:
    """By times of day nothing of yesterday can be read: from when to when is told, once."""
    feed = {"kind": "window", "unit": "minute", "overlap": 10}
    adapter = desk.adapter(feed=feed, operations={"changes": get("nay", parameters=WINDOW)})
    desk.says["nay"] = lambda query, _: rows(query["since"].replace(":", "h"))
    names, warnings, cursor = read(adapter)
    assert (names, warnings) == (["00h00"], [])
    desk.passes(minutes=30)
    names, warnings, cursor = read(adapter, cursor)
    assert (names, warnings) == (["11h50"], [])
    assert desk.asked[-1][1]["until"] == "23:59"
    desk.passes(days=2)
    names, [warning], cursor = read(adapter, cursor)
    assert "12:30 20/11/2026 to 00:00 22/11/2026" in warning
    assert names == ["00h00"]
    assert read(adapter, cursor)[1] == []
    (left_out, *_) = adapter.check()
    assert "the feed shows only today" in left_out.detail


def test_rows_that_were_announced_and_not_found_are_said_once(desk: Desk) -> None:
    """A count that lies is told, and not again at every look while it lies on."""
    feed = {"kind": "window", "first_days": 0, "paging": {"kind": "offset", "limit": 10}}
    changes = get("ds", parameters=WINDOW, count="N")
    adapter = desk.adapter(feed=feed, operations={"changes": changes})
    desk.says["ds"] = lambda query, _: rows(*([1, 2] if query["tu"] == "0" else []), N=5)
    _, [warning], cursor = read(adapter)
    assert warning.startswith("3 of 5 announced rows were not found")
    assert read(adapter, cursor)[1] == []
    desk.says["ds"] = lambda *_: rows(1, N="nhiều")
    with pytest.raises(ContractBroken, match="N: is no number"):
        adapter.changes(cursor)


@pytest.mark.parametrize("kind", ["page", "cursor"])
def test_pages_by_number_and_by_cursor_are_read_to_their_end(desk: Desk, kind: str) -> None:
    """A list of five in pages of two; the last page is short, or says no next."""
    paging = {"kind": kind, "limit": 2, "first": 0}
    parameters = {"trang": "{page}", "tiep": "{cursor}"}
    listing = get("ds", parameters=parameters, next="Tiep")
    adapter = desk.adapter(listed={"paging": paging}, operations={"list": listing})

    def page(query: Mapping[str, str], _: Any) -> Any:
        place = int((query["trang"] if kind == "page" else query["tiep"]) or 0)
        following = {"Tiep": place + 1} if place < 2 else {}
        return rows(*range(2 * place, min(5, 2 * place + 2)), **following)

    desk.says["ds"] = page
    cursor, found, more = None, list[str](), True
    while more:
        one = adapter.list(NOON.date(), NOON.date(), cursor)
        found += [row.ref for row in one.records if isinstance(row, Record)]
        cursor, more = one.cursor, one.more
    assert found == ["0", "1", "2", "3", "4"]
    assert len(desk.asked) == 3


def test_a_feed_by_cursor_reads_json_in_a_text(desk: Desk) -> None:
    """What follows is asked for with the word the answer gave; the rows stand in a text."""
    changes = get(
        "ds", parameters={"tiep": "{cursor}"}, rows="value.R", next="Tiep", json_in="value"
    )
    adapter = desk.adapter(feed={"kind": "cursor", "first": "dau"}, operations={"changes": changes})
    said = {"dau": ('{"R": [{"So": "1"}]}', "b"), "b": ('\ufeff{"R": [{"So": "2"}, 3]}', "c")}
    desk.says["ds"] = lambda query, _: dict(
        zip(("value", "Tiep"), said.get(query["tiep"], ('{"R": []}', "c")), strict=True)
    )
    names, _, cursor = read(adapter)
    assert names[:2] == ["1", "2"]
    assert names[2].startswith("row ")
    assert cursor == "c"
    assert [query["tiep"] for _, query, _ in desk.asked] == ["dau", "b", "c"]
    desk.says["ds"] = lambda *_: {"value": "{hỏng", "Tiep": "d"}
    with pytest.raises(ContractBroken, match="should hold JSON"):
        adapter.changes(cursor)


def test_what_is_stored_is_acknowledged(desk: Desk) -> None:
    """Page by page until all is gone; what the ministry goes on showing leads no further."""
    left = ["1", "2", "3"]
    operations = {
        "changes": get("cho"),
        "acknowledge": post("nhan", request={"ids": "{refs}", "chuoi": "{refs_joined}"}),
    }
    feed = {"kind": "acknowledge", "paging": {"limit": 2}}
    adapter = desk.adapter(feed=feed, operations=operations)
    desk.says["cho"] = lambda *_: rows(*left[:2])

    def stored(_: Mapping[str, str], body: Any) -> Any:
        left[:] = [one for one in left if one not in body["ids"]]
        return {}

    desk.says["nhan"] = stored
    assert read(adapter)[0] == ["1", "2", "3"]
    assert [body for name, _, body in desk.asked if name == "nhan"] == [
        {"ids": ["1", "2"], "chuoi": "1;2"},
        {"ids": ["3"], "chuoi": "3"},
    ]
    desk.says |= {"cho": lambda *_: rows(8, 9), "nhan": lambda *_: {}}
    assert read(adapter)[0] == ["8", "9", "8", "9"]
    assert adapter.capabilities.feed == "acknowledge"


def test_rows_that_can_t_be_read_are_named_without_a_value(desk: Desk) -> None:
    """No number, no version, no time: each is set aside, its neighbour is read."""
    changes = get("ds", parameters={"sau": "{after}"}, version="V", at="Luc")
    adapter = desk.adapter(feed={"kind": "version"}, operations={"changes": changes})
    good = {"So": "1", "V": 3, "Luc": "2026-11-20T09:00:00"}
    spoilt: list[dict[str, Any]] = [
        {"So": "Nguyễn Văn Kín"},
        {"V": "ba"},
        {"Luc": "hôm qua"},
        {"So": None},
    ]
    desk.says["ds"] = lambda *_: {"R": [*({**good, **one} for one in spoilt), good]}
    page = adapter.changes(0)
    *unread, last = sorted(page.records, key=lambda one: isinstance(one, Record))
    assert isinstance(last, Record)
    assert (last.ref, last.version, page.cursor) == ("1", 3, 3)
    assert last.at is not None
    assert last.at.utcoffset() == timedelta(hours=7)
    told = [one for one in unread if isinstance(one, Unreadable)]
    assert sorted(str(one.field) for one in told) == ["Luc", "So", "So", "V"]
    assert "Kín" not in " ".join(f"{one.name} {one.reason}" for one in told)
