"""What two edits of one dossier come to: a three-way decision, field by field. Pure and total.

``base`` is what both sides last agreed on, ``ours`` what the one-stop shows now, ``theirs`` what
the ministry shows now. The owner of a field wins; where nobody owns it, or a status would move
as the law does not allow, a person decides. Nothing gives way in silence: what loses is named.
Source: contracts/systems.md, "Status" and "Field authority".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

from bridge.domain.authority import Owner, status_owner
from bridge.domain.dossier import Fields, Json
from bridge.domain.status import legal, reopening

STATUS = "status"
TAKEN_BACK = "taken_back"
NEVER_PUSHED = (1, 3)
ENDS = (7, 10)
"""Withdrawn and handed over: how the counter ends a dossier."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Something a person must decide.

    ``why``: ``no_owner``, ``illegal_move``, ``not_ours`` (the ministry says withdrawn or handed
    over and the counter did not), ``reopening``, ``never_equal``, ``taken_back`` (what only the
    ministry says is gone there since it was set back).
    """

    path: str
    ours: Json
    theirs: Json
    base: Json
    why: str


@dataclass(frozen=True, slots=True)
class Loss:
    """An edit of one side (``loser``) that gave way to the field's owner."""

    path: str
    lost: Json
    kept: Json
    loser: str


class Take(StrEnum):
    """Whose value of a field a person lets stand."""

    ONESTOP = "onestop"
    """Ours: it goes out."""
    MINISTRY = "ministry"
    """Theirs: it comes in."""
    NEITHER = "neither"
    """Each side keeps its own, and nothing is sent or written on its account."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person decided of a field when the sides showed ``ours`` and ``theirs``.

    It holds for these two values alone: once a side shows another, the rules decide again.
    """

    ours: Json
    theirs: Json
    take: Take

    def holds(self, ours: Json, theirs: Json) -> bool:
        """Tell whether the sides show what was decided about."""
        return (self.ours, self.theirs) == (ours, theirs)


@dataclass(frozen=True)
class Decision:
    """What becomes of every field that is not as both sides left it.

    ``out`` goes to the ministry, ``into`` goes into the one-stop, ``agreed`` moves the base at
    once; ``waits`` is a status the clerk keyed that only the ministry may say. ``ruled`` is what a
    person decided before, for the values of now.
    """

    out: Mapping[str, Json] = field(default_factory=dict)
    into: Mapping[str, Json] = field(default_factory=dict)
    agreed: Mapping[str, Json] = field(default_factory=dict)
    waits: Mapping[str, Json] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()
    losses: tuple[Loss, ...] = ()
    ruled: Mapping[str, Take] = field(default_factory=dict)

    @property
    def unchanged(self) -> bool:
        """Whether there is nothing to do, to note or to decide."""
        return not (self.out or self.into or self.agreed or self.waits or self.clashes)


@dataclass
class _Slip:
    """The decision as it is written, one field after the other."""

    out: dict[str, Json] = field(default_factory=dict)
    into: dict[str, Json] = field(default_factory=dict)
    agreed: dict[str, Json] = field(default_factory=dict)
    waits: dict[str, Json] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    ruled: dict[str, Take] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Edit:
    """One field on the table."""

    path: str
    base: Json
    ours: Json
    theirs: Json
    paired: bool
    """Both sides have a value but none was ever agreed: two records found to be one."""

    @property
    def ours_moved(self) -> bool:
        return self.ours != self.base

    @property
    def theirs_moved(self) -> bool:
        return self.theirs != self.base

    def clash(self, why: str) -> Clash:
        return Clash(self.path, self.ours, self.theirs, self.base, why)

    def ours_lost(self) -> Loss:
        return Loss(self.path, self.ours, self.theirs, "onestop")

    def theirs_lost(self) -> Loss:
        return Loss(self.path, self.theirs, self.ours, "ministry")


