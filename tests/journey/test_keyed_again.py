"""What is linked already and keyed once more, here or there, is asked about and not made anew."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bridge.domain import matching
from bridge.domain.dossier import Snapshot
from bridge.domain.matching import Entry, Pair, Sureness
from bridge.engine import (
    admission,
    capture,
    clerk,
    feed,
    mark_key,
    match,
    post,
    questions,
    receive,
    survey,
    unpaired,
)
from bridge.engine import round as rounds
from bridge.engine.marks import MADE_ANEW, Marks
from bridge.engine.people import conflicts, pairing, pairs, parting
from bridge.engine.people.refusal import Refusal
from bridge.engine.people.whereabouts import LOOKED_AT_FIRST, whereabouts
from bridge.i18n import speaker
from bridge.sdk.errors import Retryable
from bridge.store import StoreFault
from bridge.store.store import open_engine
from tests.journey.conftest import Typed
from tests.journey.keyed_twice import keyed_carelessly, keyed_there
from tests.journey.test_keyed_twice import BORN, WHY, dies_at, link, link_all, look, the_codes
from tests.journey.town import GPLX, YTE, PowerCutError, Town


def marks_kept(town: Town) -> list[tuple[str, bool]]:
    """Return of which records marks are kept, and whether only for a time."""
    query = text("SELECT DISTINCT ref, until IS NOT NULL FROM unpaired ORDER BY ref")
    with town.house.store.read() as unit:
        return [(ref, bool(timed)) for ref, timed in unit.connection.execute(query)]


def keyed_here(town: Town, code: str, **otherwise: Any) -> str:
    """Key a dossier of the same person, received at the same moment; returns its code."""
    row = town.dossier(code)
    same = {name: row[name] for name in row if name.startswith("applicant_")}
    again = town.key(row["procedure_code"], received_at=None)
    town.edit(again, **same | {"received_at": row["received_at"]} | otherwise)
    return again


def test_a_record_like_one_that_is_linked_is_asked_about_once(tmp_path: Path) -> None:
    """Keyed twice there, and seen one after the other: the second becomes no dossier by itself."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        code = town.key(GPLX, applicant_birth_date=BORN)
        first = keyed_there(town, code)
        [_] = link_all(town, look(town))
        town.settle(2)
        again, other = keyed_carelessly(town, code), keyed_carelessly(town, code)
        town.settle(2)
        assert the_codes(town) == [code]
        asked = town.conflicts(code, "gplx")
        assert asked.keys() == {f"link:{again}", f"link:{other}"}
        assert town.dossier(code)["ministry_ref"] == first
        assert marks_kept(town) == [(again, False), (other, False)]

        def never() -> match.Found:
            raise AssertionError  # two wait for an answer, and no more are wanted

        [pair, _] = match.questions(town.house, ministry, never, limit=2)
        assert pair.points
        seen = match.shown(town.house, ministry, pair, WHY)
        assert first in str(seen.bar)
        assert isinstance(match.same(town.house, ministry, pair, seen, WHY), match.Linked)
        town.ministries["gplx"].move(pair.theirs, "XL")  # a second version of it
        conflicts.resolve(town.house, WHY, asked[f"link:{other}"].id, "ministry")
        town.settle(3)
        assert len(the_codes(town)) == 2
        assert {row.detail["ref"] for row in town.journal("imported")} == {other}
        assert town.conflicts(code, "gplx") == {}
        assert town.quarantined() == []
        assert town.dossier(code)["status"] == 2
        assert marks_kept(town) == [(other, True)]
        town.ends_well()

        second = keyed_here(town, code)
        pair = Pair(second, keyed_there(town, second), Sureness.SURE, 60.0, ())
        [left] = link(town, look(town), [pair])  # as like as the two are
        assert isinstance(left, match.NotLinked)
        assert f"like {code} too" in left.reason


