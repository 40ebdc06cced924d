"""``pause``, ``resume``, ``push``, ``link``, ``unlink``, ``quarantine``: what they print and how they end."""

from __future__ import annotations

from tests.journey.town import GPLX, Town

from .conftest import Call


def test_a_pause_is_said_with_its_reason_and_ends_with_resume(call: Call, town: Town) -> None:
    """Said on both sides, and by status; pausing twice and resuming what runs do no harm."""
    town.key(GPLX)
    town.front()
    paused = call("pause", "gplx", "--reason", "họp  giao ban")
    assert (paused.code, paused.out) == (0, "")
    assert "Waiting in line: 1" in paused.err
    twice = call("pause", "gplx", "--reason", "lại nữa")
    assert twice.code == 0
    assert "paused already" in twice.err
    assert "họp giao ban" in twice.err
    [row] = call("status", "--json").document()["systems"]
    assert row["state"] == "paused"
    assert row["held"] == 1
    assert "họp giao ban" in row["reason"]
    resumed = call("resume", "gplx", "--lang", "vi")
    assert "gplx chạy lại (trước đó: tạm dừng)" in resumed.err
    assert call("resume", "gplx").code == 0
    assert [row.detail["reason"] for row in town.journal("decided")] == [
        "họp giao ban",
        "no reason was given",
    ]


def test_a_pause_needs_a_reason_and_a_system_that_is_there(call: Call, town: Town) -> None:
    """Without a reason, or for a system that is not configured: ends with 2, and changes nothing."""
    assert call("pause", "gplx").code == 2
    assert call("pause", "gplx", "--reason", "  ").code == 2
    assert call("pause", "gplix", "--reason", "vì thế").code == 2
    assert call("resume", "gplix").code == 2
    assert town.journal("decided") == []
