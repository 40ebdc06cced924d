"""A ministry is set back to yesterday's backup: what it lost is sent anew, and nothing twice."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bridge.domain.reconcile import Action, Different, Finding, InStep, Lacks, MissingAtMinistry
from bridge.engine import reconcile
from bridge.engine.reconcile import Left, Mended, Repair, Terms
from tests.journey.town import GPLX, LLTP, YTE, Town

EVER = Terms(date(2000, 1, 1), date(2100, 1, 1), age=timedelta())


def swept(town: Town, name: str, terms: Terms = EVER) -> list[Finding]:
    town.clock.forward(60)
    return list(reconcile.sweep(town.house, town.house.ministries[name], terms))


def amiss(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if not isinstance(one, InStep)]


def healed(town: Town, name: str, terms: Terms = EVER) -> list[Repair]:
    ministry = town.house.ministries[name]
    done = list(reconcile.apply(town.house, ministry, terms, swept(town, name, terms)))
    town.settle()
    return [one for one in done if not isinstance(one, Left)]


def test_gplx_gets_anew_what_it_lost(tmp_path: Path) -> None:
    """A dossier sent after the backup is there again, under one number, which the one-stop has."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        kept = town.key(GPLX)
        town.settle(3)
        backup = town.ministries["gplx"].snapshot()
        lost = town.key(GPLX)
        town.settle(3)
        town.move("gplx", lost, "XL")
        town.settle(3)
        assert amiss(swept(town, "gplx")) == []
        town.ministries["gplx"].restore(backup)
        (found,) = amiss(swept(town, "gplx"))
        assert isinstance(found, MissingAtMinistry)
        assert (found.code, found.why, found.action) == (lost, Lacks.LOST, Action.SEND_ANEW)
        assert len(healed(town, "gplx")) == 1
        assert amiss(swept(town, "gplx")) == []
        record = town.record("gplx", lost)
        assert record["ref"] == town.dossier(lost)["ministry_ref"]
        assert town.dossier(lost)["status"] == 4
        assert town.record("gplx", kept)["updates"] == 0
        town.move("gplx", lost, "XL")
        town.move("gplx", lost, "CP")
        town.settle(3)
        assert town.dossier(lost)["status"] == 9
        assert [status for status, source in town.progress(lost) if source == "gplx"] == [4, 9]
        town.ends_well()