def dies_between_two_portions(town: Town, keyed: str) -> None:
    """Die after the first: a dossier that is keyed by then waits, and the next process does the rest."""
    town.restart(on_commit=dies_at("marked anew", "after"))
    with pytest.raises(PowerCutError):
        mark_key.accept(replace(town.house, page=1), WHY)
    town.restart()
    with pytest.raises(StoreFault, match="being marked anew"):  # half of it is found by nobody
        post.post(town.house)
    assert town.states(keyed, "gplx") == []
    assert survey.backlog(town.house) == MADE_ANEW
    assert mark_key.go_on(town.house) == mark_key.Anew(marked=1)
    assert mark_key.go_on(town.house) == mark_key.Anew()


def test_what_became_a_dossier_and_is_keyed_here_too_is_asked_about_before_it_is_sent(
    tmp_path: Path, typed: Callable[[Town], Typed]
) -> None:
    """Two records of one dossier in one page, a clerk who does not know of either, and a key that is lost."""
    with Town(tmp_path, ("gplx",)) as town:
        pattern = town.key(GPLX, applicant_birth_date=BORN, received_at=None)
        received = town.clock().isoformat(timespec="seconds")
        refs = [keyed_there(town, pattern, NgayTiepNhan=received) for _ in "ab"]
        person = {
            name: value
            for name, value in town.dossier(pattern).items()
            if name.startswith("applicant_")
        }
        town.execute("DELETE FROM dossier_document WHERE dossier_code = :code", code=pattern)
        for table in ("progress", "fee"):
            town.execute(f"DELETE FROM dossier_{table} WHERE dossier_code = :code", code=pattern)
        town.execute("DELETE FROM dossier WHERE code = :code", code=pattern)
        town.settle(2)
        (imported,) = the_codes(town)
        taken = town.dossier(imported)["ministry_ref"]
        (left,) = set(refs) - {taken}
        assert town.conflicts(imported, "gplx").keys() == {f"link:{left}"}

        off = replace(town.house, ministries={})  # what can't be read now is worked once more
        assert mark_key.accept(off, WHY) == mark_key.Anew(marked=1, again=1)
        assert marks_kept(town) == [(taken, True)]
        town.receive("gplx")
        assert set(marks_kept(town)) == {(left, False), (taken, True)}
        stranger = replace(town.house, marks=Marks.under(bytes(32)))
        with pytest.raises(StoreFault, match="another key"):
            mark_key.accept(stranger)

        keyed = town.key(GPLX)
        town.edit(keyed, **person, received_at=town.dossier(imported)["received_at"])
        sum(capture.capture(town.house))
        (tmp_path / "file-addresses.key").unlink()
        lost = typed(town)("db", "accept-key", "--reason", "the disk is lost", "--yes", "--json")
        assert lost.document() == {"marked": 2, "again": 0}
        with pytest.raises(StoreFault, match="another key"):
            post.post(town.house)
        dies_between_two_portions(town, keyed)
        town.settle(2)
        assert f"link:{taken}" in town.conflicts(keyed, "gplx")
        assert town.ministries["gplx"].calls["NopHoSo"] == 0
        for conflict in town.conflicts(keyed, "gplx").values():
            ref = clerk.paired_ref(conflict.field)
            with pytest.raises(Refusal, match="dossier of its own"):
                conflicts.resolve(town.house, WHY, conflict.id, "onestop", ref)
            conflicts.resolve(town.house, WHY, conflict.id, "ministry", ref)
        town.settle(3)
        assert town.ministries["gplx"].calls["NopHoSo"] == 1

        town.clock.forward(unpaired.KEPT.total_seconds() + 1)
        with town.house.store.write("forget") as unit:
            unit.inbox.taken_back("gplx", [left])
        unpaired.tidy(town.house)
        assert marks_kept(town) == []


