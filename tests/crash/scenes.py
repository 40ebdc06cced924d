"""What must happen for each transaction to be committed, and where a process dies at it.

A scene prepares (that is where faults are armed, and earlier lives lived), then a process does
errands, one of which commits the transaction of the scene's name. ``heal`` is what people do
afterwards, the same whether a process died or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bridge.sdk.rehearsal import Fault
from tests.crash.stage import Stage
from tests.journey.town import GPLX, LLTP, YTE

DAY = 86_400
CUT = Fault.CUT_BEFORE
POLLS = ("poll gplx",) * 12
"""As often as a process must fail before it believes that nobody is there."""

Prepare = Callable[[Stage], str | None]
"""Returns the dossier the scene is about: its code, or a ministry's number for it."""


@dataclass(frozen=True)
class Scene:
    """One scene; ``{}`` in an errand stands for the dossier it is about."""

    errands: tuple[str, ...]
    prepare: Prepare
    heal: Callable[[Stage, str], object] | None = None


def keyed(stage: Stage) -> str:
    """A licence is keyed."""
    return stage.town.key(GPLX)


def at_rest(stage: Stage) -> str:
    """A licence has been sent, and everything is at rest."""
    code = keyed(stage)
    stage.rest()
    return code


def moved(stage: Stage) -> str:
    """The ministry works on a licence."""
    code = at_rest(stage)
    stage.town.move("gplx", code, "XL")
    return code


def filed(stage: Stage) -> str:
    """A licence is keyed at the ministry alone."""
    (ref,) = stage.town.ministries["gplx"].file_own()
    return str(ref)


def filed_under(code: str, stage: Stage) -> None:
    """An officer files another record under a code of ours."""
    stage.town.ministries["gplx"].file_own(MaHoSoMotCua=code)


def named_unsent(stage: Stage) -> str:
    """A licence is keyed, and the ministry has it before we send it."""
    code = keyed(stage)
    filed_under(code, stage)
    return code


def named_twice(stage: Stage) -> str:
    """The ministry keys a licence of ours once more."""
    code = at_rest(stage)
    filed_under(code, stage)
    return code


def named_elsewhere(stage: Stage) -> str:
    """The ministry keys a certificate's code by mistake."""
    code = stage.town.key(YTE)
    stage.rest()
    filed_under(code, stage)
    return code


def lost(stage: Stage) -> str:
    """The answer to a licence was lost."""
    code = keyed(stage)
    stage.town.ministries["gplx"].faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
    stage.live("front", "deliver gplx")
    return code


def lost_and_due(stage: Stage) -> str:
    """The answer to a licence was lost, and it is time to ask."""
    code = lost(stage)
    stage.town.clock.forward(3)
    return code


def lost_and_mute(stage: Stage) -> str:
    """The answer was lost, and nobody answers the question."""
    code = lost_and_due(stage)
    stage.fault("gplx", CUT, "TraCuuTheoMaMotCua")
    return code


def lost_early(stage: Stage) -> str:
    """The answer will be lost."""
    code = keyed(stage)
    stage.town.ministries["gplx"].faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
    return code


def slow(stage: Stage) -> str:
    """The ministry takes its time."""
    code = keyed(stage)
    stage.town.ministries["gplx"].faults.next(Fault.SLOW, operation="NopHoSo", delay=0.3)
    return code


def died(stage: Stage) -> str:
    """A process died while a licence was sent."""
    code = keyed(stage)
    stage.live("front", "deliver gplx", dies_at="settle:before")
    return code


def refused(stage: Stage) -> str:
    """A licence without a birth date: it can't be sent."""
    return stage.town.key(GPLX, applicant_birth_date=None)


def gone(stage: Stage) -> None:
    """Nobody answers at the ministry's address."""
    stage.rest()
    stage.town.ministries["gplx"].down()


def back(stage: Stage) -> None:
    """Nobody answered at the address, often enough to give up; somebody does again."""
    gone(stage)
    stage.live(*POLLS)
    stage.town.ministries["gplx"].up()
    stage.town.clock.forward(60)


def reopened(stage: Stage) -> str:
    """A record was withdrawn for a dossier's wrong procedure, which was right; it goes on there."""
    code = keyed_wrongly(stage)
    stage.town.edit(code, procedure_code=GPLX)
    stage.rest()
    stage.town.move("gplx", code, "XL")
    return code


def part_alone(stage: Stage) -> str:
    """A status is told of a dossier whose record comes later."""
    (ref,) = stage.town.ministries["lltp"].file_own()
    stage.town.ministries["lltp"].advance()
    stage.fault("lltp", CUT, "traHoSo")
    return str(ref)


