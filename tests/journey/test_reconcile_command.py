"""``reconcile``: what differs is told, written and repaired by the command, and taken up where it stopped."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest

from adapters.onestop_sql.adapter import SqlOneStop
from bridge.bootstrap import open_house
from bridge.domain.comparison import Comparison, Kind, Placed
from bridge.engine import reconcile
from bridge.engine.reconcile import Terms
from bridge.engine.reconcile.again import Again
from tests.journey.conftest import Typed
from tests.journey.test_reconcile import lose
from tests.journey.town import GPLX, VIETNAM, PowerCutError, Town

At = Callable[[Town], Typed]


def day(town: Town, days_ago: int = 0) -> str:
    """Return a day of Vietnam as the command takes it."""
    return (town.clock().astimezone(VIETNAM) - timedelta(days=days_ago)).strftime("%d/%m/%Y")


def to_noon(town: Town) -> None:
    """Move the clock to the next noon of Vietnam: a story of some hours then has one today."""
    now = town.clock().astimezone(VIETNAM)
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    town.clock.forward(((noon - now) % timedelta(days=1)).total_seconds())


def received(town: Town, days_ago: int) -> str:
    """Key a dossier that was received some days ago."""
    at = town.clock().astimezone(VIETNAM) - timedelta(days=days_ago)
    stamp: Any = at.isoformat(timespec="milliseconds") if town.on_sqlite else at
    return town.key(GPLX, received_at=stamp)


def kinds(document: dict[str, Any]) -> Counter[str]:
    return Counter({kind.value: document[kind.value] for kind in Kind if document[kind.value]})


def watched(
    monkeypatch: pytest.MonkeyPatch, town: Town, on_commit: Callable[[str, str], None]
) -> None:
    """Let commands open a house whose commits are watched."""

    def opened(settings: Any, **more: Any) -> Any:
        handed: dict[str, Any] = {
            "registry": town.registry,
            "now": town.clock,
            "sleep": town.clock.forward,
        }
        return open_house(settings, on_commit=on_commit, **handed, **more)

    monkeypatch.setattr("bridge.cli.house.open_house", opened)


class Cast(NamedTuple):
    """Who plays what where everything has happened: codes, and two records' numbers."""

    edited: str
    second: str
    own: str
    name: str


def everything_happens(town: Town) -> Cast:
    """Let one dossier of each class come about; the name that one was keyed with in NFD is the same."""
    register = town.ministries["gplx"]._register
    same, edited, lost, twice, deleted = (received(town, n % 3) for n in range(5))
    town.key(GPLX, status=7)
    town.settle(2)
    name = unicodedata.normalize("NFD", town.dossier(same)["applicant_name"])
    town.edit(same, applicant_name=name)
    body = {**register.with_code(twice)[0].body}
    town.execute("DELETE FROM dossier WHERE code = :code", code=deleted)
    town.clock.forward(3600)
    town.settle(2)
    second = register.file(body)
    own = town.ministries["gplx"].file_own(1)[0]
    name = town.dossier(edited)["applicant_name"]
    town.ministry_edits(edited, HoTen=name.upper())
    late = town.key(GPLX)
    town.edit(late, at=town.clock() - timedelta(hours=3))
    lose(town, lost)
    town.clock.forward(3600)
    return Cast(edited, second, own, name)