def decide(  # noqa: C901, PLR0913 - a field in each of its cases; all that is known of the system
    base: Fields | None,
    ours: Fields,
    theirs: Fields | None,
    *,
    owner: Callable[[str], Owner],
    outgoing: frozenset[str],
    incoming: frozenset[str],
    status_out: Collection[int] = (),
    mirror: bool = False,
    rulings: Mapping[str, Ruling] | None = None,
) -> Decision:
    """Decide every field the system's mapping carries.

    ``base`` is ``None`` when nothing was ever agreed, ``theirs`` when nothing is known of the
    ministry's side. ``status_out`` are the statuses the system has a word for. A ``mirror``
    shows the one-stop's dossier and owns nothing. ``rulings`` go before every rule.
    """
    slip = _Slip()
    ruled = rulings or {}
    agreed = base or {}
    for path in _in_order(outgoing, incoming):
        before, here = agreed.get(path), ours.get(path)
        shown = shown_of(path, base, theirs, incoming)
        if here == before == shown:
            continue
        if path in ruled and ruled[path].holds(here, shown):
            _as_ruled(slip, path, ruled[path])
            continue
        if mirror and path != STATUS:
            if here != before:
                slip.out[path] = here
            continue
        paired = base is None and shown is not None
        edit = _Edit(path, before, here, shown, paired)
        if mirror:
            _mirrored_status(slip, edit, fresh=base is None)
        elif path == STATUS:
            _status(slip, edit, status_out, fresh=base is None)
        elif path not in incoming:
            if edit.ours_moved:
                slip.out[path] = edit.ours
        elif path not in outgoing:
            _inward(slip, edit, owner(path))
        else:
            _both_ways(slip, edit, owner(path))
    return Decision(
        slip.out,
        slip.into,
        slip.agreed,
        slip.waits,
        tuple(slip.clashes),
        tuple(slip.losses),
        slip.ruled,
    )


def shown_of(
    path: str, base: Fields | None, theirs: Fields | None, incoming: frozenset[str]
) -> Json:
    """Return what the ministry shows of a field: what was agreed, where it shows nothing."""
    before = (base or {}).get(path)
    return before if theirs is None or path not in incoming else theirs.get(path, before)


def _as_ruled(slip: _Slip, path: str, ruling: Ruling) -> None:
    slip.ruled[path] = ruling.take
    match ruling.take:
        case Take.ONESTOP:
            slip.out[path] = ruling.ours
        case Take.MINISTRY:
            slip.into[path] = ruling.theirs
        case Take.NEITHER:
            pass
        case _:
            assert_never(ruling.take)


@lru_cache
def _in_order(outgoing: frozenset[str], incoming: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(outgoing | incoming))


def _mirrored_status(slip: _Slip, edit: _Edit, *, fresh: bool) -> None:
    if not edit.ours_moved:
        return
    if not (fresh or _may(edit.base, edit.ours)):
        slip.clashes.append(edit.clash("illegal_move"))
    elif edit.ours in NEVER_PUSHED:
        slip.waits[edit.path] = edit.ours
    else:
        slip.out[edit.path] = edit.ours


def _inward(slip: _Slip, edit: _Edit, owner: Owner) -> None:
    """A field only the ministry tells; what the clerk keys beside it stays in the one-stop.

    The base does not follow such an edit: the ministry never agreed to it, and would seem to
    take it back the next time it shows what it has always shown.
    """
    if edit.ours == edit.theirs:
        if edit.ours_moved:
            slip.agreed[edit.path] = edit.ours
    elif owner is Owner.MINISTRY:
        if edit.theirs_moved or edit.theirs is not None:
            _theirs_win(slip, edit)
    elif owner is not Owner.ONESTOP and edit.theirs_moved and edit.theirs is not None:
        if edit.ours_moved:
            slip.clashes.append(edit.clash("no_owner"))
        else:
            slip.into[edit.path] = edit.theirs


def _both_ways(slip: _Slip, edit: _Edit, owner: Owner) -> None:
    if edit.ours == edit.theirs:
        if edit.ours_moved:
            slip.agreed[edit.path] = edit.ours
    elif owner is Owner.ONESTOP:
        _ours_win(slip, edit)
    elif owner is Owner.MINISTRY and (edit.theirs is not None or edit.theirs_moved):
        _theirs_win(slip, edit)
    elif edit.ours_moved and edit.theirs_moved:
        slip.clashes.append(edit.clash("no_owner"))
    elif edit.theirs_moved and edit.theirs is not None:
        slip.into[edit.path] = edit.theirs
    else:
        _ours_win(slip, edit)


