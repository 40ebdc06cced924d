"""What was in step last time is not weighed again, and nothing that changes in silence slips through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bridge.domain.dossier import Snapshot
from bridge.domain.reconcile import (
    Action,
    Different,
    Duplicates,
    InStep,
    MissingAtMinistry,
    MissingAtOneStop,
    OnItsWay,
    Waits,
)
from bridge.engine import apart, clerk, reconcile
from bridge.engine.reconcile import Terms, judge, sides
from tests.journey.test_reconcile import lose
from tests.journey.town import GPLX, Town

EVER = Terms(date(2000, 1, 1), date(2100, 1, 1), age=timedelta())


@contextmanager
def weighing() -> Iterator[list[str]]:
    """Note whose fields are compared while the block runs."""
    weighed: list[str] = []

    def compare(ministry: object, ours: Snapshot, *rest: object) -> object:
        weighed.append(ours.code)
        return sides.compare(ministry, ours, *rest)  # type: ignore[arg-type]

    with patch.object(judge, "compare", compare):
        yield weighed


def night(town: Town, terms: Terms = EVER) -> tuple[dict[str | None, object], list[str]]:
    """Compare both sides; returns the findings by code, and whose fields were compared."""
    town.clock.forward(60)
    with weighing() as weighed:
        found = list(reconcile.sweep(town.house, town.house.ministries["gplx"], terms))
    return {getattr(one.finding, "code", None): one.finding for one in found}, weighed


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_only_what_has_changed_is_weighed_whoever_changed_it(
    tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    """No stamp is believed: rows and records are read, and the store tells that a link moved."""
    urls = {}
    if database == "postgresql":
        urls["onestop_url"] = request.getfixturevalue("postgres_database")
        urls["store_url"] = request.getfixturevalue("second_database")
    with Town(tmp_path, ("gplx",), **urls) as town:
        codes = [town.key(GPLX) for _ in range(5)]
        row, belonging, record, link, quiet = codes
        town.settle(2)
        first, weighed = night(town)
        assert sorted(weighed) == sorted(codes)
        assert {type(one) for one in first.values()} == {InStep}
        again, weighed = night(town)
        assert (again, weighed) == (first, [])

        stamped = "UPDATE dossier SET applicant_phone = '0922222222' WHERE code = :code"
        town.execute(stamped, code=row)
        paper = "UPDATE dossier_document SET name = 'Đơn khác' WHERE dossier_code = :code"
        town.execute(paper, code=belonging)
        town.ministry_edits(record, HoTen="Người Mẫu Khác")
        with town.house.store.write("settle") as unit:
            unit.links.change(town.link(link, "gplx").id, versions=7)
        found, weighed = night(town)
        assert set(weighed) == {row, belonging, record, link}
        assert isinstance(found[row], Different)
        assert isinstance(found[record], Different)
        assert isinstance(found[quiet], InStep)
        _, weighed = night(town)
        assert set(weighed) >= {row, record}
        assert not {link, quiet} & set(weighed)


def test_what_is_on_its_way_or_there_twice_is_told_as_ever(tmp_path: Path) -> None:
    """In step last time is no reason not to look at the line, at conflicts, and at every record."""
    with Town(tmp_path, ("gplx",)) as town:
        sent, twice, other, asked = (town.key(GPLX) for _ in range(4))
        town.settle(2)
        night(town)
        as_it_was = {key: town.dossier(sent)[key] for key in ("applicant_phone", "updated_at")}
        town.edit(sent, applicant_phone="0911111111")
        town.front()
        back = "UPDATE dossier SET applicant_phone = :applicant_phone, updated_at = :updated_at"
        town.execute(f"{back} WHERE code = :code", code=sent, **as_it_was)
        register = town.ministries["gplx"]._register
        register.file({**register.with_code(twice)[0].body})
        link = town.link(asked, "gplx")
        with town.house.store.write("reconcile") as unit:
            unit.conflicts.raise_(asked, "gplx", "record", "shared", asked, link.ref)
        found, weighed = night(town)
        assert (asked in weighed, other in weighed) == (True, False)
        assert found[asked] == OnItsWay(asked, link.ref, Waits.CONFLICT)
        assert found[sent] == OnItsWay(sent, found[sent].ref, Waits.DELIVERY)  # type: ignore[attr-defined]
        assert isinstance(found[twice], Duplicates)
        assert isinstance(found[other], InStep)
        what_a_person_left_to_the_ministry_is_not_asked_again(town, twice, other)


def what_a_person_left_to_the_ministry_is_not_asked_again(
    town: Town, twice: str, other: str
) -> None:
    """Prove it of two records under one code, and of one keyed there by hand; one more is news."""
    gplx, ministry = town.ministries["gplx"], town.house.ministries["gplx"]
    [by_hand] = gplx.file_own(1)
    found, _ = night(town)
    assert isinstance(found[None], MissingAtOneStop)
    with town.house.store.write("conflict resolved") as unit:
        clerk.twice(unit, ministry, town.link(twice, "gplx"), 2)
        assert unit.conflicts.close(twice, "gplx", "record", apart.SAME)
        clerk.alike(unit, ministry, other, by_hand)
        assert unit.conflicts.close(other, "gplx", clerk.pair(by_hand), apart.SAME)
    found, _ = night(town)
    assert None not in found
    assert {type(found[code]) for code in (twice, other)} == {InStep}
    gplx._register.file({**gplx._register.with_code(twice)[0].body})
    lose(town, other)
    found, _ = night(town)
    assert isinstance(found[twice], Duplicates)
    lost = found[other]
    assert isinstance(lost, MissingAtMinistry)
    assert lost.action is Action.PERSON


def test_a_thorough_comparison_and_another_mapping_take_nothing_as_agreed(tmp_path: Path) -> None:
    """Who asks for more, or by other rules, has everything weighed."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(2)
        night(town)
        assert night(town)[1] == []
        assert night(town, replace(EVER, thorough=True))[1] == [code]
        ministry = town.house.ministries["gplx"]
        with patch.object(ministry.lens, "fingerprint", "another"):
            assert night(town)[1] == [code]
        assert night(town)[1] == [code]
        assert night(town)[1] == []
