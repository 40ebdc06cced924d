"""Writing into a one-stop database: all or nothing, once, and never over somebody else's edit."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.sdk import Snapshot
from bridge.sdk.documents import DocumentFault
from bridge.sdk.onestop import (
    Amendment,
    Likeness,
    Moved,
    NewDossier,
    Notice,
    OneStopChange,
    OneStopFault,
    Step,
    Supplement,
)
from tests.contract.onestop_world import CODE, MORNING, World, iso, numbered

CERTIFICATE = "details.certificate.issued_on"


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    world = World(store_url, tmp_path)
    yield world
    world.close()


def step(name: str = "p1", status: int = 4, **other: Any) -> Step:
    return Step(id=name, status=status, at=other.pop("at", None), source="gplx", **other)


def whole_change() -> OneStopChange:
    return OneStopChange(
        fields={
            "status": 5,
            "status_note": "Thiếu giấy khám sức khỏe",
            "ministry_ref": "SG-01",
            "finished_at": "2026-11-20T10:00:00.000+07:00",
            CERTIFICATE: "2026-11-20",
        },
        steps=(step(note="Đang xử lý", unit_name="Sở"), step("p2", 5)),
        supplements=(Supplement("s1", None, "gplx", "Bổ sung giấy khám sức khỏe"),),
    )


def test_changes_of_many_dossiers_are_written_at_once_each_under_its_stamp(world: World) -> None:
    """One that moved, one that is gone and one that is refused stand in no other's way."""
    codes = [world.file(numbered(n)) for n in range(5)]
    stamps = {code: world.look(code).stamp for code in codes}
    amendments = [
        Amendment(code, OneStopChange({"status": 4, "ministry_ref": code}), stamps[code])
        for code in codes
    ]
    world.change(codes[1], summary="đã sửa")
    world.sql("DELETE FROM dossier WHERE code = :code", code=codes[2])
    amendments[3] = Amendment(codes[3], OneStopChange({"details": "x"}), stamps[codes[3]])
    with pytest.raises(ValueError, match="is not a path"):
        world.onestop.apply(amendments)
    refused = OneStopChange({"applicant.name": None})
    amendments[3] = Amendment(codes[3], refused, stamps[codes[3]])
    first, moved, gone, fault, last = world.onestop.apply(amendments)
    assert (first, last) == (world.look(codes[0]), world.look(codes[4]))
    assert [world.look(code).fields["status"] for code in (codes[0], codes[4])] == [4, 4]
    assert isinstance(moved, Moved)
    assert isinstance(gone, Moved)
    assert isinstance(fault, OneStopFault)
    assert fault.code == codes[3]
    assert world.look(codes[3]).stamp == stamps[codes[3]]
    assert world.onestop.apply([]) == []


def test_a_change_is_written_whole_and_returned_as_it_is_then(world: World) -> None:
    """Columns, details, steps and supplements stand in the database after one call."""
    world.file(details='{"reason": "Mất",  "certificate": {"number": 12345678901234567890123}}')
    after = world.write(CODE, whole_change(), world.look().stamp)
    assert after == world.look()
    fields = dict[str, Any](after.fields)
    assert (fields["status"], fields["ministry_ref"]) == (5, "SG-01")
    assert fields["finished_at"] == "2026-11-20T10:00:00.000+07:00"
    assert [(one["id"], one["note"]) for one in fields["progress"]] == [
        ("p1", "Đang xử lý"),
        ("p2", None),
    ]
    assert fields["supplements"][0]["requested_at"] == "2026-11-20T09:00:00.000+07:00"
    assert json.loads(world.ask("SELECT details FROM dossier")[0][0]) == {
        "reason": "Mất",
        "certificate": {"number": 12345678901234567890123, "issued_on": "2026-11-20"},
    }


