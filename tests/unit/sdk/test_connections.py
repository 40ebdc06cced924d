"""A connection has one borrower at a time, and none outlives the word to close."""

from __future__ import annotations

import httpx
import pytest

from bridge.sdk.connections import Connections


def connections(most: int = 2) -> Connections[httpx.Client]:
    return Connections(
        lambda: httpx.Client(trust_env=False),
        most,
        0.0,
        crowded=lambda: httpx.PoolTimeout("all connections are in use"),
        sound=lambda client: not client.is_closed,
    )


def test_two_calls_at_once_have_two_connections_and_the_next_takes_the_last_used() -> None:
    """What comes back is lent again, the last first."""
    made = connections()
    with made.lent() as first:
        with made.lent() as second:
            assert first is not second
        with made.lent() as third:
            assert third is second
    with made.lent() as fourth:
        assert fourth is first
    made.close()


def test_who_finds_none_free_is_told_that_nothing_was_sent() -> None:
    """At most so many at once; what was in use by a call that failed is free again."""
    made = connections(1)
    with made.lent(), pytest.raises(httpx.PoolTimeout), made.lent():
        pass
    with pytest.raises(httpx.ReadError), made.lent():
        raise httpx.ReadError("cut")
    with made.lent() as client:
        assert not client.is_closed
    made.close()


def test_what_is_lent_while_it_is_closed_is_closed_when_it_comes_back() -> None:
    """Closing twice is harmless, and the next call has a new connection."""
    made = connections()
    with made.lent() as first:
        made.close()
        made.close()
        assert not first.is_closed
    assert first.is_closed
    with made.lent() as second:
        assert second is not first
    made.close()
    assert second.is_closed


def test_what_is_broken_is_never_lent_again() -> None:
    """A connection that breaks while it is lent, or while it is idle, is left, and a new one made."""
    made = connections()
    with made.lent() as first:
        first.close()
    with made.lent() as second:
        assert second is not first
    second.close()
    with made.lent() as third:
        assert third is not second
        assert not third.is_closed
    made.close()
