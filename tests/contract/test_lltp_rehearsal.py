"""The pretend ministry is as strict as the contract, and forgets nothing it is not told to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from adapters.lltp import plugin
from adapters.lltp.rehearsal import LltpRehearsal
from adapters.lltp.rehearsal_lists import NATIONALITIES
from bridge.mapping import Lists, Span, Table, compile_mapping, load_file
from bridge.sdk.errors import Rejected
from bridge.sdk.records import Receipt, Record
from bridge.sdk.registry import Registry
from bridge.sdk.rehearsal import Fault, Rehearsal
from bridge.sdk.times import VIETNAM
from tests.contract.lltp_bench import Bench, Ministry, body, code, dossier

FILE, CHANGES, FILED, DONE = "nhanHoSoDangKy", "traDsTrangThaiHs", "traHoSo", "danhDauHsThanhCong"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Ministry() as ministry:
        made = Bench(ministry)
        yield made
        made.close()


def refusal(bench: Bench, **declaration: Any) -> str | None:
    """Return what the ministry says against a dossier, ``None`` when it takes it."""
    (answer,) = bench.send(dossier(**declaration))
    return answer.reason if isinstance(answer, Rejected) else None


def asked(bench: Bench, function: str, **request: Any) -> dict[str, Any]:
    """Ask a function past the adapter's own care."""
    reply = bench.adapter._client._gateway.call("POST", f"/{function}", write=False, json=request)
    answer: dict[str, Any] = reply.json()
    return answer


def test_it_is_a_rehearsal_like_the_others() -> None:
    """The plug-in names it, and it can be asked all that the demo asks."""
    assert plugin.rehearsal is LltpRehearsal
    ministry: Rehearsal = LltpRehearsal()
    assert (ministry.name, ministry.records(), ministry.duplicates()) == ("lltp", [], [])
    ministry.stop()


# -- what it takes


@pytest.mark.parametrize(
    "field",
    [
        "fullName", "genderId", "birthDateStr", "nationalityId", "idTypeId", "identifyNo", "phone",
        "declareDate", "declareTypeId", "requestQty", "objectRequestId", "formType",
    ],
)  # fmt: skip
def test_a_required_field_that_is_missing_is_named(bench: Bench, field: str) -> None:
    """Nothing required may be missing, or empty."""
    for missing in (None, ""):
        assert str(refusal(bench, **{field: missing})).startswith(f"declarationWSForm.{field}:")
    assert bench.ministry.records() == []


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("genderId", "2"),
        ("idTypeId", "4"),
        ("declareTypeId", "3848"),
        ("objectRequestId", "70"),
        ("formType", "3"),
        ("requestQty", "hai"),
        ("nationalityId", "9999"),
        ("ethnicId", "55"),
        ("isBanPosition", "x"),
        ("birthDateStr", "31/02/1990"),
        ("birthDateStr", "1990-02-01"),
        ("dadDob", "13/1960"),
        ("idIssueDate", "05/2021"),
        ("declareDate", "2026"),
        ("receiveNo", "H40.09-261120-9999"),
        ("fullName", ["x"]),
    ],
)
def test_it_refuses_what_the_contract_forbids(bench: Bench, field: str, wrong: Any) -> None:
    """Codes outside their list and dates of another form are error 500, with the field."""
    assert f".{field}:" in str(refusal(bench, **{field: wrong}))


def test_an_unknown_field_is_refused(bench: Bench) -> None:
    """What the contract does not have is not swallowed."""
    assert "hoTen" in str(refusal(bench, hoTen="x"))


@pytest.mark.parametrize("birth", ["05/02/1990", "02/1990", "1990"])
def test_it_takes_a_birth_date_as_far_as_it_is_known(bench: Bench, birth: str) -> None:
    """A day, a month or a year."""
    assert refusal(bench, birthDateStr=birth, dadDob=birth) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"dateReceivedDec": ""}, "dateReceivedDec"),
        ({"datePromissoryDec": "2026"}, "datePromissoryDec"),
        ({"residenceWSForm": [{"fromDateStr": "2006"}]}, "residenceWSForm.toDateStr"),
        ({"residenceWSForm": "x"}, "residenceWSForm"),
        ({"mandatorWSForm": {"genderId": "1"}}, "mandatorWSForm.fullName"),
        ({"mandatorWSForm": []}, "mandatorWSForm"),
    ],
)
def test_the_other_forms_are_looked_at_too(
    bench: Bench, change: dict[str, Any], named: str
) -> None:
    """Dates of reception, residences with all three of their fields, a proxy with a name."""
    whole = {"idMinistryJustice": "H40-STP", "residenceWSForm": [], "mandatorWSForm": {}, **body()}
    answer = asked(bench, FILE, **{**whole, **change})
    assert answer["ERROR_CODE"] == "500"
    assert named in answer["DESCRIPTION"]


