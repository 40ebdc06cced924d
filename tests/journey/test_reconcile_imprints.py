"""Days on which neither side has changed are told as one, and whatever changes on them is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from adapters.onestop_sql.adapter import SqlOneStop
from bridge.domain.comparison import Kind, kind_of
from bridge.domain.finding_record import as_record, key_of
from bridge.domain.reconcile import InStep, OnItsWay, Waits
from bridge.engine import ask, reconcile
from bridge.engine.house import ONESTOP
from bridge.engine.reconcile import Terms, imprinting
from bridge.engine.seen import UNNUMBERED
from bridge.store import Agreement, Arrival, imprints
from tests.journey.test_reconcile import lose
from tests.journey.test_reconcile_command import received
from tests.journey.town import PowerCutError, Town

DAYS_AGO = (2, 3, 12, 13, 25, 26)
"""In three portions of a month: the first is of seven days, the next of twice as many."""


@pytest.fixture(autouse=True)
def _any_days_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imprinting, "WORTH", 1)


@contextmanager
def looking() -> Iterator[list[str]]:
    """Note which dossiers are looked at by themselves while the block runs."""
    looked: list[str] = []
    fetch = SqlOneStop.fetch_unknown

    def noted(onestop: SqlOneStop, codes: Sequence[str], *rest: Any) -> Any:
        looked.extend(codes)
        return fetch(onestop, codes, *rest)

    with patch.object(SqlOneStop, "fetch_unknown", noted):
        yield looked


@dataclass(frozen=True)
class Found:
    """What a comparison came to, and which dossiers it looked at by themselves."""

    counts: Counter[Kind]
    findings: dict[str, dict[str, Any]]
    looked: set[str]


def town_on(tmp_path: Path, request: pytest.FixtureRequest, database: str) -> Town:
    """Return a town both of whose databases are of this kind."""
    urls = {}
    if database == "postgresql":
        urls["onestop_url"] = request.getfixturevalue("postgres_database")
        urls["store_url"] = request.getfixturevalue("second_database")
    return Town(tmp_path, ("gplx",), **urls)


def terms_of(town: Town) -> Terms:
    today = reconcile.today(town.house)
    return Terms(today - timedelta(days=30), today, age=timedelta())


def night(town: Town) -> Found:
    """Compare both sides as every night does; every dossier singly must come to the same."""
    town.clock.forward(60)
    ministry, terms = town.house.ministries["gplx"], terms_of(town)
    with looking() as looked, reconcile.course(town.house, ministry, terms, anew=True) as under_way:
        counts = under_way.run().counts
        findings = {key_of(one.finding): as_record(one.finding) for one in under_way.plan()}
    singly = [one.finding for one in reconcile.sweep(town.house, ministry, terms)]
    assert counts == Counter(kind_of(one) for one in singly)
    assert findings == {key_of(one): as_record(one) for one in singly if type(one) is not InStep}
    return Found(Counter(counts), findings, set(looked))


def in_step(town: Town) -> list[str]:
    """Key dossiers that were received on different days, and bring both sides in step."""
    codes = [received(town, days_ago) for days_ago in DAYS_AGO for _ in range(2)]
    town.settle(3)
    town.clock.forward(3600)
    return codes


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_was_in_step_is_not_looked_at_while_both_sides_are_as_they_were(
    tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    """What was not is, every night; a day on which anything changed is gone through whole."""
    with town_on(tmp_path, request, database) as town:
        codes = in_step(town)
        first = night(town)
        assert first.looked == set(codes)
        assert first.counts == {Kind.IN_STEP: len(codes)}
        again = night(town)
        assert (again.looked, again.counts) == (set(), first.counts)

        town.execute(
            "UPDATE dossier SET applicant_phone = '0922222222' WHERE code = :code", code=codes[0]
        )
        town.ministry_edits(codes[-1], HoTen="Người Mẫu Khác")
        found = night(town)
        assert {codes[0], codes[-1]} <= found.looked < set(codes)
        assert found.counts == {Kind.IN_STEP: len(codes) - 2, Kind.DIFFERENT: 2}
        again = night(town)
        assert again.looked == {codes[0], codes[-1]}
        assert (again.counts, again.findings) == (found.counts, found.findings)

        town.settle(3)
        town.clock.forward(3600)
        night(town)
        with town.house.store.write("settle") as unit:
            unit.links.change(town.link(codes[4], "gplx").id, versions=7)
        assert codes[4] in night(town).looked
        assert codes[4] not in night(town).looked


Change = Callable[[Town, str], object]


def waits_here(town: Town, code: str) -> None:
    arrive(town, ONESTOP, code)


def waits_by_number(town: Town, code: str) -> None:
    link = town.link(code, "gplx")
    arrive(town, "gplx", str(link.ref))


def waits_without_number(town: Town, code: str) -> None:
    arrive(town, "gplx", f"{UNNUMBERED}{code}")


def waits_by_code(town: Town, code: str) -> None:
    arrive(town, "gplx", code)


def arrive(town: Town, source: str, ref: str) -> None:
    with town.house.store.write("receive page") as unit:
        unit.inbox.add([Arrival(source, ref, "another", {"so": 1})])


def is_before_a_person(town: Town, code: str) -> None:
    link = town.link(code, "gplx")
    with town.house.store.write("reconcile") as unit:
        unit.conflicts.raise_(code, "gplx", "record", "shared", code, link.ref)


def is_sent(town: Town, code: str) -> None:
    town.edit(code, applicant_phone="0911111111")
    town.front()


def is_gone_here(town: Town, code: str) -> None:
    for table in ("progress", "document", "fee", "supplement", "notice"):
        town.execute(f"DELETE FROM dossier_{table} WHERE dossier_code = :code", code=code)
    town.execute("DELETE FROM dossier WHERE code = :code", code=code)


def is_keyed_there_too(town: Town, code: str) -> None:
    register = town.ministries["gplx"]._register
    register.file({**register.with_code(code)[0].body})


def is_received_another_day(town: Town, code: str) -> None:
    other = town.dossier(town.rows("SELECT code FROM dossier ORDER BY code")[-1]["code"])
    town.execute(
        "UPDATE dossier SET received_at = :at WHERE code = :code",
        at=other["received_at"],
        code=code,
    )


CHANGES: tuple[Change, ...] = (
    waits_here,
    waits_by_number,
    waits_without_number,
    waits_by_code,
    is_before_a_person,
    is_sent,
    lose,
    is_gone_here,
    is_keyed_there_too,
    is_received_another_day,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_nothing_that_happens_to_a_dossier_is_passed_over(tmp_path: Path, change: Change) -> None:
    """Each is looked at by itself, comes to what it comes to without imprints, and is again."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = in_step(town)
        night(town)
        change(town, codes[4])
        found = night(town)
        assert found.counts[Kind.IN_STEP] < len(codes)
        again = night(town)
        assert again.counts == found.counts
        assert again.looked <= {codes[4]}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_whatever_happens_in_whatever_order(
    tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    """Changes of all kinds, several a night, nights cut off among them: each night singly is the same."""
    chance = Random(20261127)
    with town_on(tmp_path, request, database) as town:
        in_step(town)
        spared = 0
        for _ in range(25):
            codes = [row["code"] for row in town.rows("SELECT code FROM dossier ORDER BY code")]
            linked = [code for code in codes if has_record(town, code)]
            for code in chance.sample(linked, chance.choice((0, 0, 1, 2))):
                chance.choice(CHANGES)(town, code)
            if chance.random() < 0.3:
                received(town, chance.choice(DAYS_AGO))
            if chance.random() < 0.3:
                town.settle(2)
            if chance.random() < 0.3:
                town.clock.forward(86_400)
            if chance.random() < 0.3:
                cut_off(town, chance.randint(1, 4), "agree", "comparison kept")
            found = night(town)
            spared += len(codes) - len(found.looked)
        assert spared > 0


def has_record(town: Town, code: str) -> bool:
    """Tell whether a dossier is linked, and has one record."""
    with town.house.store.read() as unit:
        link = unit.links.of_codes([code]).get((code, "gplx"))
    numbered = link is not None and link.ref is not None
    return numbered and len(town.ministries["gplx"]._register.with_code(code)) == 1


def cut_off(town: Town, after: int, *names: str) -> bool:
    """Begin a comparison that dies after so many transactions of these names, and start again."""
    left = [after]

    def dies(name: str, moment: str) -> None:
        if name in names and moment == "after":
            left[0] -= 1
            if left[0] == 0:
                raise PowerCutError

    town.restart(on_commit=dies)
    ministry, died = town.house.ministries["gplx"], False
    try:
        with reconcile.course(town.house, ministry, terms_of(town), anew=True) as under_way:
            under_way.run()
    except PowerCutError:
        died = True
    town.restart()
    return died


def test_a_night_that_was_cut_off_leaves_no_imprint_of_what_it_agreed(tmp_path: Path) -> None:
    """One agreement more and one less on a day are as many as before: they are not the same."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = in_step(town)
        moved, asked = codes[0], codes[1]
        is_before_a_person(town, asked)
        night(town)
        with town.house.store.write("reconcile") as unit:
            assert unit.conflicts.close(asked, "gplx", "record", "same")
            unit.links.change(town.link(moved, "gplx").id, versions=7)
        is_before_a_person(town, moved)
        before = town.link(moved, "gplx")
        assert cut_off(town, 1, "agree")
        with town.house.store.write("reconcile") as unit:
            assert unit.conflicts.close(moved, "gplx", "record", "same")
        assert town.link(moved, "gplx") == before
        found = night(town)
        assert moved in found.looked
        assert found.counts == {Kind.IN_STEP: len(codes)}


def test_a_link_without_a_number_is_looked_at_by_itself(tmp_path: Path) -> None:
    """What waits of its record waits under a number that only the list shows."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = in_step(town)
        link = town.link(codes[4], "gplx")
        with town.house.store.write("settle") as unit:
            unit.links.change(link.id, ref=None)
        assert night(town).counts == {Kind.IN_STEP: len(codes)}
        assert codes[4] in night(town).looked
        arrive(town, "gplx", str(link.ref))
        assert night(town).counts[Kind.ON_ITS_WAY] == 1


def test_a_record_that_does_not_name_its_dossier_is_looked_at_by_itself(tmp_path: Path) -> None:
    """Whose it is may change while it does not: the dossier that it names may be keyed here."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = in_step(town)
        unnamed, misnamed = codes[0], codes[5]
        late = received(town, 26)
        [row] = town.rows("SELECT * FROM dossier WHERE code = :code", code=late)
        is_gone_here(town, late)
        town.ministry_edits(unnamed, MaHoSoMotCua=None)
        town.ministry_edits(misnamed, MaHoSoMotCua=late)
        for _ in range(2):
            found = night(town)
            assert found.counts == {Kind.IN_STEP: len(codes)}
        assert found.looked == {unnamed, misnamed}
        columns = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        town.execute(f"INSERT INTO dossier ({columns}) VALUES ({values})", **row)
        found = night(town)
        assert found.counts[Kind.IN_STEP] == len(codes) - 1
        assert found.findings.keys() == {late, misnamed}


def test_another_process_that_agrees_meanwhile_ends_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One has moved and another come to be agreed: as many as before, and not the same."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = in_step(town)
        moved, asked = codes[0], codes[1]
        is_before_a_person(town, asked)
        night(town)
        begin = imprinting.Imprinting.begin
        elsewhere: list[str] = []

        def begun(one: imprinting.Imprinting, rules: bytes) -> None:
            begin(one, rules)
            if elsewhere or one.before is None or not one.before.here:
                return
            elsewhere.append(asked)
            with town.house.store.write("reconcile") as unit:
                assert unit.conflicts.close(asked, "gplx", "record", "same")
                unit.links.change(town.link(moved, "gplx").id, versions=7)
                link = unit.links.of_codes([asked])[asked, "gplx"]
                unit.agreements.keep(
                    "gplx", [Agreement(asked, link.id, one.until, "ours", "theirs")]
                )

        monkeypatch.setattr(imprinting.Imprinting, "begin", begun)
        found = night(town)
        assert elsewhere
        assert moved in found.looked


def test_a_link_that_moves_while_the_list_is_read_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row and its record may be as they were: a person has decided something."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = in_step(town)
        night(town)
        listing, moved = ask.listing, list[str]()

        def listed(*asked: Any) -> Any:
            if not moved:
                moved.append(codes[-1])
                with town.house.store.write("settle") as unit:
                    unit.links.change(town.link(codes[-1], "gplx").id, versions=7)
            return listing(*asked)

        monkeypatch.setattr(ask, "listing", listed)
        assert codes[-1] in night(town).looked


def test_where_much_is_under_way_each_dossier_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every day all of that would be gone through; the next quiet night is spared again."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = in_step(town)
        night(town)
        arrive(town, "gplx", "of nobody here")
        with monkeypatch.context() as patched:
            patched.setattr(imprints, "MUCH", 0)
            assert night(town).looked == set(codes)
        assert night(town).looked == set()


def test_a_shorter_period_and_another_day_keep_to_the_days_there_are(tmp_path: Path) -> None:
    """A period that slides by a day each night is spared what the night before has seen of it."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = in_step(town)
        night(town)
        town.clock.forward(86_400)
        found = night(town)
        assert found.looked <= set(codes[-4:])  # the first days, cut short, are others
        assert night(town).looked == set()
        ministry, terms = town.house.ministries["gplx"], terms_of(town)
        thorough = replace(terms, thorough=True)
        with looking(), reconcile.course(town.house, ministry, thorough) as under_way:
            assert under_way.run().counts == {Kind.IN_STEP: len(codes)}
        assert night(town).looked == set()


def test_what_is_on_its_way_is_told_while_its_days_are_as_they_were(tmp_path: Path) -> None:
    """A dossier that waits for a person on a day that is told as one is told of each night."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = in_step(town)
        is_before_a_person(town, codes[6])
        night(town)
        found = night(town)
        link = town.link(codes[6], "gplx")
        waits = OnItsWay(codes[6], link.ref, Waits.CONFLICT)
        assert found.findings == {codes[6]: as_record(waits)}
        assert found.looked == {codes[6]}