def test_a_pair_that_a_person_parted_is_never_made_again(tmp_path: Path) -> None:
    """Neither by the automatic side nor from a list that was made before; another person may."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        code = town.key(GPLX, applicant_birth_date=BORN)
        ref = keyed_there(town, code)
        pair = Pair(code, ref, Sureness.SURE, 60.0, ())
        [_] = link(town, look(town), [pair])
        parting.part(town.house, ministry, code, WHY)
        [refused] = link(town, look(town), [pair])
        assert isinstance(refused, match.NotLinked)
        assert "told the two apart" in refused.reason
        better = keyed_there(town, code, NgayTiepNhan="2026-11-18T08:00:00+07:00")
        found = look(town)
        assert [(one.ours, one.theirs) for one in found.sure] == [(code, better)]
        assert [type(one) for one in link_all(town, found)] == [match.Linked]
        town.settle(3)  # the link has forgotten the other record; what was decided has not
        assert town.dossier(code)["ministry_ref"] == better
        assert town.conflicts(code, "gplx") == {}
        assert {row.detail["ref"] for row in town.journal("imported")} == {ref}


def test_how_sure_a_pair_is_does_not_hang_on_where_a_period_ends(tmp_path: Path) -> None:
    """What was keyed there again some days later is a rival, though it is of another period."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX, applicant_birth_date=BORN, received_at="2026-11-20T08:00:00+07:00")
        first = keyed_there(town, code)
        day = match.Period(date(2026, 11, 20), date(2026, 11, 20))
        ministry = town.house.ministries["gplx"]
        assert [one.theirs for one in match.look(town.house, ministry, day).sure] == [first]
        keyed_there(town, code, NgayTiepNhan="2026-11-23T08:00:00+07:00")
        found = match.look(town.house, ministry, day)
        assert [(one.ours, one.theirs) for one in found.likely] == [(code, first)]
        assert (found.sure, found.onestop_only, found.ministry_only) == ((), 0, 0)