def quiet(stage: Stage) -> None:
    """Nothing has changed, and the last answer is a while ago."""
    stage.rest()
    stage.town.clock.forward(70)


def keyed_wrongly(stage: Stage) -> str:
    """A certificate was keyed as a licence, sent, and mended."""
    town = stage.town
    code = town.key(YTE)
    details = {**town.dossier(code)["details"], "licence_class": "A1"}
    town.edit(code, procedure_code=GPLX, details=details)
    stage.rest()
    town.edit(code, procedure_code=YTE)
    stage.rest()
    return code


def of_another_system(stage: Stage) -> str:
    """A dossier was sent to the wrong ministry, which works on it."""
    code = keyed_wrongly(stage)
    stage.town.move("gplx", code, "XL")
    return code


def unreadable_here(stage: Stage) -> str:
    """The ministry works on a licence whose row can't be read now."""
    code = moved(stage)
    stage.town.edit(code, applicant_birth_date="31/02/1990")
    return code


def readable(stage: Stage, code: str) -> None:
    """The clerk mends the row."""
    stage.town.edit(code, applicant_birth_date="1990-02-01")


def deleted(stage: Stage, code: str) -> str:
    """The office deletes a row."""
    stage.town.execute("DELETE FROM dossier WHERE code = :code", code=code)
    return code


def deleted_there(stage: Stage) -> str:
    """The ministry works on what was deleted here."""
    return deleted(stage, moved(stage))


def deleted_in_line(stage: Stage) -> str:
    """A row is deleted while it waits to be sent."""
    code = keyed(stage)
    stage.live("front")
    return deleted(stage, code)


def deleted_a_while_ago(stage: Stage) -> str:
    """What waited for a deleted row is a dead letter for a minute."""
    code = deleted_in_line(stage)
    stage.live("deliver gplx", "deliver dvcqg")
    stage.town.clock.forward(61)
    return code


def certificate(stage: Stage) -> str:
    """A certificate is keyed; its ministry answers by a file, later."""
    return stage.town.key(YTE)


def unanswered(stage: Stage) -> str:
    """No receipt came for over a day."""
    code = certificate(stage)
    stage.live("front", "deliver yte")
    stage.town.clock.forward(DAY + 3600)
    return code


def found_file(stage: Stage) -> str:
    """A paper was missing when a licence was sent; it is there now."""
    town = stage.town
    code = at_rest(stage)
    town.paper(code, "a.pdf", b"x", "component")
    place = town.folder / "documents" / f"{code}-a.pdf"
    place.unlink()
    stage.rest()
    place.write_bytes(b"x")
    town.clock.forward(61)
    return code


def changed_again(stage: Stage, code: str) -> None:
    """The clerk changes the row."""
    stage.town.edit(code, applicant_phone="0911111111")


def still(stage: Stage) -> str:
    """A licence has been at rest for so long that nobody calls it young."""
    code = at_rest(stage)
    stage.town.clock.forward(60)
    return code


def changed_unseen(stage: Stage) -> str:
    """A row was changed by hand, without its stamp."""
    code = still(stage)
    stage.town.execute(
        "UPDATE dossier SET applicant_phone = '0922222222' WHERE code = :code", code=code
    )
    return code


def reconciled(stage: Stage, _code: str) -> None:
    """Whoever had both sides compared does so again."""
    stage.live("reconcile gplx")


def changed_by_night(stage: Stage) -> str:
    """A row was changed by hand, and a day has passed, so that it is night again."""
    code = changed_unseen(stage)
    next_day(stage)
    return code


def night_goes_on(stage: Stage, _code: str) -> None:
    """The next look of the timetable."""
    stage.live("night gplx")


def alike(stage: Stage) -> str:
    """The ministry files for a person whose dossier was not received yet."""
    code = stage.town.key(GPLX, received_at=None)
    number = stage.town.dossier(code)["applicant_id_number"]
    stage.town.ministries["gplx"].file_own(SoGiayTo=number)
    return code


def next_day(stage: Stage) -> None:
    """A day has passed, so that lists are read again."""
    stage.town.clock.forward(DAY)


def mute_lists(stage: Stage) -> None:
    """Nobody gives lists today."""
    next_day(stage)
    stage.fault("lltp", CUT, "traDanhMuc")


def unrouted(stage: Stage) -> str:
    """No system took a dossier's procedure; from now on one does."""
    systems = stage.town.folder / "systems"
    files = {place: place.read_text("utf-8") for place in systems.iterdir()}
    for name in ("dvcqg", "gplx"):
        place = systems / f"{name}.toml"
        place.write_text(f"enabled = false\n{files[place]}", "utf-8")
    code = keyed(stage)
    stage.live("front", "notices")
    for place, text in files.items():
        place.write_text(text, "utf-8")
    return code