def test_the_same_change_again_changes_nothing(world: World) -> None:
    """Applied to what it led to, it writes no row and does not move updated_at."""
    world.file()
    after = world.write(CODE, whole_change(), world.look().stamp)
    rows = world.ask("SELECT * FROM dossier")
    world.now += timedelta(minutes=1)
    again = world.write(CODE, whole_change(), after.stamp)
    assert (again.stamp, again.fields) == (after.stamp, after.fields)
    assert world.ask("SELECT * FROM dossier") == rows
    assert world.ask("SELECT count(*) FROM dossier_progress") == [(2,)]
    assert world.ask("SELECT count(*) FROM dossier_supplement") == [(1,)]


def test_a_row_that_moved_is_left_alone(world: World) -> None:
    """An edit since the stamp was taken wins: Moved, and nothing of the change is there."""
    world.file()
    stamp = world.look().stamp
    world.change(applicant_name="Trần Thị Khác", updated_at=iso(MORNING))
    with pytest.raises(Moved):
        world.write(CODE, whole_change(), stamp)
    assert world.look().fields["status"] == 2
    assert world.ask("SELECT count(*) FROM dossier_progress") == [(0,)]


@pytest.mark.parametrize("belonging", [False, True])
def test_an_edit_that_forgot_updated_at_is_noticed(world: World, belonging: bool) -> None:
    """The stamp covers the content of the row and of what belongs to it."""
    world.file()
    stamp = world.look().stamp
    if belonging:
        world.add("dossier_fee", id="f1", name="Lệ phí", kind=1, amount=1)
    else:
        world.change(summary="khác")
    with pytest.raises(Moved):
        world.write(CODE, whole_change(), stamp)


def test_a_new_name_in_the_catalogue_moves_no_dossier(world: World) -> None:
    """A procedure renamed between look and apply is not an edit of the dossier."""
    world.file()
    stamp = world.look().stamp
    world.sql("UPDATE procedure SET name = 'Tên mới'")
    world.write(CODE, OneStopChange(fields={"status": 4}), stamp)


def test_a_dossier_that_is_gone_has_moved(world: World) -> None:
    """Applying to an absent dossier is Moved."""
    with pytest.raises(Moved):
        world.write(CODE, whole_change(), "x")


def test_updated_at_moves_forward_even_against_a_clock_ahead(world: World) -> None:
    """It becomes the present, or a millisecond more than it was; as +07:00 with milliseconds."""
    world.file(numbered(1))
    world.file(numbered(2), updated_at=iso(MORNING + timedelta(hours=1)))
    change = OneStopChange(fields={"status": 4})
    for code in (numbered(1), numbered(2)):
        world.write(code, change, world.look(code).stamp)
    changed = [world.look(numbered(n)).extra["changed_at"] for n in (1, 2)]
    zeros = "" if world.sqlite else "000"
    assert changed == [
        f"2026-11-20T09:00:00.000{zeros}+07:00~",
        f"2026-11-20T10:00:00.001{zeros}+07:00",
    ]


def test_what_was_written_is_captured_again(world: World) -> None:
    """The bridge's own write comes home through the walk, for the engine to know its echo."""
    world.file()
    world.round()
    after = world.write(CODE, whole_change(), world.look().stamp)
    assert world.round() == [CODE]
    assert world.known[CODE][1] == after.content_hash


def test_steps_keep_their_order_and_never_precede_the_last_row(world: World) -> None:
    """A ministry's time before, or at, the last row is stored just behind it."""
    world.file()
    world.add("dossier_progress", id="z", at="2026-11-20T08:45:00+07:00", status=2)
    early = MORNING - timedelta(hours=5)
    steps = (step("c", at=early), step("b", at=early), step("a", 9, at=MORNING))
    world.write(CODE, OneStopChange(steps=steps), world.look().stamp)
    shown = dict[str, Any](world.look().fields)["progress"]
    assert [(one["id"], one["at"][11:23]) for one in shown] == [
        ("z", "08:45:00.000"),
        ("c", "08:45:00.001"),
        ("b", "08:45:00.002"),
        ("a", "09:00:00.000"),
    ]