def test_what_moves_after_it_was_looked_at_is_not_linked(tmp_path: Path) -> None:
    """A list of pairs is old at once: linked is what is as sure now, or as it was seen."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.house.ministries["gplx"]
        moved, seen_to = (town.key(GPLX, applicant_birth_date=BORN) for _ in range(2))
        refs = {code: keyed_there(town, code) for code in (moved, seen_to)}
        found = look(town)
        town.edit(moved, applicant_id_number="036088123456", applicant_name="Lê Văn Khác")
        one = next(pair for pair in found.sure if pair.ours == moved)
        [refused] = link(town, found, [one])
        assert isinstance(refused, match.NotLinked)
        assert "changed meanwhile" in refused.reason

        other = next(pair for pair in found.sure if pair.ours == seen_to)
        shown = match.shown(town.house, ministry, other, WHY)
        town.ministries["gplx"].move(refs[seen_to], "XL")
        late = match.same(town.house, ministry, other, shown, WHY)
        assert isinstance(late, match.NotLinked)
        proposal = pairs.propose(town.house, ministry, seen_to, refs[seen_to])
        town.ministries["gplx"].move(refs[seen_to], "BS")
        feed.poll_open(town.house, ministry)
        with pytest.raises(Refusal) as fault, town.house.store.write("match") as unit:
            pairing.make(unit, ministry, seen_to, refs[seen_to], proposal.sight)
        assert fault.value.moved
        [linked] = link(town, found, [other])
        assert isinstance(linked, match.Linked)
        assert town.dossier(seen_to)["status"] == 5  # no older version came in behind the newer one


def test_whoever_comes_after_the_look_is_a_rival_all_the_same(tmp_path: Path) -> None:
    """A sure pair is weighed beside who has come since, here and there, and whom it has become like."""
    with Town(tmp_path, ("gplx",)) as town:
        here, there, twin, other = (
            town.key(GPLX, applicant_birth_date=f"1988-03-{day:02}") for day in (2, 3, 4, 5)
        )
        refs = {code: keyed_there(town, code) for code in (here, there, twin, other)}
        found = look(town)
        assert {one.ours: one.theirs for one in found.sure} == refs
        second = keyed_here(town, here)
        keyed_there(town, there)
        same = {name: value for name, value in town.dossier(other).items() if "applicant_" in name}
        town.edit(twin, **same)
        feed.poll_open(town.house, town.house.ministries["gplx"])
        outcomes = link_all(town, found)
        assert [type(one) for one in outcomes] == [match.NotLinked] * 4
        assert all(
            "look again" in one.reason for one in outcomes if isinstance(one, match.NotLinked)
        )

        town.edit(second, applicant_id_number="036088123456", applicant_phone="0912000009")
        keyed_here(town, here, received_at=None)  # never received, or named: no look sees either
        town.ministries["gplx"].file_own(MaHoSoMotCua=keyed_here(town, here))
        [linked] = link_all(town, look(town))
        assert isinstance(linked, match.Linked)
        assert linked.pair.ours == here


def test_a_record_that_can_not_be_read_whole_is_asked_about_by_what_can(tmp_path: Path) -> None:
    """A birthday that is none: whoever it may be waits, in line already or keyed later; mended, they go."""
    with Town(tmp_path, ("gplx",)) as town:
        before = town.key(GPLX, applicant_birth_date=BORN)
        town.front()
        ref = keyed_there(town, before, NgaySinh="31/02/1988")
        town.receive("gplx")
        [(aside, _, rule)] = town.quarantined()
        assert (aside, rule is not None) == (ref, True)
        assert town.conflicts(before, "gplx").keys() == {f"link:{ref}"}
        later, stranger, named = keyed_here(town, before), town.key(GPLX), town.key(GPLX)
        bare = {"HoTen": "", "SoGiayTo": "", "DienThoai": "", "NgaySinh": "31/02/1988"}
        (other,) = town.ministries["gplx"].file_own(MaHoSoMotCua=named, **bare)
        town.front()
        town.receive("gplx")
        town.settle(2)
        assert town.conflicts(later, "gplx").keys() == {f"link:{ref}"}
        assert town.conflicts(named, "gplx").keys() == {f"link:{other}"}
        assert town.states(stranger, "gplx") == ["confirmed"]
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        ended = questions.look(town.house, town.house.ministries["gplx"])
        assert ended == 0  # it names the dossier, whomever else it is like

        apart = town.key(GPLX)
        town.front()
        (third,) = town.ministries["gplx"].file_own(MaHoSoMotCua=apart, **bare)
        town.receive("gplx")
        [question] = town.conflicts(apart, "gplx").values()
        conflicts.resolve(town.house, WHY, question.id, "ministry")
        town.front()
        town.receive("gplx")
        assert town.states(apart, "gplx") == ["superseded", "pending"]  # and stays so
        town.settle(2)
        assert town.ministries["gplx"].calls["NopHoSo"] == 2

        written_anew(town, ref, HoTen="Lê Thị Khác", SoGiayTo="036188123456", NgaySinh="1991")
        written_anew(town, other, HoTen="Trần Mẫu", SoGiayTo="036088123457", NgaySinh="1991")
        town.settle(2)
        assert town.link(named, "gplx").ref == other
        questions.look(town.house, town.house.ministries["gplx"])
        town.settle(3)
        assert {row.detail["ref"] for row in town.journal("imported")} == {ref}
        assert town.ministries["gplx"].calls["NopHoSo"] == 4
        over = {row.code for row in town.journal("clash_resolved")}
        assert over == {before, later, named}
        assert [aside for aside, *_ in town.quarantined()] == [third]


def test_however_much_is_posted_meanwhile_what_can_not_be_read_is_asked_about(
    tmp_path: Path,
) -> None:
    """Dossiers are posted whenever it is looked: two such records are asked about, at one look."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX, applicant_birth_date=BORN)
        town.front()
        refs = [keyed_there(town, code, NgaySinh="31/02/1988") for _ in "ab"]
        looks: list[Any] = []
        real = town.house.onestop.alike

        def alike(people: Any) -> Any:
            looks.append(people)
            town.key(GPLX)
            town.front()
            return real(people)

        town.house.onestop.alike = alike  # type: ignore[method-assign]
        town.receive("gplx")
        assert len(looks) == 1
        assert town.conflicts(code, "gplx").keys() == {f"link:{ref}" for ref in refs}
        assert sorted(aside for aside, *_ in town.quarantined()) == sorted(refs)