def certificate_of_record(stage: Stage) -> str:
    """A certificate of good conduct is keyed."""
    return stage.town.key(LLTP)


def with_paper(stage: Stage) -> str:
    """A dossier has one paper: returns the paper's id."""
    town = stage.town
    code = town.key(GPLX)
    town.execute("DELETE FROM dossier_document WHERE dossier_code = :code", code=code)
    paper = town.paper(code, "b.pdf", b"y", "component")
    stage.rest()
    return paper


def told_wrong(stage: Stage) -> str:
    """The portal was given a wrong file, and the clerk told; it is right again."""
    paper = with_paper(stage)
    stage.live(f"fetch {paper} wrong")
    return paper


JOURNEYS: Mapping[str, Scene] = {
    "brake": Scene(POLLS, gone),
    "bury": Scene(("start",), died),
    "capture page": Scene(("front",), keyed),
    "capture unrouted": Scene(("start",), unrouted),
    "code list": Scene(("procedures",), next_day),
    "code list failed": Scene(("procedures",), mute_lists),
    "doubt asked": Scene(("ask gplx",), lost_and_due),
    "doubt not asked": Scene(("ask gplx",), lost_and_mute),
    "file fetched": Scene(("fetch {} whole",), with_paper),
    "file refused": Scene(("fetch {} whole 9",), with_paper),
    "files mended": Scene(("files",), told_wrong),
    "free records": Scene(("poll gplx",), moved),
    "free shard": Scene(("front", "deliver gplx"), keyed),
    "hold records": Scene(("poll gplx",), moved),
    "import number": Scene(("poll gplx",), filed),
    "imported": Scene(("poll gplx",), filed),
    "keep lease": Scene(("front", "deliver-kept gplx"), slow),
    "known records": Scene(("poll gplx",), named_twice),
    "later": Scene(("poll gplx",), unreadable_here, readable),
    "link": Scene(("poll gplx",), named_unsent),
    "looks alike": Scene(("poll gplx",), alike),
    "mark sending": Scene(("front", "deliver gplx"), keyed),
    "names another's": Scene(("poll gplx",), named_elsewhere),
    "newcomers marked": Scene(("poll gplx",), filed),
    "next poll": Scene(("poll gplx",), quiet),
    "not confirmed yet": Scene(("front", "deliver yte", "confirm yte"), certificate),
    "not theirs": Scene(("poll gplx",), of_another_system),
    "notices told": Scene(("front", "deliver gplx", "notices"), refused),
    "orphan": Scene(("poll gplx",), deleted_there),
    "orphans": Scene(("deliver gplx",), deleted_in_line),
    "orphans looked for": Scene(("front",), deleted_a_while_ago),
    "overdue": Scene(("ask yte",), unanswered),
    "own record early": Scene(("front", "deliver gplx", "poll gplx"), lost_early),
    "post": Scene(("front",), keyed),
    "procedures page": Scene(("procedures",), next_day),
    "procedures seen": Scene(("procedures",), next_day),
    "quarantine": Scene(("poll gplx",), named_elsewhere),
    "receive page": Scene(("poll gplx",), moved),
    "received": Scene(("poll gplx",), moved),
    "reserve import": Scene(("poll gplx",), filed),
    "reshard": Scene(("start",), keyed),
    "revive": Scene(("ask gplx",), found_file),
    "second record": Scene(("poll gplx",), named_twice),
    "set dossier aside": Scene(("stumble {}", "front"), keyed, changed_again),
    "settle": Scene(("front", "deliver gplx"), keyed),
    "take moments": Scene(("front", "deliver lltp"), certificate_of_record),
    "reopened": Scene(("poll gplx",), reopened),
    "give way": Scene(("poll lltp", "take-in lltp"), part_alone),
    "try one call": Scene(("poll gplx",), back),
    "feed read": Scene(("poll gplx",), quiet),
    "reconcile": Scene(("reconcile gplx",), changed_unseen, reconciled),
    "comparison begun": Scene(("reconcile gplx",), changed_unseen, reconciled),
    "comparison kept": Scene(("reconcile gplx",), changed_unseen, reconciled),
    "comparison made": Scene(("reconcile gplx",), changed_unseen, reconciled),
    "night settled": Scene(("night gplx",), changed_by_night, night_goes_on),
    "agree": Scene(("reconcile gplx",), still, reconciled),
}
"""By the name of the transaction."""
