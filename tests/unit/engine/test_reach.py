from __future__ import annotations

import pytest

from bridge.engine.reconcile.asking import Reach, reach_of
from bridge.sdk.registry import Registry


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gplx", Reach.LIST),
        ("hotich", Reach.LIST),
        ("dkkd", Reach.LIST),
        ("dvcqg", Reach.NUMBER),
        ("lltp", Reach.CODE),
        ("yte", Reach.NOTHING),
    ],
)
def test_how_much_of_a_ministry_is_seen_follows_from_what_its_adapter_declares(
    name: str, expected: Reach
) -> None:
    """A list, a record by its number, a yes or no by code, or nothing: no adapter is asked for more."""
    assert reach_of(Registry.load().ministry(name).capabilities) is expected