def written_anew(town: Town, ref: str, **person: str) -> None:
    """Let an officer of gplx write another person into a record."""
    register = town.ministries["gplx"]._register
    body = register.entry(ref).body
    register.replace(ref, {**body, "NguoiNop": {**body["NguoiNop"], "DienThoai": ""} | person})


def test_a_question_ends_once_its_record_is_gone_or_is_not_like_the_dossier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleted over there, absent twice; mended here, or for another system: the dossier goes.

    One that can't be asked about keeps none of the others, and they are looked at page by page. Where
    nothing is shown, nothing is gone.
    """
    with Town(tmp_path, ("gplx",)) as town:
        town.key(GPLX)
        town.settle(2)
        ministry, register = town.house.ministries["gplx"], town.ministries["gplx"]._register
        gone, back, mended, moved = (
            town.key(GPLX, applicant_birth_date=f"1988-03-{day:02}") for day in (2, 3, 4, 5)
        )
        refs = {code: keyed_there(town, code) for code in (gone, back, mended, moved)}
        town.front()
        town.receive("gplx")
        kept = {code: register._entries.pop(refs[code]) for code in (gone, back)}
        register._entries["deleted"] = kept[gone]  # no number is given anew
        with town.house.store.write("as it was told before") as unit:
            kind = f"{clerk.CONFLICT}:{clerk.pair(refs[gone])}"
            clerk.owe(unit, gone, "gplx", kind, None, "một bản ghi", act=True)
        assert questions.look(town.house, ministry) == 0
        while_, fetch = questions.LOOKED_FOR_EVERY.total_seconds(), ministry.adapter.fetch

        def failing(ref: str) -> Any:
            if ref == refs[gone]:
                raise Retryable("HTTP 500")
            return fetch(ref)

        town.clock.forward(while_)
        with monkeypatch.context() as patch:
            patch.setattr(ministry.adapter, "fetch", failing)
            with pytest.raises(Retryable):
                questions.look(town.house, ministry)
            assert questions.look(town.house, ministry) == 0
        register._entries[refs[back]] = kept[back]
        town.clock.forward(while_ - 60)
        town.edit(
            mended,
            applicant_id_number="036088123456",
            applicant_name="Lê Thị Khác",
            applicant_phone="0912000009",
        )
        town.edit(moved, procedure_code=YTE)
        few = replace(town.house, page=1)
        assert [questions.look(few, ministry) for _ in refs] == [0, 0, 1, 1]
        assert town.conflicts(mended, "gplx") == town.conflicts(moved, "gplx") == {}
        town.clock.forward(60)
        assert [questions.look(town.house, ministry) for _ in "ab"] == [0, 0]
        town.clock.forward(while_)
        with monkeypatch.context() as patch:
            patch.setattr(ministry.adapter, "fetch", lambda _: None)
            assert questions.look(town.house, ministry) == 0
        town.clock.forward(while_)
        assert questions.look(town.house, ministry) == 1
        clerk.tell(town.house)
        assert town.notices(gone) == []
        town.settle(2)
        for code in (gone, mended):
            assert town.states(code, "gplx") == ["superseded", "confirmed"]
        assert town.conflicts(back, "gplx").keys() == {f"link:{refs[back]}"}
        assert [row.detail["how"] for row in town.journal("clash_resolved", gone)] == [
            questions.GONE
        ]
        imported = [refs[mended], refs[moved]]
        assert sorted(str(row.detail["ref"]) for row in town.journal("imported")) == imported
        assert marks_kept(town) == [(refs[back], False), *((ref, True) for ref in imported)]
        assert town.ministries["gplx"].calls["NopHoSo"] == 3


def test_a_record_waits_as_long_as_somebody_is_asked_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown worse than before, not shown where nothing is, answered for one of two dossiers: it waits."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry, register = town.house.ministries["gplx"], town.ministries["gplx"]._register
        ours = town.key(GPLX, applicant_birth_date=BORN)
        town.front()
        ref = keyed_there(town, ours)
        town.receive("gplx")
        again = keyed_here(town, ours, received_at="2026-09-01T08:00:00+07:00")
        town.front()
        assert town.conflicts(again, "gplx").keys() == {f"link:{ref}"}
        number = town.link(again, "gplx").id
        with town.house.store.write("a number, and nothing agreed") as unit:
            unit.links.change(number, ref="GPLX-26-9999999")
        assert questions.look(town.house, ministry) == 0  # else it were asked anew, again and again

        whole = register.entry(ref).body
        written_anew(town, ref, HoTen="Lê Thị Khác", SoGiayTo="036188123456", NgaySinh="31/02/1988")
        feed.poll_open(town.house, ministry)
        later = keyed_here(town, ours)
        town.front()
        [question] = town.conflicts(later, "gplx").values()  # what can be read is not like it
        conflicts.resolve(town.house, WHY, question.id, "ministry")
        with monkeypatch.context() as patch, town.house.store.write("looked") as unit:
            patch.setattr(unpaired, "glimpse", lambda *_: 1 / 0)
            assert unpaired.told(town.house, unit, "gplx", [ref]) == {ref: None}
            [waiting] = unit.inbox.newest("gplx", 1)
            unit.inbox.looked_for(waiting.id, questions.NOT_SHOWN)
            assert unit.inbox.states("gplx", [ref]) == {ref: ("waiting", None)}
        town.receive("gplx")
        assert questions.look(town.house, ministry) == 0
        shown = register._entries.pop(ref)
        for _ in range(3):  # with nothing that is there to compare it with
            town.clock.forward(questions.LOOKED_FOR_EVERY.total_seconds())
            assert questions.look(town.house, ministry) == 0
        [(_, reason, rule)] = town.quarantined()
        assert rule is not None
        assert reason.endswith(f"; {questions.NOT_SHOWN}")

        register._entries[ref] = shown
        register.replace(ref, whole)
        town.receive("gplx")
        town.edit(ours, applicant_id_number="036088123456", applicant_name="Lê Thị Khác")
        town.edit(ours, applicant_phone="0912000009")
        assert questions.look(town.house, ministry) == 1
        town.receive("gplx")
        assert town.journal("imported") == []
        [question] = town.conflicts(again, "gplx").values()
        conflicts.resolve(town.house, WHY, question.id, "ministry")
        town.receive("gplx")
        assert {row.detail["ref"] for row in town.journal("imported")} == {ref}


def told_of_what_lies_unlooked_at(town: Town) -> None:
    """See that ``status`` tells of it in both languages, where it lies for longer than a minute."""
    assert survey.standings(town.house)[0].reasons == ()
    town.clock.forward(61)
    [why] = survey.standings(town.house)[0].reasons
    since = r"since \d{4}-\d\d-\d\d \d\d:\d\d; .* 10 minutes"
    assert re.match(f"1 of its records wait to be looked at {since}", why)
    assert re.match(r"1 bản ghi .* \d\d:\d\d ngày \d\d/\d\d/\d{4}; .* 10 phút", speaker("vi")(why))


def test_nothing_new_goes_while_what_has_come_lies_unlooked_at(tmp_path: Path) -> None:
    """It may be there: it is looked at first. What a link knows holds nobody, nor does a feed without end."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry, sent = town.house.ministries["gplx"], town.ministries["gplx"].calls
        known, code = town.key(GPLX, applicant_birth_date=BORN), town.key(GPLX)
        town.settle(2)
        assert sent["NopHoSo"] == 2
        ours = town.key(GPLX, applicant_birth_date=BORN)
        town.front()
        ref = keyed_carelessly(town, ours)
        feed.poll_open(town.house, ministry)
        assert town.deliver("gplx") == 0
        there = whereabouts(town.house, ministry, ours, {})
        assert (there.state, there.reason) == ("pending", LOOKED_AT_FIRST)
        told_of_what_lies_unlooked_at(town)
        town.edit(known, applicant_phone="0912000001")
        town.front()
        assert town.deliver("gplx") == 1
        receive.work(town.house, ministry)
        assert town.conflicts(ours, "gplx").keys() == {f"link:{ref}"}
        assert town.deliver("gplx") == 0

        new = town.key(GPLX)
        town.front()
        town.move("gplx", code, "XL")
        feed.poll_open(town.house, ministry)
        assert town.deliver("gplx") == 1

        town.key(GPLX)
        town.front()
        town.clock.forward(admission.LOOKED_AT.total_seconds() + 1)
        town.ministries["gplx"].file_own()
        feed.poll_open(town.house, ministry)
        assert town.deliver("gplx") == 1
        assert sent["NopHoSo"] == 4
        assert town.states(new, "gplx") == ["confirmed"]


