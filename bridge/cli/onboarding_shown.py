"""Where a system stands on its way in, as a person reads it and as a script does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from bridge.cli.desk import columns
from bridge.cli.telling import field_name, local
from bridge.domain.ceiling import Ceiling
from bridge.domain.said import from_json
from bridge.domain.stage import STEPS, Stage, following
from bridge.engine.letting_in import Standing
from bridge.i18n import N_, _, spoken

STAGES: Mapping[Stage, str] = {
    Stage.READ_ONLY: N_("read only"),
    Stage.DRY_RUN: N_("dry run"),
    Stage.HANDFUL: N_("a handful"),
    Stage.ALL: N_("all, under a ceiling"),
    Stage.RUNNING: N_("running"),
    Stage.RETIRING: N_("being retired"),
    Stage.RETIRED: N_("retired"),
}

_MEANS: Mapping[Stage, str] = {
    Stage.READ_ONLY: N_(
        "its feed is read and kept, both sides are compared; nothing is written at either"
    ),
    Stage.DRY_RUN: N_("what would go out is made and counted; nothing goes"),
    Stage.HANDFUL: N_("only what was chosen goes out and comes in"),
    Stage.ALL: N_("everything goes out and comes in, no faster than the ceiling lets it"),
    Stage.RUNNING: N_("everything goes out and comes in as it arises"),
    Stage.RETIRING: N_("nothing new is sent; what it has is brought to its end"),
    Stage.RETIRED: N_("it is called for nothing any more"),
}

_KINDS: Mapping[str, str] = {
    "in_step": N_("in step"),
    "on_its_way": N_("on its way"),
    "missing_at_ministry": N_("only in the one-stop"),
    "missing_at_onestop": N_("only at the ministry"),
    "different": N_("on both sides, not linked or not the same"),
    "duplicates": N_("twice at the ministry"),
    "orphan_link": N_("deleted in the one-stop"),
    "withdrawn": N_("ended or kept back, not for the ministry"),
    "not_seen": N_("could not be read"),
}

_DELIVERIES: Mapping[str, str] = {
    "waiting": N_("waiting"),
    "sending": N_("sending"),
    "accepted": N_("accepted"),
    "in_doubt": N_("in doubt"),
    "dead": N_("dead"),
    "confirmed": N_("confirmed"),
}


def as_json(now: Standing) -> dict[str, Any]:
    """Return it all; ``report`` is what the last look of this stage came to, or ``null``."""
    one = now.onboarding
    to = following(now.stage)
    return {
        "system": now.system,
        "stage": now.stage.value,
        "since": one.since.isoformat() if now.stage is not Stage.RUNNING else None,
        "next": to.value if to is not None else None,
        "looked_at": one.looked_at and one.looked_at.isoformat(),
        "report": _report_as_json(one.report) if now.looked else None,
        "chosen": {"codes": sorted(one.chosen.codes), "refs": sorted(one.chosen.refs)},
        "ceiling": {"per_hour": one.ceiling.hour, "per_day": one.ceiling.day},
        "backlog_through": now.through,
        "heir": one.heir,
        "deliveries": dict(now.deliveries),
        "inbox": now.inbox,
        "quarantined": now.aside,
        "conflicts": now.conflicts,
        "unanswered": now.unanswered,
    }


def _report_as_json(report: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if report is None:
        return None
    told = dict(report)
    told["unseen"] = [spoken(from_json(one) or "") for one in report.get("unseen", [])]
    for key in ("refused", "unreadable"):
        if key in report:
            told[key] = [
                {**one, "reason": spoken(from_json(one["reason"]) or "")} for one in report[key]
            ]
    return told


def lines(now: Standing, zone: tzinfo) -> Iterator[str]:
    """Yield where it stands, what the last look came to, and what comes next."""
    place = f" ({STEPS.index(now.stage) + 1}/{len(STEPS)})" if now.stage in STEPS else ""
    yield f"{now.system} ({now.title}): {_(STAGES[now.stage])}{place}"
    yield "  " + _(_MEANS[now.stage])
    yield from _counts(now)
    yield from _chosen(now)
    if now.stage is Stage.ALL or (now.stage is Stage.RUNNING and not now.through):
        yield from _pace(now)
    if now.onboarding.report is not None and now.onboarding.looked_at is not None:
        yield from _report(now.onboarding.report, now.onboarding.looked_at, zone)
    yield from _next(now)


def _counts(now: Standing) -> Iterator[str]:
    counted = [f"{_(_DELIVERIES[name])} {n}" for name, n in now.deliveries.items() if n]
    yield "  " + _("deliveries: {counts}", counts=", ".join(counted) or "0")
    if now.inbox or now.aside:
        yield "  " + _(
            "its records: {waiting} wait, {aside} were set aside",
            waiting=now.inbox,
            aside=now.aside,
        )
    if now.conflicts:
        yield "  " + _("conflicts for a person: {n}", n=now.conflicts)
    if now.unanswered:
        yield "  " + _(
            "not sent, for it gives no answer whether it has them: {n}", n=now.unanswered
        )


def _chosen(now: Standing) -> Iterator[str]:
    chosen = now.onboarding.chosen
    if now.stage is Stage.HANDFUL:
        yield "  " + _(
            "chosen: {codes} dossiers, {refs} records",
            codes=len(chosen.codes),
            refs=len(chosen.refs),
        )


def _pace(now: Standing) -> Iterator[str]:
    yield "  " + _("ceiling: {ceiling}", ceiling=ceiling_words(now.onboarding.pace))
    if now.through:
        yield "  " + _("the one-stop's backlog is through")
    else:
        yield "  " + _("the one-stop's backlog is gone through")


def ceiling_words(ceiling: Ceiling) -> str:
    """Return a ceiling as a person says it."""
    words = []
    if ceiling.hour is not None:
        words.append(_("{n} an hour", n=ceiling.hour))
    if ceiling.day is not None:
        words.append(_("{n} a day", n=ceiling.day))
    return ", ".join(words) or "-"


def _report(report: Mapping[str, Any], at: datetime, zone: tzinfo) -> Iterator[str]:
    yield _(
        "looked at {when}: dossiers received from {since} to {until}",
        when=local(at, zone),
        since=report["since"],
        until=report["until"],
    )
    rows = [["  " + _(_KINDS.get(kind, kind)), str(n)] for kind, n in report["counts"].items()]
    yield from columns(rows, numbers_from=1) if rows else ["  " + _("nothing is there to compare")]
    for one in report.get("unseen", []):
        yield "  " + spoken(from_json(one) or "")
    for code, kind in report.get("dossiers", {}).items():
        yield f"  {code}  {_(_KINDS.get(kind, kind))}"
    if "would_create" in report:
        yield from _would(report)


def _would(report: Mapping[str, Any]) -> Iterator[str]:
    yield _(
        "would be sent for the first time: {n} dossiers, {steps} steps of progress",
        n=report["would_create"],
        steps=report["would_tell_steps"],
    )
    yield _("would not be sent as new, for it is there or linked: {n}", n=report["known_there"])
    yield from _refused(_("can't be sent as it is"), report["refused"])
    yield _("records that could be read: {n}", n=report["readable"])
    yield from _refused(_("records that can't be read"), report["unreadable"])


def _refused(head: str, rows: list[Mapping[str, Any]]) -> Iterator[str]:
    yield f"{head}: {sum(int(one['count']) for one in rows)}"
    for one in rows:
        reason = spoken(from_json(one["reason"]) or "-")
        first = ", ".join(one["first"])
        yield f"  {one['count']} × {field_name(one['field'])}: {reason} ({first})"


def _next(now: Standing) -> Iterator[str]:
    system, to = now.system, following(now.stage)
    if now.stage in (Stage.READ_ONLY, Stage.DRY_RUN, Stage.HANDFUL):
        if now.stage is Stage.HANDFUL and not now.onboarding.chosen.codes:
            yield _("next: dossier-bridge onboard {system} --choose CODE --reason …", system=system)
        elif not now.looked:
            yield _("next: dossier-bridge onboard {system} --look", system=system)
        elif to is Stage.ALL:
            yield _(
                "next: dossier-bridge onboard {system} --next --per-hour N --reason …",
                system=system,
            )
        else:
            yield _("next: dossier-bridge onboard {system} --next --reason …", system=system)
    elif now.stage is Stage.ALL and now.through:
        yield _("next: dossier-bridge onboard {system} --next --reason …", system=system)
    elif now.stage is Stage.RETIRING:
        yield _("next: dossier-bridge retire {system}", system=system)
    elif now.stage is Stage.RETIRED:
        yield _("begin anew: dossier-bridge onboard {system} --next --reason …", system=system)
