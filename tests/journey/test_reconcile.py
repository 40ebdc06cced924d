"""Both sides are compared: each dossier and each record comes to one finding, and is mended once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bridge.domain.reconcile import (
    Action,
    Different,
    Duplicates,
    Finding,
    InStep,
    Lacks,
    MissingAtMinistry,
    MissingAtOneStop,
    OnItsWay,
    OrphanLink,
    Waits,
    Withdrawn,
)
from bridge.domain.unlike import Unlike
from bridge.engine import reconcile
from bridge.engine.reconcile import Mended, Refused, Repair, Terms
from bridge.sdk.errors import AdapterError
from tests.journey.town import DKKD, GPLX, HOTICH, VIETNAM, PowerCutError, Town

EVER = Terms(date(2000, 1, 1), date(2100, 1, 1), age=timedelta())


def swept(town: Town, name: str = "gplx", terms: Terms = EVER) -> list[Finding]:
    town.clock.forward(60)
    return [one.finding for one in reconcile.sweep(town.house, town.house.ministries[name], terms)]


def applied(town: Town, findings: Sequence[Finding], name: str = "gplx") -> list[Repair]:
    return list(reconcile.apply(town.house, town.house.ministries[name], EVER, findings))


def amiss(findings: Sequence[Finding]) -> list[Finding]:
    return [one for one in findings if not isinstance(one, InStep)]


def lose(town: Town, code: str) -> None:
    """Let gplx show one record no more; its number is not given anew.

    Its feed, read anew once the dossier was sent again, shows the old number still: a person is
    asked about two records.
    """
    register, ref = town.ministries["gplx"]._register, town.record("gplx", code)["ref"]
    entry = register._entries[f"-{ref}"] = register._entries.pop(ref)
    entry.body = {**entry.body, "MaHoSoMotCua": None, "NgayTiepNhan": ""}
    register._by_code.pop(code)


def dies(phase: str) -> Callable[[str, str], None]:
    def on_commit(name: str, moment: str) -> None:
        if (name, moment) == ("reconcile", phase):
            raise PowerCutError

    return on_commit


def test_every_class_is_found_and_what_is_safe_is_mended_once(tmp_path: Path) -> None:
    """One look over a register in which everything has happened; then it is put in order."""
    with Town(tmp_path, ("gplx",)) as town:
        register = town.ministries["gplx"]._register
        same, edited, lost, twice, deleted = (town.key(GPLX) for _ in range(5))
        withdrawn = town.key(GPLX, status=7)
        town.settle(2)
        body = {**register.with_code(twice)[0].body}
        town.execute("DELETE FROM dossier WHERE code = :code", code=deleted)
        town.clock.forward(3600)
        town.settle(2)
        second = register.file(body)
        town.ministry_edits(edited, HoTen=town.dossier(edited)["applicant_name"].upper())
        late = town.key(GPLX)
        town.edit(late, at=town.clock() - timedelta(hours=3))
        number, own = town.key(GPLX), town.ministries["gplx"].file_own(1)[0]
        lose(town, lost)
        town.front()
        found = swept(town)
        by_code = {getattr(one, "code", None): one for one in found}
        assert len(found) == len(by_code) == 9
        assert isinstance(by_code[same], InStep)
        assert by_code[number] == OnItsWay(number, None, Waits.DELIVERY)
        first = town.link(twice, "gplx").ref or ""
        assert by_code[twice] == Duplicates(twice, (first, second))
        assert isinstance(by_code[deleted], OrphanLink)
        assert by_code[withdrawn] == Withdrawn(withdrawn, None)
        missing, uncaptured, only = by_code[lost], by_code[late], by_code[None]
        assert isinstance(missing, MissingAtMinistry)
        assert (missing.why, missing.action) == (Lacks.LOST, Action.SEND_ANEW)
        assert isinstance(uncaptured, MissingAtMinistry)
        assert uncaptured.why is Lacks.UNCAPTURED
        assert isinstance(only, MissingAtOneStop)
        assert only.ref == own
        different = by_code[edited]
        assert isinstance(different, Different)
        [field] = different.fields
        assert (field.path, field.to, field.unlike) == ("applicant.name", "ministry", Unlike.CASE)
        mended = [one.finding for one in applied(town, found) if isinstance(one, Mended)]
        assert {getattr(one, "code", None) for one in mended} == {lost, late, edited, None}
        again = applied(town, found)
        assert {type(one) for one in again if one.finding in mended} == {Refused}
        town.settle(3)
        left = amiss(swept(town))
        assert {type(one) for one in left} == {Duplicates, OrphanLink, Withdrawn, OnItsWay}
        assert [one.why for one in left if isinstance(one, OnItsWay)] == [Waits.CONFLICT]
        assert town.record("gplx", lost)["ref"] == town.dossier(lost)["ministry_ref"]
        assert [row.detail["what"] for row in town.journal("reconciled")].count("send_anew") == 1
        register._entries.pop(second)
        register._by_code[twice].pop()
        town.ends_well()


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_crash_in_the_middle_goes_on_where_it_was(tmp_path: Path, phase: str) -> None:
    """Dead at the first repair's commit: the same plan again does the rest, and nothing twice."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = [town.key(GPLX) for _ in range(2)]
        town.settle(2)
        for code in codes:
            lose(town, code)
        plan = amiss(swept(town))
        town.restart(on_commit=dies(phase))
        with pytest.raises(PowerCutError):
            applied(town, plan)
        town.restart()
        outcomes = [type(one) for one in applied(town, plan)]
        assert outcomes == ([Mended, Mended] if phase == "before" else [Refused, Mended])
        town.settle(2)
        assert {getattr(one, "why", one) for one in amiss(swept(town))} == {Waits.CONFLICT}
        assert all(town.record("gplx", code) for code in codes)
        town.ends_well()