def test_every_class_is_told_and_written(tmp_path: Path, typed: At) -> None:
    """Counted and grouped; personal values are masked everywhere, or shown and that is journalled."""
    with Town(tmp_path, ("gplx",)) as town:
        desk, cast = typed(town), everything_happens(town)
        plan, html, csv = (tmp_path / f"out.{end}" for end in ("plan", "html", "csv"))
        words = ("reconcile", "gplx", "--json", "--since", day(town, 40))
        files = ("--save", str(plan), "--html", str(html), "--csv", str(csv))
        ended = desk(*words, *files)
        told = ended.document()
        assert (ended.code, told["complete"], told["before"]) == (1, True, None)
        assert kinds(told) == {
            "in_step": 1,
            "missing_at_ministry": 2,
            "missing_at_onestop": 1,
            "different": 1,
            "duplicates": 1,
            "orphan_link": 1,
            "withdrawn": 1,
        }
        assert told["compared"] == 8
        found = {one["code"]: one for one in told["differences"]}
        actions = {one["action"] for one in found.values()}
        assert actions == {"send_anew", "capture", "take_in", "person"}
        assert found[None]["ministry_ref"] == cast.own
        [field] = found[cast.edited]["fields"]
        assert (field["path"], field["owner"]) == ("applicant.name", "onestop")
        written = (
            ended.out + ended.err + "".join(one.read_text("utf-8") for one in (plan, html, csv))
        )
        assert cast.name not in unicodedata.normalize("NFC", written)
        assert cast.name.upper() not in written
        offices = {one["code"]: one["name"] for one in town.rows("SELECT code, name FROM agency")}
        units = [unit for unit in told["by_unit"] if unit in offices]
        page, table = (unicodedata.normalize("NFC", one.read_text("utf-8")) for one in (html, csv))
        assert units
        assert all(f"{offices[unit]} ({unit})" in page for unit in units)
        assert any(f"{unit},{offices[unit]}," in table for unit in units)
        with_values = desk(*words, "--with-values").document()
        assert cast.name.upper() in json.dumps(with_values, ensure_ascii=False)
        read = town.journal("decided", cast.edited)
        assert [row.detail["what"] for row in read] == ["values read"]


def test_a_plan_does_what_it_says_once_whatever_crashes(
    tmp_path: Path, typed: At, monkeypatch: pytest.MonkeyPatch, second_database: str
) -> None:
    """Dead half way, the same plan does the rest; then nothing is left that is not a person's."""
    with Town(tmp_path, ("gplx",), store_url=second_database) as town:
        desk, cast, plan = typed(town), everything_happens(town), str(tmp_path / "plan")
        words = ("reconcile", "gplx", "--json")
        assert desk(*words, "--save", plan).code == 1
        commits = Counter[tuple[str, str]]()

        def dies(transaction: str, phase: str) -> None:
            commits[transaction, phase] += 1
            if commits["reconcile", "after"] == 3:  # the decision, and two of four repairs
                raise PowerCutError

        watched(monkeypatch, town, dies)
        doing = (*words, "--plan", plan, "--apply", "--reason", "looked through by the office")
        with pytest.raises(PowerCutError):
            desk(*doing)
        watched(monkeypatch, town, lambda _transaction, _phase: None)
        done = desk(*doing).document()["applied"]
        assert (done["mended"], len(done["refused"])) == (2, 2)
        assert desk(*doing).document()["applied"]["mended"] == 0
        town.settle(3)
        town.clock.forward(3600)
        again = desk(*words, "--apply")
        told = again.document()
        assert (again.code, told["applied"]) == (1, {"mended": 0, "left": 0, "refused": []})
        left = {"duplicates": 1, "orphan_link": 1, "withdrawn": 1}
        assert kinds(told) == {"in_step": 4, "on_its_way": 1, **left}
        assert [one["why"] for one in told["waiting"]] == ["conflict"]
        assert (told["differing"], told["before"]["differing"]) == (2, 6)
        trend = desk("reconcile", "gplx", "--trend", "--json").document()["comparisons"]
        assert [one["differing"] for one in trend] == [6, 2]
        assert len(desk("reconcile", "gplx", "--trend", "--lang", "vi").out.splitlines()) == 3
        register = town.ministries["gplx"]._register
        twice = register._entries.pop(cast.second).body["MaHoSoMotCua"]
        register._by_code[twice].pop()
        town.ends_well()


