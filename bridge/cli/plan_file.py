"""A plan in a file: what a comparison would do, to be looked at and then done, and nothing else.

One JSON document a line: first what the plan is of, then a repair a line, last how many there are
and a digest of them. Each line of a repair bears a digest of its own, so that one that was changed
by hand is named. No personal value is in it: the world it was made in is told by hashes. A plan of a
comparison that stopped half way says so, and until which day it goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from bridge.cli.exits import CommandFault
from bridge.cli.whole_file import whole_file
from bridge.domain.comparison import Placed
from bridge.domain.finding_record import action_of, as_record, from_record
from bridge.domain.reconcile import Action, Finding
from bridge.engine.reconcile import Terms
from bridge.i18n import _, of_system

__all__ = ["Plan", "is_done", "open_plan", "save_plan"]

VERSION = 2
_KIND = "dossier-bridge plan"
_LEFT = frozenset({Action.NOTHING, Action.PERSON})


def is_done(finding: Finding) -> bool:
    """Tell whether something is done about a finding without a person."""
    return action_of(finding) not in _LEFT


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan in a file; ``size`` is how many repairs it holds, once it was read and found whole.

    ``part_until``: it is a part, for its comparison stopped behind this day of reception.
    """

    file: Path
    system: str
    terms: Terms
    made_at: datetime
    size: int = 0
    part_until: date | None = None

    def findings(self) -> Iterator[Finding]:
        """Yield its findings, in order."""
        with self.file.open(encoding="utf-8") as lines:
            next(lines)
            for _number in range(self.size):
                yield from_record(json.loads(next(lines))["finding"])


def save_plan(plan: Plan, rows: Iterable[Placed]) -> int:
    """Write what would be done of these findings; returns how many repairs that are.

    Raises:
        CommandFault: the file can't be written.
    """
    terms = plan.terms
    head = {
        "is": _KIND,
        "version": VERSION,
        "system": plan.system,
        "since": terms.since.isoformat(),
        "until": terms.until.isoformat(),
        "complete": plan.part_until is None,
        "compared_until": (plan.part_until or terms.until).isoformat(),
        "made_at": plan.made_at.isoformat(),
        "age_seconds": terms.age.total_seconds(),
        "restored_to": None if terms.restored_to is None else terms.restored_to.isoformat(),
        "thorough": terms.thorough,
        "also_decided": terms.also_decided,
    }
    with whole_file(plan.file) as out:
        return _write(out, head, rows)


def _write(out: Any, head: Mapping[str, Any], rows: Iterable[Placed]) -> int:
    whole, size = sha256(), 0
    for facts in _lines(head, rows):
        own = _digest(facts)
        whole.update(own.encode())
        out.write(json.dumps({**facts, "digest": own}, ensure_ascii=False) + "\n")
        size += 1
    out.write(json.dumps({"rows": size - 1, "digest": whole.hexdigest()}) + "\n")
    return size - 1


def _lines(head: Mapping[str, Any], rows: Iterable[Placed]) -> Iterator[Mapping[str, Any]]:
    yield head
    for one in rows:
        if is_done(one.finding):
            yield {"finding": as_record(one.finding)}


def _digest(facts: Mapping[str, Any]) -> str:
    text = json.dumps(facts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:32]


def open_plan(file: Path, system: str) -> Plan:
    """Read a plan through, before anything of it is done.

    Raises:
        CommandFault: it is no plan, of another system or release, cut off or changed: which line.
    """
    try:
        with file.open(encoding="utf-8-sig") as lines:
            return _read(file, system, lines)
    except OSError as error:
        raise _unusable(file, error) from None
    except UnicodeDecodeError:
        raise _fault(file, 1, _("it is not text in UTF-8")) from None


def _read(file: Path, system: str, lines: Iterable[str]) -> Plan:
    head: Mapping[str, Any] = {}
    whole, size = sha256(), -1
    for number, line in enumerate(lines, 1):
        facts = _document(file, number, line)
        own = facts.pop("digest", None)
        if "rows" in facts:
            if facts["rows"] != size or own != whole.hexdigest():
                raise _fault(file, number, _("lines were added, removed or moved"))
            return _plan(file, head, size)
        if number == 1:
            _check_head(file, system, facts)
            head = facts
        if own != _digest(facts):
            raise _fault(file, number, _("the line was changed after the plan was made"))
        if number > 1:
            _check_finding(file, number, facts)
        whole.update(str(own).encode())
        size += 1
    raise _fault(file, size + 2, _("the end is missing: the plan was cut off"))


def _document(file: Path, number: int, line: str) -> dict[str, Any]:
    try:
        facts = json.loads(line)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise _fault(file, number, _("it is not a line of a plan"))
    return facts


def _check_head(file: Path, system: str, head: Mapping[str, Any]) -> None:
    if head.get("is") != _KIND:
        raise _fault(file, 1, _("it is no plan of this program"))
    if head.get("version") != VERSION:
        words = _("it is of version {version}, and this release reads {ours}: compare again")
        raise _fault(file, 1, words.format(version=head.get("version"), ours=VERSION))
    if head.get("system") != system:
        words = _("it is a plan for {other}, not for {system}")
        raise _fault(file, 1, words.format(other=head.get("system"), system=system))


def _check_finding(file: Path, number: int, facts: Mapping[str, Any]) -> None:
    try:
        from_record(facts["finding"])
    except (LookupError, TypeError, ValueError):
        raise _fault(file, number, _("it is not a line of a plan")) from None


def _plan(file: Path, head: Mapping[str, Any], size: int) -> Plan:
    restored = head["restored_to"]
    terms = Terms(
        date.fromisoformat(head["since"]),
        date.fromisoformat(head["until"]),
        timedelta(seconds=head["age_seconds"]),
        None if restored is None else datetime.fromisoformat(restored),
        head["thorough"],
        head["also_decided"],
    )
    until = None if head["complete"] else date.fromisoformat(head["compared_until"])
    made_at = datetime.fromisoformat(head["made_at"])
    return Plan(file, head["system"], terms, made_at, size, until)


def _fault(file: Path, line: int, text: str) -> CommandFault:
    place = _("{file}, line {line}: {text}", file=file, line=line, text=text)
    return CommandFault(place + "\n" + _("nothing was done"))


def _unusable(file: Path, error: OSError) -> CommandFault:
    detail = of_system(error)
    return CommandFault(_("{file} can't be used: {detail}", file=file, detail=detail))