def test_details_merge_only_the_given_keys(world: World) -> None:
    """Other keys stay; None takes a key away; a text is never overwritten by an object."""
    world.file(details='{"a": 1, "b": {"c": "x", "d": "y"}, "e": "z"}')
    change = OneStopChange(fields={"details.b.c": None, "details.f.g": [1]})
    world.write(CODE, change, world.look().stamp)
    details = json.loads(world.ask("SELECT details FROM dossier")[0][0])
    assert details == {"a": 1, "b": {"d": "y"}, "e": "z", "f": {"g": [1]}}
    with pytest.raises(OneStopFault, match=r"details\.e\.x can't be set") as caught:
        world.write(CODE, OneStopChange(fields={"details.e.x": 1}), world.look().stamp)
    assert (caught.value.code, caught.value.transient) == (CODE, False)


def test_a_path_that_is_no_column_is_the_callers_mistake(world: World) -> None:
    """Names of the catalogue and lists can't be set through a change."""
    world.file()
    for path in ("procedure.name", "documents", "code", "nonsense"):
        with pytest.raises(ValueError, match="is not a path that can be set"):
            world.write(CODE, OneStopChange(fields={path: "x"}), world.look().stamp)


def test_two_writers_of_one_dossier_take_turns(world: World) -> None:
    """Of two changes decided against one stamp, one is written and the other is told Moved."""
    world.file()
    stamp = world.look().stamp
    told: list[str] = []

    def write(name: str) -> None:
        try:
            world.write(CODE, OneStopChange(fields={"ministry_ref": name}), stamp)
            told.append(name)
        except Moved:
            told.append("moved")

    threads = [threading.Thread(target=write, args=(f"SG-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("moved") == 3
    assert world.look().fields["ministry_ref"] in told


def imported(**fields: Any) -> NewDossier:
    usual: dict[str, Any] = {
        "procedure.code": "1.002835",
        "agency.code": "H40.05",
        "channel": 1,
        "applicant.kind": 1,
        "applicant.name": "Đỗ Văn Nhập",
        "applicant.id_issued_on": "2021-05-04",
        "applicant.vneid": True,
        "received_at": "2026-11-20T08:00:00.000+07:00",
        "status": 4,
        "summary": None,
        "documents": [],
        CERTIFICATE: "2026-11-19",
    }
    return NewDossier(
        code="H40.05-261120-M000001",
        fields=usual | fields,
        steps=(step(at=MORNING),),
        supplements=(Supplement("s1", MORNING, "gplx", "Bổ sung"),),
    )


def test_an_import_is_inserted_whole_and_once(world: World) -> None:
    """The dossier with its step and supplement is there; a second insert leaves it as it is."""
    (first,) = world.onestop.insert([imported()])
    assert isinstance(first, Snapshot)
    fields = dict[str, Any](first.fields)
    assert fields["applicant.name"] == "Đỗ Văn Nhập"
    assert fields["applicant.vneid"] is True
    assert fields[CERTIFICATE] == "2026-11-19"
    assert fields["procedure.name"] == "Cấp giấy phép lái xe"
    assert (len(fields["progress"]), len(fields["supplements"])) == (1, 1)
    assert world.onestop.insert([imported(status=9)]) == [first]
    assert world.round() == [first.code]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"procedure.code": "9.999999"}, "procedure 9.999999 is not in procedure"),
        ({"applicant.name": None}, "applicant_name"),
        ({"agency.code": "H99"}, "constraint"),
        ({"status": 12}, "expected a national status"),
    ],
)
def test_an_import_the_database_refuses_leaves_nothing_and_names_the_dossier(
    world: World, fields: dict[str, Any], reason: str
) -> None:
    """The fault concerns that dossier only, says which column, and no half of it is stored."""
    (fault,) = world.onestop.insert([imported(**fields)])
    assert isinstance(fault, OneStopFault)
    assert re.search(reason, str(fault))
    assert (fault.code, fault.transient) == (imported().code, False)
    assert "Nhập" not in str(fault)
    assert world.ask("SELECT count(*) FROM dossier") == [(0,)]


