"""Links: which record of which system is which dossier of ours, and what both agreed on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from bridge.domain.delivery import IN_FLIGHT
from bridge.store import tables
from bridge.store.chunks import insert_many, update_all, update_many
from bridge.store.columns import JsonText, written
from bridge.store.entries import Link
from bridge.store.lines import ENDED
from bridge.store.looks import MOST, each, named

_link = tables.link
_d = tables.delivery
_ROW = tuple(_link.c[one.name] for one in fields(Link))
_BARE = tuple(null().label(one.name) if one.name in {"base", "theirs"} else one for one in _ROW)
_WHOLE: Select[Any] = select(*_ROW)
_FEW: Select[Any] = select(*_BARE)

OPEN = "open"
IMPORTING = "importing"
ORPHAN = "orphan"
PAIRING = "pairing"
"""Paired by a person; the two are not compared yet, and nothing goes out before they are."""
PARTED = "parted"
"""Parted by a person: nothing goes out, and nothing of its record is taken in."""
WITHDRAWN = "withdrawn"
"""Its record is withdrawn, or on the way to be: the dossier is for another system."""
COMPARED = (OPEN, ORPHAN)
"""The states of a link whose record is compared with its dossier."""
_IS_ORPHAN = text("link.state = 'orphan'")
"""Spelt out: a database uses a partial index only for the condition it was made with."""

_OF_SYSTEM = _link.c.system == bindparam("system")
_ORPHANS = select(_link.c.code).where(_OF_SYSTEM, _IS_ORPHAN).order_by(_link.c.code)
_UNNUMBERED = (
    select(_link.c.id)
    .where(_OF_SYSTEM, _link.c.ref.is_(None), _link.c.base.is_not(None), _link.c.state == OPEN)
    .limit(1)
)
_ANY = select(_link.c.id).where(_OF_SYSTEM).limit(1)
_PAGE = (
    _WHOLE.where(_OF_SYSTEM, _link.c.code > bindparam("after")).order_by(_link.c.code).limit(MOST)
)
_CODES_OF_REFS = select(_link.c.ref, _link.c.code).where(
    _link.c.system == bindparam("of"), named(_link.c.ref, "keys")
)
_REFS_OF_CODES = select(_link.c.code, _link.c.ref).where(
    named(_link.c.code, "keys"),
    _OF_SYSTEM,
    _link.c.ref.is_not(None),
    _link.c.state != literal(PARTED),
)
_LAST_AGREED = (
    select(_link.c.ref)
    .where(
        _OF_SYSTEM,
        _link.c.ref.is_not(None),
        _link.c.base.is_not(None),
        _link.c.state == literal(OPEN),
    )
    .order_by(_link.c.id.desc())
    .limit(MOST)
)
_SHARDS = bindparam("shards", type_=_link.c.shard.type)
_RESHARD = (
    update(_link)
    .where(_link.c.system == bindparam("of"), _link.c.shard >= _SHARDS)
    .values(shard=_link.c.shard % _SHARDS)
)
_BLANK = (
    select(
        _link.c.id,
        (_link.c.ref.is_(None) & _link.c.base.is_(None)).label("blank"),
        _link.c.versions,
    )
    .where(named(_link.c.id, "keys"))
    .order_by(_link.c.id)
    .with_for_update()
)

_FIELDS = tuple(one.name for one in fields(Link))
_IN_JSON = tuple(isinstance(one.type, JsonText) for one in _ROW)
_AS_KEPT: Select[Any] = (
    select(
        *(
            type_coerce(one, Text) if plain else one
            for one, plain in zip(_ROW, _IN_JSON, strict=True)
        )
    )
    .where(named(_link.c.id, "keys"))
    .order_by(_link.c.id)
    .with_for_update()
)
"""What is kept as JSON is left as it lies there."""


@cache
def _by(
    column: str, *, of_system: bool = False, lock: bool = False, bare: bool = False
) -> Select[Any]:
    """The links with some keys in a column, by id."""
    query = (_FEW if bare else _WHOLE).where(named(_link.c[column], "keys"))
    query = query.where(_OF_SYSTEM) if of_system else query
    query = query.order_by(_link.c.id)
    return query.with_for_update() if lock else query


class _StatusIn(FunctionElement[int]):
    """The status in a column of plain JSON, ``NULL`` where there is none."""

    name = "status_in"
    type = Integer()
    inherit_cache = True


@compiles(_StatusIn, "sqlite")
def _extracted(element: _StatusIn, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **how)}, '$.status')"


@compiles(_StatusIn, "postgresql")
def _read_out(element: _StatusIn, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(CAST({compiler.process(element.clauses, **how)} AS json) ->> 'status' AS integer)"


class Had(NamedTuple):
    """How many links of a system: of dossiers it has, open or decided; never there, and in line."""

    open: int
    decided: int
    unsent: int


def _had() -> Select[Any]:
    line = (_d.c.link_id == _link.c.id) & _d.c.state.not_in(each(ENDED))
    flying = line & (_d.c.kind == "state") & _d.c.state.in_(each(one.value for one in IN_FLIGHT))
    in_line, on_its_way = (select(_d.c.id).where(one).exists() for one in (line, flying))
    there = or_(_link.c.base.is_not(None), _link.c.ref.is_not(None), on_its_way)
    has = _link.c.state.not_in(each((PARTED, WITHDRAWN))) & there
    status = func.coalesce(_StatusIn(_link.c.theirs), _StatusIn(_link.c.base), 0)
    decided = status.in_(bindparam("over", expanding=True))
    counted = [
        func.coalesce(func.sum(case((one, 1), else_=0)), 0)
        for one in (has & ~decided, has & decided, ~has & in_line)
    ]
    return select(*counted).where(_OF_SYSTEM)


_HAD = _had()


class Links:
    """The pairs, each once: unique by (code, system) and by (system, ref)."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def of_codes(
        self, codes: Collection[str], *, lock: bool = False
    ) -> dict[tuple[str, str], Link]:
        """Return the links of these dossiers by (code, system).

        ``lock`` keeps other writers from these links until the transaction ends.
        """
        return {(one.code, one.system): one for one in self._links(_by("code", lock=lock), codes)}

    def of_refs(self, system: str, refs: Collection[str]) -> dict[str, Link]:
        """Return the links of ``system`` with these numbers of its own."""
        links = self._links(_by("ref", of_system=True), refs, system=system)
        return {one.ref: one for one in links if one.ref is not None}

    def codes_of_refs(self, system: str, refs: Collection[str]) -> dict[str, str]:
        """Return whose records of ``system`` these are, as far as they are linked: codes by number."""
        rows = self._connection.execute(_CODES_OF_REFS, {"of": system, "keys": refs})
        return {row[0]: row[1] for row in rows}

    def refs_of_codes(self, system: str, codes: Collection[str]) -> dict[str, str]:
        """Return the numbers of the records of ``system`` that these dossiers have, by code."""
        rows = self._connection.execute(_REFS_OF_CODES, {"system": system, "keys": codes})
        return {row[0]: row[1] for row in rows}

    def last_agreed(self, system: str, most: int) -> list[str]:
        """Return the numbers of the records of ``system`` that were linked last, and that both sides agreed on."""
        rows = self._connection.execute(_LAST_AGREED, {"system": system, "most": most})
        return list(rows.scalars())

    def by_ids(
        self, ids: Collection[int], *, lock: bool = False, bare: bool = False
    ) -> dict[int, Link]:
        """Return links by id; ``lock`` as in ``of_codes``.

        ``bare`` leaves ``base`` and ``theirs`` unread (``None``): a progress step needs neither.
        """
        return {one.id: one for one in self._links(_by("id", lock=lock, bare=bare), ids)}

    def unmoved(self, links: Collection[Link]) -> list[Link]:
        """Return those of these links that are as they were read, and lock them as ``of_codes`` does.

        They are compared as they lie there, which costs half of reading them once more.
        """
        rows = self._connection.execute(_AS_KEPT, {"keys": [one.id for one in links]}).all()
        now = {row[0]: tuple(row) for row in rows}
        return [one for one in links if now.get(one.id) == _as_kept(one)]

    def unnumbered(self, system: str) -> bool:
        """Tell whether ``system`` took a dossier whose number of its own we do not know."""
        return self._connection.execute(_UNNUMBERED, {"system": system}).first() is not None

    def any_of(self, system: str) -> bool:
        """Tell whether there is any link of ``system``."""
        return self._connection.execute(_ANY, {"system": system}).first() is not None

    def page(self, system: str, after: str, most: int) -> list[Link]:
        """Return the links of ``system`` behind the one of this dossier, by code."""
        values = {"system": system, "after": after, "most": most}
        return [Link(*row) for row in self._connection.execute(_PAGE, values).all()]

    def had(self, system: str, over: Collection[int]) -> Had:
        """Count what ``system`` has; with a status ``over`` it is decided. Goes through all its links."""
        values = {"system": system, "over": sorted(over)}
        return Had(*self._connection.execute(_HAD, values).one())

    def lock(self, ids: Collection[int]) -> dict[int, bool]:
        """Keep other writers from these links, and their lines, until the transaction ends.

        Returns those the system is not known to have a record of (no number, nothing agreed), each
        with whether its dossier was ever sent there.
        """
        rows = self._connection.execute(_BLANK, {"keys": set(ids)})
        return {key: versions > 0 for key, blank, versions in rows if blank}

    def imported_codes(self) -> set[str]:
        """Return the dossiers that were taken over from a ministry."""
        query = select(_link.c.code).where(_link.c.imported)
        return set(self._connection.execute(query).scalars())

    def of_state(self, system: str, state: str) -> list[Link]:
        """Return the links of ``system`` in a state: a walk through all it has."""
        query = _WHOLE.where(_link.c.system == system, _link.c.state == state)
        return [Link(*row) for row in self._connection.execute(query.order_by(_link.c.id))]

    def orphans(self, system: str) -> list[str]:
        """Return the codes of the dossiers that were deleted under links of ``system``."""
        return list(self._connection.execute(_ORPHANS, {"system": system}).scalars())

    def open(
        self, pairs: Iterable[tuple[str, str]], shard_of: Mapping[tuple[str, str], int]
    ) -> dict[tuple[str, str], Link]:
        """Create links for these (code, system) pairs, with no number and nothing agreed yet."""
        rows = [
            self._blank(code, system, shard_of[code, system]) for code, system in sorted(set(pairs))
        ]
        if not rows:
            return {}
        insert_many(self._connection, _link, rows)
        wanted = {(row["code"], row["system"]) for row in rows}
        found = self.of_codes({code for code, _ in wanted})
        return {pair: one for pair, one in found.items() if pair in wanted}

    def reserve_imports(
        self, system: str, codes: Mapping[str, str], shard_of: Callable[[str], int]
    ) -> dict[str, Link]:
        """Commit which dossiers of ours records of ``system`` will be, before those are inserted.

        ``codes`` are those by the records' numbers, and so are the links that are returned.
        """
        rows = [
            self._blank(code, system, shard_of(code))
            | {"ref": ref, "state": IMPORTING, "imported": True}
            for ref, code in codes.items()
        ]
        insert_many(self._connection, _link, rows)
        return self.of_refs(system, list(codes))

    def change(self, link_id: int, **values: Any) -> None:
        """Set columns of one link."""
        self._connection.execute(update(_link).where(_link.c.id == link_id).values(values))

    def change_many(self, rows: Collection[Mapping[str, Any]]) -> None:
        """Set columns of many links; each mapping holds ``id`` and the new values."""
        update_many(self._connection, _link, rows)

    def change_all(self, ids: Collection[int], values: Mapping[str, Any]) -> None:
        """Set the same columns of all these links."""
        update_all(self._connection, _link, ids, values)

    def reshard(self, system: str, shards: int) -> None:
        """Give the links of shards that nobody works any more to those that are worked."""
        self._connection.execute(_RESHARD, {"of": system, "shards": shards})

    def _links(self, query: Select[Any], keys: Collection[Any], **values: Any) -> list[Link]:
        if not keys:
            return []
        rows = self._connection.execute(query, {"keys": keys} | values).all()
        return [Link(*row) for row in rows]

    def _blank(self, code: str, system: str, shard: int) -> dict[str, Any]:
        return {
            "code": code,
            "system": system,
            "ref": None,
            "state": OPEN,
            "imported": False,
            "shard": shard,
            "base": None,
            "theirs": None,
            "known": None,
            "theirs_hash": None,
            "theirs_version": None,
            "versions": 0,
            "stubborn": {},
            "rulings": None,
            "created_at": self._now,
        }


def _as_kept(link: Link) -> tuple[Any, ...]:
    """Return what a row of ``_AS_KEPT`` holds of a link."""
    values = (getattr(link, name) for name in _FIELDS)
    return tuple(
        written(value) if plain else value for value, plain in zip(values, _IN_JSON, strict=True)
    )