def test_a_number_that_a_crowd_bears_finds_only_what_came_in_that_week(tmp_path: Path) -> None:
    """However many records bear it, few of them are read for one dossier."""
    with Town(tmp_path, ("gplx",)) as town:
        first = town.key(GPLX, applicant_birth_date=BORN)
        ref = keyed_there(town, first)
        town.receive("gplx")
        snapshot = town.house.onestop.fetch([first])[first]
        assert isinstance(snapshot, Snapshot)
        stranger = Entry("x", id_number=str(snapshot.get("applicant.id_number")))
        with town.house.store.write("kept") as unit:
            for n in range(matching.CROWD):
                unit.unpaired.keep("gplx", {f"crowd-{n}": town.house.marks.of(stranger)})
        with town.house.store.write("looked") as unit:
            ministry = town.house.ministries["gplx"]
            assert unpaired.there(town.house, unit, ministry, snapshot) == [ref]
        assert len(marks_kept(town)) == matching.CROWD + 1  # and none of the crowd was looked for


def test_on_postgresql_a_first_sending_waits_for_a_record_that_is_being_asked_about(
    tmp_path: Path, postgres_database: str
) -> None:
    """Two connections: whoever posts waits until the other has committed, and sees what it kept."""
    with Town(tmp_path, ("gplx",), store_url=postgres_database) as town:
        first = town.key(GPLX, applicant_birth_date=BORN, received_at=None)
        ref = keyed_carelessly(town, first, NgayTiepNhan=town.clock().isoformat(timespec="seconds"))
        posting: list[threading.Thread] = []
        later = keyed_here(town, first, received_at=town.clock().isoformat(timespec="seconds"))
        town.execute("UPDATE dossier SET applicant_phone = '0' WHERE code = :code", code=later)
        sum(capture.capture(town.house))

        def on_commit(name: str, phase: str) -> None:
            if (name, phase) == ("looks alike", "before") and not posting:
                posting.append(threading.Thread(target=rounds.front, args=(town.house,)))
                posting[0].start()
                until_one_waits(postgres_database)

        town.house.store.on_commit = on_commit
        town.receive("gplx")
        posting[0].join()
        assert town.states(later, "gplx") == []
        assert f"link:{ref}" in town.conflicts(later, "gplx")


def until_one_waits(url: str) -> None:
    """Return once a connection waits for a turn that another has."""
    waits = text("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    engine = open_engine(url)
    with engine.connect() as connection:
        while connection.execute(waits).first() is None:
            connection.rollback()
    engine.dispose()