def test_one_import_the_database_refuses_leaves_the_others_alone(world: World) -> None:
    """Many are inserted together; each is whole, or not there at all, and is answered for itself."""
    wanted = [
        NewDossier(
            code=f"H40.05-261120-M00000{n}",
            fields=imported(**({"agency.code": "H99"} if n == 3 else {})).fields,
            steps=(replace(step(at=MORNING), id=f"p{n}"),),
        )
        for n in range(1, 6)
    ]
    answers = world.onestop.insert(wanted)
    assert [isinstance(one, Snapshot) for one in answers] == [True, True, False, True, True]
    assert [one.code for one in answers] == [one.code for one in wanted]
    assert world.ask("SELECT count(*) FROM dossier_progress") == [(4,)]
    assert world.onestop.insert([]) == []


def test_dossiers_that_may_be_of_some_people_are_found_by_what_they_share(world: World) -> None:
    """A number or a phone of any of them, or a birth date at their time, of these procedures; else nothing."""
    number, phone = "036090000001", "0912345678"
    world.file(numbered(1), applicant_id_number=number, applicant_birth_date="1990-01-02")
    world.file(numbered(2), applicant_phone=phone, applicant_birth_date="1990-02-01")
    world.file(numbered(3), applicant_birth_date="1991")
    alike, only = world.onestop.alike, ("1.002835",)
    found = alike(Likeness(only, id_numbers={number, "036090000009"}))
    assert list(found) == [numbered(1)]
    row = world.onestop.fetch([numbered(1)])[numbered(1)]
    assert isinstance(row, Snapshot)
    assert found[numbered(1)] == {path: row.fields[path] for path in found[numbered(1)]}
    assert {"applicant.name", "received_at", "procedure.code"} <= found[numbered(1)].keys()
    assert list(alike(Likeness(None, phones={phone}))) == [numbered(2)]
    swapped = Likeness(only, births={"1990-01-02": (), "1990-02-01": ()})
    assert list(alike(swapped)) == [numbered(1), numbered(2)]
    everything = Likeness(only, {number}, {phone}, {"1991": ()})
    assert list(alike(everything)) == [numbered(1), numbered(2), numbered(3)]
    assert list(alike(Likeness(only))) == []
    assert list(alike(Likeness(("2.000488",), id_numbers={number}))) == []

    day = datetime.fromisoformat(str(row.fields["received_at"])).date()
    on, before = (day, day), (day - timedelta(days=9), day - timedelta(days=1))
    assert list(alike(Likeness(only, births={"1990-01-02": [before, on]}))) == [numbered(1)]
    assert list(alike(Likeness(only, births={"1990-01-02": [before]}))) == []
    assert list(alike(Likeness(only, {number}, births={"1990-01-02": [before]}))) == [numbered(1)]


def test_what_a_crowd_shares_finds_only_what_came_in_that_week(world: World) -> None:
    """And nothing by itself where that is a crowd too; who shares something else is found by it."""
    firm, phone, own = "0601234567", "0912345678", "036090000001"
    long_ago, then = "2026-03-02T08:30:00+07:00", "2026-11-20T08:30:00+07:00"
    for n in range(1, 5):
        received = then if n in {2, 3} else long_ago
        world.file(numbered(n), applicant_id_number=firm, received_at=received)
    world.file(numbered(5), applicant_id_number=own, applicant_phone=phone)
    world.change(numbered(1), applicant_phone=phone)
    day = date(2026, 11, 22)
    week = [(day - timedelta(days=7), day + timedelta(days=7))]
    alike, both = world.onestop.alike, {firm, own}
    every = Likeness(None, both, days=week, crowd=4)
    assert list(alike(every)) == [numbered(n) for n in range(1, 6)]
    of_week = [numbered(n) for n in (2, 3, 5)]
    assert list(alike(Likeness(None, both, days=week, crowd=3))) == of_week
    assert list(alike(Likeness(None, both, days=week, crowd=1))) == [numbered(5)]
    assert list(alike(Likeness(None, both, crowd=3))) == [numbered(5)]
    found = alike(Likeness(None, both, {phone}, days=week, crowd=3))
    assert list(found) == [numbered(n) for n in (1, 2, 3, 5)]


