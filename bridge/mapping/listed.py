"""The transforms that look into a code list, by a day of the dossier.

The day is that of ``received_at`` unless the rule names another path (``on``).
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from bridge.mapping.errors import Reason, Unfit
from bridge.mapping.lists import View, folded
from bridge.mapping.transforms import Codes, Kind, Listing, Transform

RECEIVED = "received_at"

_NO_WORD = Reason("not one word", "không đúng dạng")


def _unbound(_value: Any) -> Any:
    raise TypeError("a code list is looked into by the day of a dossier")


def _asked(argument: Any, *more: str) -> tuple[str, str, str | None]:
    """Return the list, the path of the day, and the table of names; raises ``ValueError``."""
    given = {"list": argument} if isinstance(argument, str) else argument
    keys = {"list", "on", *more}
    sound = isinstance(given, Mapping) and "list" in given and given.keys() <= keys
    if not sound or not all(isinstance(one, str) and one for one in given.values()):
        raise ValueError(f"expected a list, or a table of {', '.join(sorted(keys))}")
    return given["list"], given.get("on", RECEIVED), given.get("names")


def _made(word: str, listing: Listing, names: str | None = None) -> Transform:
    name = f"{word} {listing.list}"
    name += f" as {names}" if names else ""
    name += f" on {listing.on}" if listing.on != RECEIVED else ""
    return Transform(name, _unbound, _unbound, table=names, listing=listing)


def _word(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Unfit(_NO_WORD)
    return str(value)


def _listed(argument: Any, codes: Mapping[str, Codes]) -> Transform:
    name, on, names = _asked(argument, "names")
    if names is not None:
        return _by_names(name, on, names, codes)

    def lower(value: Any, view: View) -> Any:
        return view.table(name).code_of(_word(value), view.day(on), spelt=True)

    def lift(value: Any, view: View) -> Any:
        return view.table(name).name_of(_word(value), view.day(on))

    return _made("listed", Listing(name, on, lower, lift, _sample_name))


def _by_names(name: str, on: str, names: str, codes: Mapping[str, Codes]) -> Transform:
    """Return what goes from a value of ours over its name in the table ``names`` to the code."""
    if names not in codes:
        raise ValueError(f'unknown code table "{names}"')
    table = codes[names]
    inward = {folded(word): value for word, value in table.inward.items()}
    wordless = Reason(
        f"the system has no word for this value (code table {names})",
        "có giá trị mà hệ thống của bộ không nhận",
    )
    strange = Reason(f"its name is not in the code table {names}", f"có tên ngoài bảng mã {names}")

    def lower(value: Any, view: View) -> Any:
        known = view.table(name)
        if isinstance(value, (str, int)) and value in table.outward:
            return known.code_of(str(table.outward[value]), view.day(on), spelt=False)
        if table.partial:
            return None
        raise Unfit(wordless)

    def lift(value: Any, view: View) -> Any:
        found = view.table(name).name_of(_word(value), view.day(on))
        try:
            return inward[folded(found)]
        except KeyError:
            raise Unfit(strange) from None

    def sample(random: Random, rows: Mapping[str, str]) -> Any:
        known = [inward[key] for key in map(folded, rows.values()) if key in inward]
        return random.choice(known) if known else None

    return _made("listed", Listing(name, on, lower, lift, sample), names)


def _named(argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    name, on, _ = _asked(argument)

    def lower(value: Any, view: View) -> Any:
        return view.table(name).name_of(_word(value), view.day(on))

    def lift(value: Any, view: View) -> Any:
        return view.table(name).code_of(_word(value), view.day(on), spelt=True)

    return _made("named", Listing(name, on, lower, lift, _sample_code))


def _on_list(argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    name, on, _ = _asked(argument)

    def lower(value: Any, view: View) -> Any:
        table, day = view.known(name), view.day(on)
        if table is not None and not table.holds(_word(value), day):
            raise table.unknown(_word(value), day)
        return value

    def lift(value: Any, _view: View) -> Any:
        return value

    listing = Listing(name, on, lower, lift, _sample_name, needed=False)
    return _made("on_list", listing)


def _sample_name(random: Random, rows: Mapping[str, str]) -> str:
    return random.choice(list(rows.values()))


def _sample_code(random: Random, rows: Mapping[str, str]) -> str:
    return random.choice(list(rows))


LISTED: Mapping[str, Kind] = {
    "listed": Kind(
        _listed,
        "list",
        "the code of our name in a code list on the day of the dossier, and back; with `names`, "
        "of our value's name in a code table",
    ),
    "named": Kind(_named, "list", "the name of our code in a code list on that day, and back"),
    "on_list": Kind(
        _on_list, "list", "goes as it is; where the list was read, what is not on it is refused"
    ),
}
