"""The pretend registration service is as strict as the contract, and its lists are as restless."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest

from adapters.dkkd import plugin
from adapters.dkkd.rehearsal import DkkdRehearsal
from adapters.dkkd.rehearsal_register import TODAY_FIELDS, WHOLE_FIELDS
from adapters.dkkd.rows import moment
from bridge.sdk.rehearsal import Fault, Rehearsal
from tests.contract.dkkd_bench import CODE, DAYS, NOW, ONE, TODAY

PAGE = {"offset": "0", "limit": "100"}
DAY = {"from_date": "20/11/2026", "to_date": "20/11/2026"}
WHOLE_DAY = {"from_ts": "00:00", "to_ts": "23:59"}


class Wire:
    """The paths as they are, past the adapter's own care."""

    def __init__(self, ministry: DkkdRehearsal) -> None:
        self.ministry = ministry
        self.http = httpx.Client(base_url=ministry.address, trust_env=False)
        self.token = self.log_in()

    def log_in(self, **form: str) -> str:
        account = (self.ministry.options()["client_id"], self.ministry.secrets()["client_secret"])
        data = form or {"grant_type": "client_credentials"}
        answer = self.http.post("/token", data=data, auth=account)
        return str(answer.json().get("access_token"))

    def ask(self, path: str, **params: str) -> dict[str, Any]:
        answer = self.http.get(f"/{path}", params=params, headers=self.headers)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with DkkdRehearsal(now=lambda: NOW) as ministry:
        made = Wire(ministry)
        yield made
        made.http.close()


def numbers(answer: dict[str, Any]) -> list[str]:
    assert answer["Status"] == "1"
    return [row["IN_JOURNAL_NO"] for row in answer["Data"]]


def test_it_is_a_rehearsal_like_the_others() -> None:
    """The plug-in names it, and it can be asked all that the demo asks."""
    assert plugin.rehearsal is DkkdRehearsal
    ministry: Rehearsal = DkkdRehearsal()
    assert (ministry.name, ministry.records(), ministry.duplicates()) == ("dkkd", [], [])
    ministry.stop()


def test_rows_have_the_fields_of_the_contract(wire: Wire) -> None:
    """Today's list and one row show no contact, the list of days does; success is said."""
    (ref,) = wire.ministry.file_own(DOSSIER_NO=CODE)
    today = wire.ask(TODAY, **WHOLE_DAY, **PAGE)
    assert set(today["Data"][0]) == set(TODAY_FIELDS)
    assert (today["DataCount"], today["Message"]) == (1, "success")
    days = wire.ask(DAYS, **DAY, **PAGE)
    assert set(days["Data"][0]) == set(WHOLE_FIELDS)
    assert days["Data"][0]["PROCESSED_DATE"] == "20/11/2026 09:30:00"
    assert [set(one) for one in wire.ask(ONE, in_journal_no=ref)["Data"]] == [set(TODAY_FIELDS)]
    assert wire.ask(ONE, in_journal_no="không có")["Data"] == []


REFUSED: list[tuple[str, dict[str, str]]] = [
    (TODAY, {**PAGE, "from_ts": "00:00"}),
    (TODAY, {**PAGE, "from_ts": "9:00", "to_ts": "23:59"}),
    (TODAY, {**PAGE, "from_ts": "24:00", "to_ts": "23:59"}),
    (TODAY, {**PAGE, "from_ts": "10:00", "to_ts": "09:59"}),
    (TODAY, {**WHOLE_DAY, "offset": "0"}),
    (TODAY, {**WHOLE_DAY, "offset": "0", "limit": "101"}),
    (TODAY, {**WHOLE_DAY, "offset": "0", "limit": "0"}),
    (TODAY, {**WHOLE_DAY, "offset": "-1", "limit": "100"}),
    (TODAY, {**WHOLE_DAY, "offset": "", "limit": "100"}),
    (DAYS, {**PAGE, "from_date": "20/11/2026"}),
    (DAYS, {**PAGE, "from_date": "2026-11-20", "to_date": "2026-11-20"}),
    (DAYS, {**PAGE, "from_date": "31/02/2026", "to_date": "31/02/2026"}),
    (DAYS, {**PAGE, "from_date": "20/11/2026", "to_date": "19/11/2026"}),
    (DAYS, {**PAGE, "from_date": "14/11/2026", "to_date": "20/11/2026"}),
    (ONE, {}),
    ("chiTietDoanhNghiep", {}),
]