def test_the_catalogue_is_canonical(world: World) -> None:
    """Procedures come by code with plain values."""
    assert world.onestop.procedures() == {
        "1.002835": {
            "local_code": "1.002835.000.00.00.H40",
            "name": "Cấp giấy phép lái xe",
            "sector_code": "G09",
            "sector_name": "Đường bộ",
            "agency_code": "H40.05",
            "processing_time": "2.5",
            "processing_unit": "working_day",
            "fee": 0,
            "active": True,
        }
    }


def notice(name: str, code: str = CODE, text: str = "Thiếu hạng") -> Notice:
    return Notice(name, code, "gplx", "action", "licence_class", text, MORNING)


def test_notices_are_written_once_and_resolved_once(world: World) -> None:
    """A notice there already stays as it is; resolving again keeps the first time."""
    world.file()
    before = world.look()
    world.onestop.notify([notice("n1"), notice("n2"), notice("n1")])
    world.onestop.notify([notice("n1", text="khác")])
    world.onestop.resolve(["n1", "unknown"], MORNING)
    world.onestop.resolve(["n1"], MORNING + timedelta(days=1))
    rows = world.ask("SELECT id, text_vi, resolved_at IS NULL FROM dossier_notice ORDER BY id")
    assert [(one, text, bool(still)) for one, text, still in rows] == [
        ("n1", "Thiếu hạng", False),
        ("n2", "Thiếu hạng", True),
    ]
    resolved = "SELECT count(*) FROM dossier_notice WHERE resolved_at = '2026-11-20T09:00:00"
    assert world.ask(resolved + (".000+07:00'" if world.sqlite else "+07:00'")) == [(1,)]
    assert world.look() == before


def test_a_notice_about_a_dossier_that_is_gone_stops_no_other(world: World) -> None:
    """It has no reader and is left out; its neighbours are written."""
    world.file()
    world.onestop.notify([notice("n1", code=numbered(77)), notice("n2")])
    assert world.ask("SELECT id FROM dossier_notice") == [("n2",)]


def test_a_document_is_found_in_the_folder(world: World) -> None:
    """The row's file is read and proved, also where its name is decomposed on the disk."""
    content = b"%PDF-1.4"
    (world.folder / "documents").mkdir()
    (world.folder / "documents" / "đơn.pdf").write_bytes(content)
    row: dict[str, Any] = {
        "id": "d1",
        "name": "Đơn",
        "file_name": "đơn.pdf",
        "media_type": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "path": "đơn.pdf",
    }
    assert world.onestop.document(row).read() == content
    (world.folder / "documents" / "đơn.pdf").unlink()
    (world.folder / "documents" / unicodedata.normalize("NFD", "đơn.pdf")).write_bytes(content)
    assert world.onestop.document(row).read() == content
    folder = world.folder / "documents" / "hồ sơ"  # made by the one-stop, filled by a scanner
    folder.mkdir()
    (folder / unicodedata.normalize("NFD", "bản vẽ.pdf")).write_bytes(content)
    assert world.onestop.document(row | {"path": "hồ sơ/bản vẽ.pdf"}).read() == content


@pytest.mark.parametrize(
    "path", ["../bridge.toml", "a/../../x", "/etc/hosts", "C:\\x", "..\\x", "\\\\host\\x", "", None]
)
def test_a_document_never_leads_out_of_the_folder(world: World, path: str | None) -> None:
    """Parents, absolute paths and Windows' are refused, and the path is not repeated."""
    with pytest.raises(DocumentFault) as caught:
        world.onestop.document({"id": "d1", "path": path})
    assert caught.value.document_id == "d1"
    assert not path or path not in str(caught.value)


def test_a_symbolic_link_does_not_lead_out_either(world: World) -> None:
    """A link that points outside the folder is refused."""
    (world.folder / "documents").mkdir()
    (world.folder / "secret").write_text("x")
    (world.folder / "documents" / "link").symlink_to(world.folder / "secret")
    for path in ("link", "a\0b"):
        with pytest.raises(DocumentFault, match="leads out"):
            world.onestop.document({"id": "d1", "path": path})
