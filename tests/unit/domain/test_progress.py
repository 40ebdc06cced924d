"""Ids that depend on nothing but the facts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from bridge.domain.dossier import valid_code
from bridge.domain.progress import import_code, import_prefix, notice_id, step_id, supplement_id

AT = datetime(2026, 11, 20, 9, 15, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def test_ids_are_the_same_in_every_release() -> None:
    """The ids written in one-stop databases stay what they are: a new release repeats none."""
    assert step_id("gplx", "GPLX-0000017", "4", "112") == "6903dcc3-5d24-5a2a-8ff7-b312bd4dbc54"
    assert supplement_id("gplx", "GPLX-0000017", "113") == "a447114a-280c-51c5-9435-b91e75f6578d"
    assert notice_id("H40.07-261120-0001", "gplx", "dead", "applicant.name", AT) == (
        "2c1e322b-b456-5b52-9406-3a28c6606968"
    )


def test_each_fact_makes_another_step() -> None:
    """Another system, record, status or version is another step."""
    ids = {
        step_id("gplx", "GPLX-0000017", "4", "112"),
        step_id("yte", "GPLX-0000017", "4", "112"),
        step_id("gplx", "GPLX-0000018", "4", "112"),
        step_id("gplx", "GPLX-0000017", "5", "112"),
        step_id("gplx", "GPLX-0000017", "4", "113"),
    }
    assert len(ids) == 5


def test_facts_do_not_run_into_each_other() -> None:
    """A letter that moves from one fact to the next makes another id."""
    assert step_id("gplx", "A1", "4", "12") != step_id("gplx", "A", "14", "12")
    assert step_id("gplx", "A", "4", "12") != step_id("gplx", "A", "41", "2")


def test_a_step_is_not_a_supplement() -> None:
    """Two tables, one record, one version: the ids differ."""
    assert step_id("gplx", "A", "5", "1") != supplement_id("gplx", "A", "1")


def test_a_notice_given_again_later_is_another_notice() -> None:
    """A cause that comes back after it was mended is told again."""
    first = notice_id("H40.07-261120-0001", "gplx", "dead", None, AT)
    again = notice_id("H40.07-261120-0001", "gplx", "dead", None, AT.replace(minute=16))
    assert first != again


def test_ids_are_uuids() -> None:
    """The one-stop's columns hold UUIDs: name-based ones, version 5."""
    assert UUID(step_id("yte", "YT-26-000031", "9", "7")).version == 5


@pytest.mark.parametrize("number", [1, 42, 999_999])
def test_an_import_code_is_a_dossier_code(number: int) -> None:
    """Agency, day of reception, M and six digits: software that checks codes accepts it."""
    code = import_code("000.00.07.H40", AT, number)
    assert code == f"000.00.07.H40-261120-M{number:06d}"
    assert valid_code(code)


def test_the_day_of_an_import_code_is_the_ministrys() -> None:
    """Received at seven in the evening UTC is the next day where the ministry is."""
    received = datetime(2026, 11, 20, 19, 0, tzinfo=UTC).astimezone(AT.tzinfo)
    assert import_prefix("H40.07", received) == "H40.07-261121-M"