def test_a_plan_the_world_has_left_behind_is_refused_row_by_row(tmp_path: Path) -> None:
    """Keyed on, found again, or sent meanwhile: nothing is done, and it is said why."""
    with Town(tmp_path, ("gplx",)) as town:
        keyed, found, kept = (town.key(GPLX) for _ in range(3))
        town.settle(2)
        backup = town.ministries["gplx"].snapshot()
        for code in (keyed, found, kept):
            lose(town, code)
        plan = amiss(swept(town))
        town.edit(keyed, applicant_phone="0900000009")
        town.ministries["gplx"].restore(backup)
        lose(town, keyed)
        lose(town, kept)
        outcomes = {getattr(one.finding, "code", None): one for one in applied(town, plan)}
        assert {code for code, one in outcomes.items() if isinstance(one, Refused)} == {
            keyed,
            found,
        }
        town.settle(2)
        town.ends_well()


def test_what_is_found_stands_though_the_ministry_goes_away_half_way(tmp_path: Path) -> None:
    """A ministry that can't be asked ends the comparison with its error, and is held back.

    Of a mirror that shows what the one-stop has nothing differs, whatever was agreed with it last.
    """
    with Town(tmp_path, ("dvcqg",), extra={"dvcqg": "rate_per_second = 100"}) as town:
        code = town.key(GPLX, n=3)
        town.settle(2)
        town.clock.forward(60)
        found = reconcile.sweep(town.house, town.house.ministries["dvcqg"], EVER)
        assert isinstance(next(found).finding, InStep)
        town.ministries["dvcqg"].down()
        with pytest.raises(AdapterError):
            list(found)
        with pytest.raises(AdapterError):
            next(reconcile.sweep(town.house, town.house.ministries["dvcqg"], EVER))
        town.ministries["dvcqg"].up()
        town.clock.forward(60)
        stale = town.link(code, "dvcqg")
        assert stale.base is not None
        with town.house.store.write("settle") as unit:
            before = {**stale.base, "applicant.phone": "0900000000"}
            unit.links.change(stale.id, base=before)
        assert [type(one) for one in swept(town, "dvcqg")] == [InStep] * 3


def test_births_a_restored_ministry_lost_are_registered_anew(tmp_path: Path) -> None:
    """Hotich lists by the day of change: what it lists beside the period is no difference."""
    with Town(tmp_path, ("hotich",)) as town:
        kept = town.key(HOTICH)
        town.settle(2)
        backup = town.ministries["hotich"].snapshot()
        lost = town.key(HOTICH)
        town.settle(2)
        town.ministries["hotich"].restore(backup)
        found = amiss(swept(town, "hotich"))
        assert [one.code for one in found if isinstance(one, MissingAtMinistry)] == [lost]
        assert len(found) == 1
        assert [type(one) for one in applied(town, found, "hotich")] == [Mended]
        town.settle(2)
        assert amiss(swept(town, "hotich")) == []
        assert str(town.record("hotich", lost)["ref"]) == town.dossier(lost)["ministry_ref"]
        assert town.record("hotich", kept)["updates"] == 0
        town.ends_well()


def test_a_registration_the_feed_never_showed_is_taken_in_whole(tmp_path: Path) -> None:
    """Dkkd shows only a part by its number: the list of its day is read again for the rest."""
    with Town(tmp_path, ("dkkd",)) as town:
        town.receive("dkkd")
        town.clock.forward(90)
        ref = town.ministries["dkkd"].file_own(1)[0]
        today = town.clock().astimezone(VIETNAM).date()
        terms = replace(EVER, since=today - timedelta(days=1))
        [only] = amiss(swept(town, "dkkd", terms))
        assert isinstance(only, MissingAtOneStop)
        assert [type(one) for one in applied(town, [only], "dkkd")] == [Mended]
        town.settle(1)
        [row] = town.rows("SELECT * FROM dossier WHERE ministry_ref = :ref", ref=ref)
        assert (row["procedure_code"], row["applicant_phone"] is None) == (DKKD, False)
        assert [type(one) for one in applied(town, [only], "dkkd")] == [Refused]
        town.ends_well()