def test_a_dossier_by_proxy_needs_one(bench: Bench) -> None:
    """3845 without a mandator is refused."""
    assert "mandatorWSForm.fullName" in str(refusal(bench, declareTypeId="3845"))


def test_a_code_is_taken_once_whatever_is_sent_the_second_time(bench: Bench) -> None:
    """301 with the first ID, also where the second would be refused."""
    ref = bench.filed()
    assert bench.send(dossier(phone=None)) == [Receipt(ref, note="was there already")]
    assert bench.ministry.duplicates() == []


@pytest.mark.parametrize(
    ("function", "request_", "number"),
    [
        (FILE, {"idMinistryJustice": "sai"}, "106"),
        (FILE, {"idMinistryJustice": "H40-STP"}, "500"),
        ("traTrangThaiHs", {"idReceivedDec": "x", "infoType": "2"}, "201"),
        ("traTrangThaiHs", {"idReceivedDec": "x"}, "500"),
        (CHANGES, {"infoType": "1"}, "500"),
        (FILED, {}, "500"),
        (DONE, {"declarationId": "x", "infoType": "2"}, "201"),
        (DONE, {"declarationId": "x", "infoType": "3"}, "500"),
        ("traDanhMuc", {"infoType": "6"}, "500"),
    ],
)
def test_it_answers_with_the_codes_of_the_contract(
    bench: Bench, function: str, request_: dict[str, Any], number: str
) -> None:
    """STATUS 0, and the error that is meant."""
    answer = asked(bench, function, **request_)
    assert (answer["STATUS"], answer["ERROR_CODE"]) == ("0", number)


def test_without_a_token_it_says_nothing(bench: Bench) -> None:
    """401, whatever is asked."""
    answer = httpx.post(f"{bench.ministry.address}/{CHANGES}", json={"infoType": "2"})
    assert answer.status_code == 401


# -- what it lists


def test_what_is_acknowledged_is_not_listed_again_and_the_rest_is(bench: Bench) -> None:
    """The word covers the dossier, with what came since it was listed."""
    first, second = bench.filed(1), bench.filed(2)
    bench.ministry.advance()
    bench.ministry.advance(1)
    assert asked(bench, DONE, declarationId=first, infoType="2")["STATUS"] == "1"
    listed = asked(bench, CHANGES, infoType="2")["LISTCONTENT"]
    assert [(one["DECLARATION_ID"], one["DEC_STATUS_ID"]) for one in listed] == [(second, 4)]
    assert listed[0]["RECEIVE_NO"] == code(2)


def test_the_two_lists_are_acknowledged_apart(bench: Bench) -> None:
    """1 takes a dossier from traHoSo, 2 from the statuses."""
    (ref,) = bench.ministry.file_own()
    asked(bench, DONE, declarationId=ref, infoType="1")
    assert asked(bench, FILED, infoType="2")["LISTCONTENT"] == []
    assert len(asked(bench, CHANGES, infoType="2")["LISTCONTENT"]) == 1


def test_lists_are_as_long_as_the_contract_says(bench: Bench) -> None:
    """Two hundred statuses, one hundred dossiers."""
    bench.ministry.file_own(230)
    assert len(asked(bench, CHANGES, infoType="2")["LISTCONTENT"]) == 200
    assert len(asked(bench, FILED, infoType="2")["LISTCONTENT"]) == 100


# -- its dossiers


def test_dossiers_go_their_usual_way(bench: Bench) -> None:
    """3, 4, 5; the certificate has its dates when it is issued, not before."""
    bench.filed()
    shown = []
    while True:
        (record,) = bench.ministry.records()
        shown.append((record["status"], bool(record["body"]["ISSUE_DATE"])))
        if not bench.ministry.advance():
            break
    assert shown == [(2, False), (4, False), (9, True)]
    assert [step["status"] for step in record["steps"]] == [2, 4, 9]