def test_stopped_half_way_it_goes_on_and_counts_nothing_twice(
    tmp_path: Path, typed: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ends with 3 and keeps the days that are done; records listed on other days are one of theirs.

    What is saved of it says that it is a part. Killed at any of its writes, it comes to the same.
    """
    with Town(tmp_path, ("gplx",)) as town:
        to_noon(town)
        desk, register = typed(town), town.ministries["gplx"]._register
        codes = [received(town, ago) for ago in (30, 29, 28, 12, 3)]
        town.settle(2)
        town.clock.forward(3600)
        first = {**register.with_code(codes[0])[0].body}
        last = {**register.with_code(codes[4])[0].body}
        early, late = first["NgayTiepNhan"], last["NgayTiepNhan"]
        second = register.file({**first, "NgayTiepNhan": late})
        edited = town.dossier(codes[1])["applicant_name"].upper()
        town.ministry_edits(codes[1], HoTen=edited)
        alone = received(town, 8)
        register.file({**last, "MaHoSoMotCua": alone, "NgayTiepNhan": early})
        town.edit(alone, at=town.clock() - timedelta(hours=3))
        town.ministry_edits(codes[4], NgayTiepNhan=early)
        unknown = {**first, "MaHoSoMotCua": "H40.05-200101-0001"}
        for listed in (early, late):
            register.file({**unknown, "NgayTiepNhan": listed})
        town.clock.forward(3600)
        commits = Counter[str]()

        def goes_away(transaction: str, phase: str) -> None:
            commits[transaction] += phase == "after"
            if commits["comparison kept"] == 1:  # the first portion
                town.ministries["gplx"].down()

        watched(monkeypatch, town, goes_away)
        words = ("reconcile", "gplx", "--since", day(town, 30), "--until", day(town), "--json")
        a_part_is_saved(desk, words, tmp_path / "plan")
        town.ministries["gplx"].up()
        town.clock.forward(60)
        watched(monkeypatch, town, lambda _transaction, _phase: None)
        looks = receptions(monkeypatch)
        ended = desk(*words, "--with-values")
        told = ended.document()
        assert looks.total() == 1  # for the two portions that are left
        assert "going on behind" in ended.err
        assert "31 of 31 days compared" in ended.err
        assert told["compared"] == 7
        found = {one["code"]: one["kind"] for one in told["differences"]}
        assert found == {
            codes[0]: "duplicates",
            codes[1]: "different",
            codes[4]: "different",
            alone: "different",
            unknown["MaHoSoMotCua"]: "duplicates",
        }
        unlinked = next(one["fields"] for one in told["differences"] if one["code"] == alone)
        ways = {one["path"]: one["unlike"] for one in unlinked}
        assert (ways["documents"], "code" in ways) == ("not_shown", False)
        assert "absent_there" not in ways.values()
        [field] = next(one["fields"] for one in told["differences"] if one["code"] == codes[1])
        assert field["ministry"] == edited
        whole = desk(*words).document()
        assert (kinds(whole), whole["by_day"]) == (kinds(told), told["by_day"])
        assert second in json.dumps(whole)
        killed_at_each_write(town, Terms(*days_of(whole)))


def receptions(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return a count of how often the one-stop is asked which dossier was received on which day."""
    looks, reception = Counter[str](), SqlOneStop.reception

    def counted(*given: Any) -> Any:
        looks["reception"] += 1
        return reception(*given)

    monkeypatch.setattr(SqlOneStop, "reception", counted)
    return looks


def a_part_is_saved(desk: Typed, words: tuple[str, ...], plan: Path) -> None:
    """Prove that a comparison stopped half way is said to be a part, and so is its plan."""
    ended = desk(*words, "--save", str(plan))
    told = ended.document()
    assert (ended.code, told["complete"], told["compared"]) == (3, False, 4)
    assert "goes on from there" in ended.err
    assert "the plan is a part" in ended.err
    assert plan.stat().st_mode & 0o777 == 0o600
    ended = desk("reconcile", "gplx", "--plan", str(plan), "--json")
    assert (ended.document()["complete"], "is a part" in ended.err) == (False, True)


def days_of(told: dict[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(told["since"]), date.fromisoformat(told["until"])


def killed_at_each_write(town: Town, terms: Terms) -> None:
    """Prove that a comparison that died at any of its writes comes to the same, asking once."""
    left: Counter[str] = Counter()

    def dies(transaction: str, phase: str) -> None:
        left[phase] -= transaction.startswith("comparison")
        if left[phase] == 0:
            raise PowerCutError

    town.restart(on_commit=dies)
    house, ministry = town.house, town.house.ministries["gplx"]

    def made() -> tuple[Comparison, list[Placed]]:
        with reconcile.course(house, ministry, terms) as under_way:
            came_to = replace(under_way.run(), made_at=datetime.min.replace(tzinfo=UTC))
            found = list(under_way.rows())
            with patch.object(Again, "asked", side_effect=AssertionError):
                assert list(under_way.rows()) == found
            return came_to, found

    uncut, writes = made(), -left["after"]
    assert writes == 5  # begun, three portions, made
    for phase in ("before", "after"):
        for number in range(1, writes + 1):
            left[phase] = number
            with pytest.raises(PowerCutError):
                made()
            assert made() == uncut, (phase, number)


def test_what_can_t_be_done_is_said_and_nothing_is_done(tmp_path: Path, typed: At) -> None:
    """A plan that is cut off, edited, of another system or none; days that are none; compared elsewhere."""
    with Town(tmp_path, ("gplx", "lltp")) as town:
        desk, plan = typed(town), tmp_path / "plan"
        town.key(GPLX)
        town.settle(2)
        lose(town, town.rows("SELECT code FROM dossier")[0]["code"])
        town.clock.forward(3600)
        assert desk("reconcile", "gplx", "--save", str(plan)).code == 1
        head, row, end = plan.read_text("utf-8").splitlines(keepends=True)
        assert desk("reconcile", "gplx", "--plan", str(plan)).code == 1
        for text, line in (
            (head + row.replace("lost", "never_sent") + end, 2),
            (head.replace("gplx", "lltp") + row + end, 1),
            (head + end, 2),
            (head + row, 3),
            ("\ufeffmã;tên\n", 1),
            ("", 1),
        ):
            plan.write_text(text, "utf-8")
            ended = desk("reconcile", "gplx", "--plan", str(plan), "--apply")
            assert (ended.code, f"line {line}" in ended.err) == (2, True), ended.err
        plan.write_text(head + row + end, "utf-8")
        assert desk("reconcile", "lltp", "--plan", str(plan), "--apply").code == 2
        assert desk("reconcile", "gplx", "--since", "2026-02-30").code == 2
        assert desk("reconcile", "gplx", "--since", day(town), "--until", day(town, 1)).code == 2
        assert town.journal("reconciled") == []
        who_comes_late_is_told(town, desk)


def who_comes_late_is_told(town: Town, desk: Typed) -> None:
    """Prove that nobody goes on with what is another's or old, or reads half of what was found."""
    today, ministry = reconcile.today(town.house), town.house.ministries["gplx"]
    terms = Terms(today - timedelta(days=29), today)
    words = ("reconcile", "gplx", "--since", terms.since.isoformat(), "--until", today.isoformat())
    elsewhere = replace(town.house, owner="another machine:1:1")
    with reconcile.course(elsewhere, ministry, terms):
        busy = desk(*words)
    assert (busy.code, "another process" in busy.err) == (1, True)
    town.clock.forward(7 * 3600)
    assert "begun more than 6 hours ago" in desk(*words).err
    with (
        patch.object(ministry.lens, "fingerprint", "another"),
        reconcile.course(town.house, ministry, terms),
    ):
        pass
    assert "begun by other rules" in desk(*words).err
    with reconcile.course(town.house, ministry, terms) as under_way:
        under_way.run()
        found = list(under_way.plan())
        reading = under_way.plan()
        assert next(reading) == found[0]
        assert desk(*words, "--anew").code == 1
        assert [found[0], *reading] == found
        reading = under_way.plan()
        next(reading)
        town.clock.forward(3600)
        desk(*words)
        with pytest.raises(reconcile.ComparisonGoneError):
            list(reading)