@pytest.mark.parametrize(("path", "params"), REFUSED)
def test_it_refuses_what_the_contract_forbids(
    wire: Wire, path: str, params: dict[str, str]
) -> None:
    """Status 0 with HTTP 200 and a Message."""
    wire.ministry.file_own()
    answer = wire.ask(path, **params)
    assert answer["Status"] == "0"
    assert answer["Data"] is None
    assert answer["Message"]


def test_five_days_apart_is_allowed(wire: Wire) -> None:
    """The contract says "at most 5 days apart"."""
    assert wire.ask(DAYS, from_date="15/11/2026", to_date="20/11/2026", **PAGE)["Status"] == "1"


def test_it_wants_a_living_token_and_gets(wire: Wire) -> None:
    """Without one 401, revoked 401; a POST is refused, an unknown path is not there."""
    assert wire.http.get(f"/{ONE}", params={"in_journal_no": "1"}).status_code == 401
    assert wire.http.get("/danhMuc", headers=wire.headers).status_code == 404
    assert wire.http.post(f"/{ONE}", headers=wire.headers).json()["Status"] == "0"
    wire.ministry.revoke()
    assert wire.http.get(f"/{ONE}", headers=wire.headers).status_code == 401
    assert wire.log_in(grant_type="password") == "None"


def test_today_is_only_today_and_only_the_minutes_asked_for(wire: Wire) -> None:
    """By PROCESSED_DATE, both minutes included."""
    refs = wire.ministry.file_own(4)
    for ref, minute in zip(refs, (0, 15, 16, 45), strict=True):
        wire.ministry.move(ref, "DANG_XU_LY", at=NOW.replace(minute=minute, second=30))
    wire.ministry.move(refs[0], "DANG_XU_LY", at=NOW - timedelta(days=1))
    assert numbers(wire.ask(TODAY, from_ts="09:15", to_ts="09:15", **PAGE)) == [refs[1]]
    assert numbers(wire.ask(TODAY, **WHOLE_DAY, **PAGE)) == refs[1:]


def test_days_list_what_was_received_or_processed_then(wire: Wire) -> None:
    """A dossier of today that was received last week is in both weeks."""
    (ref,) = wire.ministry.file_own()
    wire.ministry.move(ref, "DANG_XU_LY", at=NOW + timedelta(days=7))
    for day in ("20/11/2026", "27/11/2026"):
        assert numbers(wire.ask(DAYS, from_date=day, to_date=day, **PAGE)) == [ref]
    assert numbers(wire.ask(DAYS, from_date="21/11/2026", to_date="26/11/2026", **PAGE)) == []


def test_offsets_are_of_the_list_as_it_is_now(wire: Wire) -> None:
    """A row processed between two pages moves to the end, and another takes its place."""
    refs = wire.ministry.file_own(4)
    for second, ref in enumerate(refs):
        wire.ministry.move(ref, "DANG_XU_LY", at=NOW + timedelta(seconds=second))
    first = wire.ask(TODAY, **WHOLE_DAY, offset="0", limit="2")
    assert (numbers(first), first["DataCount"]) == (refs[:2], 4)
    wire.ministry.move(refs[0], "CAP_GCN", at=NOW + timedelta(minutes=1))
    assert numbers(wire.ask(TODAY, **WHOLE_DAY, offset="2", limit="2")) == [refs[3], refs[0]]


def test_dossiers_go_their_usual_way(wire: Wire) -> None:
    """Received, in process, certificate with a number and a day; an asked supplement waits."""
    ministry = wire.ministry
    refs = ministry.file_own(3)
    assert ministry.advance(limit=1) == 1
    assert [one["status"] for one in ministry.records()] == [4, 2, 2]
    ministry.move(refs[2], "BO_SUNG", "Thiếu điều lệ")
    assert [ministry.advance() for _ in range(3)] == [2, 1, 0]
    assert [one["status"] for one in ministry.records()] == [9, 9, 5]
    bodies = [one["body"] for one in ministry.records()]
    assert len({one["ENTERPRISE_GDT_CODE"] for one in bodies[:2]}) == 2
    assert bodies[0]["REGISTRATION_DATE"] == bodies[0]["PROCESSED_DATE"]
    assert bodies[2]["SUPPLEMENT_DATE"] is not None
    assert [step["status"] for step in ministry.records()[0]["steps"]] == [2, 4, 9]


