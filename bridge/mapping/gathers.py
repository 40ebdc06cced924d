"""The transforms that take several values, or the rows of a list; outward only.

They come first in ``via`` and get the values of ``from`` in order, nothings included. Rows have
passed the rule's ``where`` and ``known`` before.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bridge.domain.status import NAMES
from bridge.mapping.dated import DATED
from bridge.mapping.errors import Reason, Unfit
from bridge.mapping.listed import LISTED
from bridge.mapping.transforms import SINGLE, Codes, Kind, Transform, fresh


def _const(value: Any, _codes: Mapping[str, Codes]) -> Transform:
    shown = {"": '""'}.get(value, value) if isinstance(value, str) else value
    return Transform(f"const {shown}", lambda _values: fresh(value), None, gathers=True)


def _first_of(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    def lower(values: list[Any]) -> Any:
        return next((value for value in values if value is not None), None)

    return Transform("first_of", lower, None, gathers=True)


def _or_status_name(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    def lower(values: list[Any]) -> Any:
        *texts, status = values
        return next((text for text in texts if text is not None), NAMES.get(status))

    return Transform("or_status_name", lower, None, gathers=True)


def _present(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    def lower(values: list[Any]) -> str:
        return "1" if all(value is not None for value in values) else "0"

    return Transform("present", lower, None, gathers=True)


def _any(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    return Transform("any", lambda values: "1" if values[0] else "0", None, gathers=True)


def _first(key: Any, _codes: Mapping[str, Codes]) -> Transform:
    def lower(values: list[Any]) -> Any:
        found = (row.get(key) for row in values[0] or ())
        return next((value for value in found if value is not None), None)

    return Transform(f"first {key}", lower, None, gathers=True, keys=(str(key),))


def _total(key: Any, _codes: Mapping[str, Codes]) -> Transform:
    wrong = Reason("not amounts of VND", "có dòng không phải là số tiền")

    def lower(values: list[Any]) -> Any:
        if not values[0]:
            return None
        try:
            amounts = [Decimal(str(row.get(key) or 0)) for row in values[0]]
        except ArithmeticError:
            raise Unfit(wrong) from None
        return f"{sum(amounts, Decimal(0)):f}"

    return Transform(f"total {key}", lower, None, gathers=True, keys=(str(key),))


GATHERING: Mapping[str, Kind] = {
    "const": Kind(_const, "value", "what the contract fixes; the rule has no `ours`"),
    "first_of": Kind(_first_of, "", "the first of `from` that is known: a declared fallback"),
    "or_status_name": Kind(
        _or_status_name,
        "",
        "the first text of `from`, else the national name of the status, its last",
    ),
    "present": Kind(_present, "", "`1` when all of `from` is known, else `0`"),
    "any": Kind(_any, "", "`1` when the list in `from` has a row, else `0`"),
    "first": Kind(_first, "key", "the key's first value in the rows of the list in `from`"),
    "total": Kind(_total, "key", "the key's sum over the rows of the list in `from`"),
}

KINDS: Mapping[str, Kind] = {**SINGLE, **DATED, **LISTED, **GATHERING}