def test_a_move_has_the_day_it_is_given(bench: Bench) -> None:
    """Dates are those of Hanoi."""
    ref = bench.filed()
    bench.ministry.move(ref, "5", at=datetime(2026, 12, 1, 0, 30, tzinfo=VIETNAM))
    assert bench.ministry.records()[0]["body"]["ISSUE_DATE"] == "01/12/2026"


def test_own_dossiers_are_credible_and_as_ordered(bench: Bench) -> None:
    """Invented dossiers pass the ministry's own rules and the mapping's, and obey what is given."""
    bench.ministry.file_own(50, Random(3))
    lens = compile_mapping(load_file(Registry.load().mapping_file("lltp/declaration")))
    whole = [one for one in bench.poll() if isinstance(one, Record) and one.kind == "dossier"]
    own = ("declarationId", "declarationCode", "appointmentNo", "receiveDate", "appointmentDate")
    lists = Lists(
        {
            name: Table(name, [Span(*row) for row in bench.adapter.code_list(name).names.items()])
            for name in lens.lists
        }
    )
    for number, record in enumerate(whole, 1):
        assert lens.lift(record.body, lists)["applicant.birth_date"]
        form = dict(record.body["declarationWSForm"])
        sent = {
            key: one
            for key, one in form.items()
            if key not in (*own, "issueDate", "decStatusId", "decStatusName")
        }
        assert refusal(bench, **{**sent, "receiveNo": code(number)}) is None
    (ref,) = bench.ministry.file_own(1, fullName="Nguyễn Văn Mẫu", formType="2")
    last = bench.ministry.records()[-1]
    assert (last["ref"], last["code"]) == (ref, None)
    assert last["body"]["declarationWSForm"]["formType"] == "2"


def test_the_mapping_names_every_nationality_as_the_ministry_does(bench: Bench) -> None:
    """Each name of the list is one ISO code's, and each ISO code the mapping knows is listed."""
    codes = compile_mapping(load_file(Registry.load().mapping_file("lltp/declaration"))).spec.codes
    listed = bench.adapter.code_list("nationality").names
    assert sorted(codes["nationality"].inward) == sorted(listed.values())
    assert {key: codes["nationality"].inward[name] for key, name in listed.items()} == {
        key: iso for key, (iso, _) in NATIONALITIES.items()
    }


def test_the_lists_are_told_by_id_and_name(bench: Bench) -> None:
    """Việt Nam is one of the nationalities, Kinh one of the groups."""
    nationalities = asked(bench, "traDanhMuc", infoType="2")["LISTCONTENT"]
    assert {"ID": "1", "NAME": "Việt Nam"} in nationalities
    assert {"ID": "1", "NAME": "Kinh"} in asked(bench, "traDanhMuc", infoType="3")["LISTCONTENT"]
    assert all(asked(bench, "traDanhMuc", infoType=n)["LISTCONTENT"] for n in "145")


# -- as a server


def test_it_stays_at_its_address(bench: Bench) -> None:
    """Down it refuses, up again it is at the same address with all it knew."""
    bench.filed()
    address = bench.ministry.address
    bench.ministry.down()
    bench.ministry.up()
    assert bench.ministry.address == address
    assert len(bench.ministry.records()) == 1


def test_its_options_hold_no_secret_and_its_records_are_json(bench: Bench, tmp_path: Path) -> None:
    """Options are plain values; the secret is given apart."""
    assert not bench.ministry.secrets().keys() & bench.ministry.options().keys()
    bench.filed()
    (tmp_path / "records").write_text(json.dumps(bench.ministry.records()), encoding="utf-8")
    assert json.loads((tmp_path / "records").read_text("utf-8"))[0]["code"] == code()


def test_misfortunes_are_logged_and_calls_counted(bench: Bench) -> None:
    """What was called, and what went wrong at which function, can be read afterwards."""
    bench.ministry.faults.next(Fault.LOST_ANSWER, operation=FILE)
    bench.send(dossier())
    bench.adapter.probe(dossier())
    assert bench.ministry.calls == {"token": 1, FILE: 1, "traTrangThaiHs": 1}
    assert bench.ministry.faults.log == [(FILE, Fault.LOST_ANSWER)]
