from __future__ import annotations

from typing import Any

from bridge.sdk.hashing import content_hash


def test_the_order_of_keys_does_not_matter_and_any_value_does() -> None:
    """Equal facts have one hash at every depth; a changed, added or reordered value another."""
    one = content_hash({"a": 1, "b": [{"x": "ơ", "y": None}]})
    assert one == content_hash({"b": [{"y": None, "x": "ơ"}], "a": 1})
    others: list[dict[str, Any]] = [
        {"a": "1", "b": [{"x": "ơ", "y": None}]},
        {"a": 1, "b": [{"x": "o", "y": None}]},
        {"a": 1, "b": []},
        {"a": 1, "b": [{"x": "ơ", "y": None}], "c": None},
    ]
    assert len({one, *(content_hash(other) for other in others)}) == 5
