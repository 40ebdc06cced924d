"""Having done what a comparison found: agreed on, carried out one by one, and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import typer

from bridge.bootstrap import Opened
from bridge.cli.deciding import agreed, asked_at_a_terminal, decided
from bridge.cli.desk import Desk
from bridge.cli.exits import ExitCode
from bridge.cli.people import carried_on
from bridge.cli.plan_file import Plan, is_done, open_plan
from bridge.columns import columns
from bridge.domain.comparison import Comparison
from bridge.domain.finding_record import action_of, key_of
from bridge.domain.reconcile import Finding
from bridge.engine.house import Ministry
from bridge.engine.people import comparisons as people
from bridge.engine.reconcile import Course, Mended, Refused, Repair, Terms, apply, comparison_of
from bridge.i18n import _, language, spoken
from bridge.reports import Look, deed_of

__all__ = ["Job", "Outcome", "Planned", "carry_out_plan", "look_spoken", "repaired", "say_part"]

REFUSED_SHOWN = 20


def look_spoken(*, with_values: bool) -> Look:
    """Return how reports look in the language the commands speak."""
    return Look("vi" if language() == "vi" else "en", with_values)


@dataclass(frozen=True, slots=True)
class Job:
    """What the command was called for, and by whom."""

    desk: Desk
    house: Opened
    ministry: Ministry
    reason: str
    yes: bool
    with_values: bool

    def look(self) -> Look:
        """Return how reports look."""
        titles = {one.name: one.title for one in self.house.house.ministries.values()}
        return replace(look_spoken(with_values=self.with_values), titles=titles)

    def earlier(self, most: int) -> list[Comparison]:
        """Return the latest comparisons of the system that are whole, oldest first."""
        with self.house.house.store.read() as unit:
            kept = unit.comparisons.trend(self.ministry.name, most)
        return [comparison_of(one) for one in reversed(kept)]


@dataclass(slots=True)
class Outcome:
    """What became of repairs: how many were done and left, and which were refused, and why."""

    mended: int = 0
    left: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    def hear(self, repair: Repair) -> None:
        """Count what became of one."""
        match repair:
            case Mended():
                self.mended += 1
            case Refused():
                self.refused.append((key_of(repair.finding).strip(), repair.reason))
            case _:
                self.left += 1

    def as_json(self) -> dict[str, Any]:
        """Return it as data."""
        refused = [{"code": code, "reason": spoken(why)} for code, why in self.refused]
        return {"mended": self.mended, "left": self.left, "refused": refused}

    def lines(self) -> Iterator[str]:
        """Yield it for reading."""
        yield _("repairs put in line: {count}", count=self.mended)
        if self.left:
            yield _("left as they are: {count}", count=self.left)
        if self.refused:
            yield _("refused, for the world has moved: {count}", count=len(self.refused))
        for code, why in self.refused[:REFUSED_SHOWN]:
            yield f"  {code}: {spoken(why)}"


@dataclass(frozen=True, slots=True)
class Planned:
    """The findings of a comparison about which something is done."""

    under_way: Course

    def findings(self) -> Iterator[Finding]:
        """Yield them, by kind and code."""
        return (one.finding for one in self.under_way.plan() if is_done(one.finding))


def repaired(job: Job, terms: Terms, plan: Planned | Plan) -> Outcome | None:
    """Have what was planned done, once it may be; ``None`` where that was not agreed on.

    Raises:
        AdapterError, OneStopFault: a side can't be asked any more; what was done stays done.
    """
    count = sum(1 for _one in plan.findings())
    outcome = Outcome()
    if not count:
        return outcome
    decision = decided(job.reason)
    question = _("have {count} repairs done?", count=count)
    if asked_at_a_terminal() and not agreed(job.desk, question, yes=job.yes):
        return None
    house = job.house.house
    people.applied(house, job.ministry, decision, count)
    try:
        for one in apply(house, job.ministry, terms, plan.findings()):
            outcome.hear(one)
    finally:
        for line in outcome.lines():
            job.desk.say(line)
    if outcome.mended:
        carried_on(job.desk, job.house, job.ministry.name)
    return outcome


def carry_out_plan(job: Job, file: Path, *, repairs: bool) -> None:
    """Show a plan of an earlier comparison, or have just that done.

    Raises:
        CommandFault: the file is no plan for this system, or was changed: where.
    """
    plan = open_plan(file, job.ministry.name)
    made = plan.made_at.astimezone(job.house.house.zone).isoformat(sep=" ", timespec="minutes")
    job.desk.say(
        _("{file}: a plan of {count} repairs, made at {at}", file=file, count=plan.size, at=made)
    )
    say_part(job.desk, plan)
    document: dict[str, Any] = {
        "system": plan.system,
        "since": plan.terms.since.isoformat(),
        "until": plan.terms.until.isoformat(),
        "complete": plan.part_until is None,
        "compared_until": (plan.part_until or plan.terms.until).isoformat(),
        "made_at": plan.made_at.isoformat(),
        "repairs": plan.size,
        "actions": Counter(action_of(one).value for one in plan.findings()),
    }
    if not job.desk.as_json:
        deeds = Counter(deed_of(one).what for one in plan.findings())
        rows = [[str(count), job.look().say(deed)] for deed, count in deeds.most_common()]
        for line in columns(rows) if rows else ():
            job.desk.show(line)
    outcome = repaired(job, plan.terms, plan) if repairs else None
    if job.desk.as_json:
        job.desk.answer(document | {"applied": None if outcome is None else outcome.as_json()})
    if plan.size and not repairs:
        job.desk.say(_("nothing was done; add --apply to do it"))
    undone = plan.size and (outcome is None or outcome.refused or outcome.left)
    if undone or plan.part_until is not None:
        raise typer.Exit(ExitCode.ATTENTION)


def say_part(desk: Desk, plan: Plan) -> None:
    """Say of a plan that is a part until where it goes."""
    if plan.part_until is not None:
        words = _(
            "the plan is a part: the comparison stopped behind {day}, and nothing that was "
            "received later is in it",
            day=plan.part_until.isoformat(),
        )
        desk.say(words)