def test_an_enterprise_is_shown_once_it_is_registered(wire: Wire) -> None:
    """ChiTietDoanhNghiep by its code: four groups."""
    (ref,) = wire.ministry.file_own(NAME="Công ty TNHH Mẫu")
    wire.ministry.move(ref, "CAP_GCN")
    code = wire.ministry.records()[0]["body"]["ENTERPRISE_GDT_CODE"]
    (found,) = wire.ask("chiTietDoanhNghiep", msdn=code)["Data"]
    assert set(found) == {"MainInformation", "HOAdress", "BusinessActivity", "Member"}
    assert found["MainInformation"]["NAME"] == "Công ty TNHH Mẫu"
    assert wire.ask("chiTietDoanhNghiep", msdn="0")["Data"] == []


def test_own_dossiers_are_credible_and_as_ordered(wire: Wire) -> None:
    """Invented ones differ, carry no code and obey what is given; a strange field is refused."""
    wire.ministry.file_own(30, Random(3))
    wire.ministry.file_own(1, CONTACT_FULL_NAME="Đỗ Văn Thử", NAME=None)
    rows = [one["body"] for one in wire.ministry.records()]
    assert {one["DOSSIER_NO"] for one in rows} == {None}
    assert len({one["CONTACT_ID_NO"] for one in rows}) > 25
    assert (rows[-1]["CONTACT_FULL_NAME"], rows[-1]["NAME"]) == ("Đỗ Văn Thử", None)
    with pytest.raises(ValueError, match="HoTen"):
        wire.ministry.file_own(1, HoTen="x")


def test_one_code_on_two_dossiers_is_a_duplicate(wire: Wire) -> None:
    """Codes are counted; those keyed only there have none."""
    wire.ministry.file_own(2)
    wire.ministry.file_own(2, DOSSIER_NO=CODE)
    assert wire.ministry.duplicates() == [CODE]


def test_it_misbehaves_as_it_is_told(wire: Wire) -> None:
    """Rows twice, in reverse, with a bad day; an empty answer without Status; Status 0; a bad day."""
    refs = wire.ministry.file_own(2)
    faults = wire.ministry.faults
    faults.next(Fault.DUPLICATE)
    assert numbers(wire.ask(TODAY, **WHOLE_DAY, **PAGE)) == [refs[0], refs[0], refs[1], refs[1]]
    faults.next(Fault.REORDER)
    assert numbers(wire.ask(TODAY, **WHOLE_DAY, **PAGE)) == refs[::-1]
    faults.next(Fault.WRONG_SCHEMA)
    assert "25:00" in wire.ask(TODAY, **WHOLE_DAY, **PAGE)["Data"][0]["PROCESSED_DATE"]
    faults.next(Fault.WRONG_SCHEMA)
    assert "Status" not in wire.ask(ONE, in_journal_no="0")
    wire.ministry.fail(TODAY, 2)
    said = [wire.ask(TODAY, **WHOLE_DAY, **PAGE)["Status"] for _ in range(3)]
    assert said == ["0", "0", "1"]
    wire.ministry.broken.add(NOW.date())
    assert wire.ask(DAYS, **DAY, **PAGE)["Status"] == "0"
    wire.ministry.broken.clear()
    wire.ministry.announced_too_many = 5
    assert wire.ask(DAYS, **DAY, **PAGE)["DataCount"] == 7


def test_it_stays_at_its_address_and_keeps_what_it_has() -> None:
    """Down it refuses, up again it is at the same address; its clock is the world's by default."""
    with DkkdRehearsal() as ministry:
        ministry.file_own(2)
        address = ministry.options()
        ministry.down()
        ministry.up()
        assert ministry.options() == address
        wire = Wire(ministry)
        assert len(wire.ask(TODAY, **WHOLE_DAY, **PAGE)["Data"]) == 2
        wire.http.close()
        (first, _) = ministry.records()
        at = moment(first["body"]["PROCESSED_DATE"])
        assert at is not None
        assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)


def test_its_options_hold_no_secret() -> None:
    """Options are plain values without the secret, which is given apart; records are JSON."""
    with DkkdRehearsal() as ministry:
        assert not ministry.secrets().keys() & ministry.options().keys()
        ministry.file_own(DOSSIER_NO=CODE)
        assert json.loads(json.dumps(ministry.records()))[0]["code"] == CODE