def _ours_win(slip: _Slip, edit: _Edit) -> None:
    slip.out[edit.path] = edit.ours
    if edit.theirs_moved:
        slip.losses.append(edit.theirs_lost())


def _theirs_win(slip: _Slip, edit: _Edit) -> None:
    slip.into[edit.path] = edit.theirs
    if edit.ours_moved:
        slip.losses.append(edit.ours_lost())


def _status(slip: _Slip, edit: _Edit, status_out: Collection[int], *, fresh: bool) -> None:
    """The status: each value has its owner, and only legal moves are made."""
    if edit.ours == edit.theirs:
        if edit.ours_moved:
            slip.agreed[STATUS] = edit.ours
    elif edit.paired:
        _status_both(slip, edit, status_out)
    elif fresh:
        slip.agreed[STATUS] = edit.ours
    elif edit.ours_moved and edit.theirs_moved:
        _status_both(slip, edit, status_out)
    elif edit.ours_moved:
        _status_ours(slip, edit, status_out)
    else:
        _status_theirs(slip, edit, status_out)


def _status_ours(slip: _Slip, edit: _Edit, status_out: Collection[int]) -> None:
    """Only we moved the status; an end the system has no word for is agreed, and so said once."""
    if not _may(edit.base, edit.ours):
        slip.clashes.append(edit.clash("illegal_move"))
    elif _owner(edit.ours) is Owner.MINISTRY:
        slip.waits[STATUS] = edit.ours
    elif _told(edit.ours, status_out):
        slip.out[STATUS] = edit.ours
    elif edit.ours in ENDS:
        slip.agreed[STATUS] = edit.ours
    # a reception is not agreed: beside it the ministry's old status would look like a new one


def _status_theirs(slip: _Slip, edit: _Edit, status_out: Collection[int]) -> None:
    if edit.theirs is None:
        return
    if _owner(edit.theirs) is not Owner.MINISTRY:
        _counters_word(slip, edit)
    elif _may(edit.ours, edit.theirs):
        slip.into[STATUS] = edit.theirs
    elif not _behind(edit, status_out):
        slip.clashes.append(edit.clash(_why(edit)))


def _status_both(slip: _Slip, edit: _Edit, status_out: Collection[int]) -> None:
    if _told(edit.ours, status_out) and _may(edit.theirs, edit.ours):
        slip.out[STATUS] = edit.ours
        if edit.theirs is not None:
            slip.losses.append(edit.theirs_lost())
    elif _owner(edit.theirs) is not Owner.MINISTRY:
        _counters_word(slip, edit)
    elif _may(edit.ours, edit.theirs):
        slip.into[STATUS] = edit.theirs
        if edit.ours_moved and _owner(edit.ours) is Owner.MINISTRY:
            slip.losses.append(edit.ours_lost())
    elif _behind(edit, status_out):
        slip.agreed[STATUS] = edit.ours
        slip.losses.append(edit.theirs_lost())
    else:
        slip.clashes.append(edit.clash(_why(edit)))


def _counters_word(slip: _Slip, edit: _Edit) -> None:
    """The ministry shows a status only the counter may set: reception is no news, an end is."""
    if edit.theirs in ENDS:
        slip.clashes.append(edit.clash("not_ours"))


def _told(status: Json, status_out: Collection[int]) -> bool:
    """Tell whether the system is told of ``status``: it has a word, and it is the counter's."""
    return status in (2, *ENDS) and status in status_out


def _behind(edit: _Edit, status_out: Collection[int]) -> bool:
    """Tell whether the system works on because it can't be told of the dossier's end."""
    return edit.ours in ENDS and not _told(edit.ours, status_out) and _may(edit.theirs, edit.ours)


def _why(edit: _Edit) -> str:
    ours, theirs = edit.ours, edit.theirs
    if isinstance(ours, int) and isinstance(theirs, int) and reopening(ours, theirs):
        return "reopening"
    return "illegal_move"


def _owner(status: Json) -> Owner:
    return status_owner(status) if isinstance(status, int) else Owner.NOBODY


def _may(old: Json, new: Json) -> bool:
    return isinstance(new, int) and legal(old if isinstance(old, int) else None, new)
