"""What is sent by a definition, and what its answers mean: faults, steps, files, templates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bridge.sdk.documents import Document
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.records import Absent, Action, Applied, Command, Receipt
from bridge.sdk.rehearsal import Response
from tests.contract.declared_desk import NOON, Desk, get, post

CODE = "H40.05-261120-0001"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk() as made:
        yield made


def command(action: Action = Action.CREATE, ref: str | None = None, **body: Any) -> Command:
    return Command(f"key/{action}", action, CODE, ref, {"Ma": CODE, **body})


WRITING = {
    "create": post("nop", request={"don_vi": 36, "hoSo": "{body}", "chu": "{body_json}"}, ref="So"),
    "step": post("buoc/{ref}", request="{body}"),
    "find": get("tim", parameters={"ma": "{code}"}, steps="Buoc"),
}
FAULTS = [
    {"code": "7", "becomes": "rejected", "field": "Loi.Truong", "reason": "Loi.LyDo"},
    {"code": "8", "becomes": "already_there"},
    {"code": "9", "becomes": "in_doubt"},
    {"code": "10", "becomes": "retryable", "wait": "Cho"},
    {"code": "11", "becomes": "maintenance", "until": "Den"},
    {"code": "12", "becomes": "auth_failed"},
    {"code": "13", "becomes": "not_found"},
    {"status": 418, "becomes": "retryable", "only": ["find"]},
]
TABLES: Mapping[str, Any] = {
    "submit": "duplicate_refused",
    "answers": {"good": "Tot", "values": ["true"], "code": "Ma"},
    "faults": FAULTS,
    "operations": WRITING,
}


def _same(said: Any, *_: Any) -> Any:
    return said


def bad(code: object, **more: Any) -> dict[str, Any]:
    return {"Tot": False, "Ma": code, **more}


@pytest.mark.parametrize(
    ("said", "kind", "shown"),
    [
        (bad(7, Loi={"Truong": "Ten", "LyDo": "thiếu"}), Rejected, {"code": "7", "field": "Ten", "reason": "thiếu"}),
        (bad("7"), Rejected, {"field": None, "reason": "the ministry gives no reason"}),
        (bad(9), InDoubt, {}),
        (bad(10, Cho="2.5"), Retryable, {"after": 2.5}),
        (bad(10, Cho="lâu"), Retryable, {"after": None}),
        (bad(11, Den="2026-11-20T13:00:00"), Maintenance, {"until": NOON + timedelta(hours=1)}),
        (bad(11, Den="mai"), Maintenance, {"until": None}),
        (bad(12), AuthFailed, {}),
        (bad(13), Rejected, {"code": "13"}),
        (bad(99), InDoubt, {"reason": "the ministry answers with 99, which the definition does not know"}),
        (bad("Nguyễn Văn Kín"), InDoubt, {"reason": "the ministry answers with an error the definition does not know"}),
        (Response(b'{"Ma": 7}', 400), Rejected, {}),
        (Response(b"{}", 418), InDoubt, {"reason": "HTTP 418"}),
        (Response(b"<html>", 503, "text/html"), Maintenance, {}),
        ({"Ma": 0}, ContractBroken, {"reason": "Tot: is not in the answer"}),
        ({"Tot": True}, ContractBroken, {"reason": "So: is empty"}),
    ],
)  # fmt: skip
def test_an_answer_means_what_the_table_says(
    desk: Desk, said: Any, kind: type[AdapterError], shown: Mapping[str, Any]
) -> None:
    """By the code in the answer, else by HTTP's status; what nobody knows is a doubt on a write."""
    desk.says["nop"] = lambda *_: said
    (answer,) = desk.adapter(**TABLES).submit([command()])
    assert type(answer) is kind or (kind is Rejected and isinstance(answer, Rejected))
    assert {name: getattr(answer, name) for name in shown} == shown


def test_a_question_that_fails_is_asked_again_and_nobody_there_is_none(desk: Desk) -> None:
    """The same answers to find: not found is absent, an unknown code is no answer."""
    adapter = desk.adapter(**TABLES)
    desk.says["tim"] = lambda *_: bad(13)
    assert adapter.probe(command()) == Absent()
    findings = {one.name: one.ok for one in adapter.check()}
    assert findings["login"]
    assert findings["clock"] is False  # the desk's clock is not today's
    for said in (bad(99), bad(9), Response(b"{}", 418)):
        desk.says["tim"] = partial(_same, said)
        with pytest.raises(Retryable):
            adapter.probe(command())
    desk.says["tim"] = lambda *_: {"Tot": True}
    with pytest.raises(ContractBroken, match="R: is not in the answer"):
        adapter.probe(command())
    desk.says["tim"] = lambda *_: {"Tot": True, "R": "không"}
    with pytest.raises(ContractBroken, match="R: is no list"):
        adapter.probe(command())


def test_what_is_sent_stands_where_the_definition_says(desk: Desk, tmp_path: Path) -> None:
    """The body whole and as text, a file as base64; a duplicate gives the number it has."""
    file = tmp_path / "don.pdf"
    file.write_bytes(b"%PDF")
    digest = hashlib.sha256(b"%PDF").hexdigest()
    paper = Document("d1", "Đơn", "don.pdf", "application/pdf", 4, digest, file)
    adapter = desk.adapter(**TABLES)
    desk.says["nop"] = lambda *_: bad(8, So="S-1")
    sent = command(Tep=[{"NoiDung": {"document": "d1"}}])
    sent = Command(sent.key, sent.action, sent.code, None, sent.body, documents={"d1": paper})
    assert adapter.submit([sent]) == [Receipt("S-1", note="it was there already")]
    whole = {"Ma": CODE, "Tep": [{"NoiDung": "JVBERg=="}]}
    text = '{"Ma":"H40.05-261120-0001","Tep":[{"NoiDung":"JVBERg=="}]}'
    assert desk.asked[0][2] == {"don_vi": 36, "hoSo": whole, "chu": text}
    lost = Command(sent.key, sent.action, sent.code, None, sent.body)
    (refused,) = adapter.submit([lost])
    assert isinstance(refused, Rejected)
    assert refused.code == "DOCUMENT"


def test_a_step_that_was_lost_is_looked_for(desk: Desk) -> None:
    """It is there when one of the steps shown says all that it says; a number goes URL-encoded."""
    adapter = desk.adapter(**TABLES)
    step = command(Action.STEP, "S/1 ơ", TrangThai="4", Luc="2026-11-20T09:00:00+07:00")
    desk.says["buoc/S%2F1%20%C6%A1"] = lambda *_: {"Tot": True}
    assert adapter.submit([step]) == [Receipt("S/1 ơ")]
    shown = {"Ma": CODE, "TrangThai": 4, "Luc": "2026-11-20T02:00:00.000Z", "Ai": "x"}
    desk.says["tim"] = lambda *_: {"Tot": True, "R": [{"So": "S-1", "Ma": CODE, "Buoc": [shown]}]}
    assert adapter.probe(step) == Applied("S-1")
    other = command(Action.STEP, "S-1", TrangThai="5", Luc="2026-11-20T09:00:00+07:00")
    assert adapter.probe(other) == Absent()


def test_of_an_update_nothing_may_be_missing(desk: Desk) -> None:
    """Empty here and filled there is not applied, unless the ministry fills it in itself."""
    operations = {**WRITING, "update": post("sua/{ref}", request="{body}")}
    record = {"ref": "So", "code": "Ma", "theirs": ["TrangThai"]}
    adapter = desk.adapter(**{**TABLES, "operations": operations, "record": record})
    held = {"So": "S-1", "Ma": CODE, "Ten": "Trần Thị Mẫu ", "TrangThai": "XL", "Phi": "135000.0"}
    desk.says["tim"] = lambda *_: {"Tot": True, "R": [held, {"So": "S-2", "Ma": "other"}]}
    sent = {"Ten": "Trần Thị Mẫu", "TrangThai": None, "Phi": "135000", "Ghi": ""}
    assert adapter.probe(command(Action.UPDATE, "S-1", **sent)) == Applied("S-1", held)
    held["Ghi"] = "cũ"
    assert adapter.probe(command(Action.UPDATE, "S-1", **sent)) == Absent()
    (answer,) = adapter.submit([command(Action.UPDATE, None, **sent)])
    assert isinstance(answer, Rejected)
    assert answer.field == "ministry_ref"


def test_a_field_that_is_emptied_is_sent_empty_beside_what_is_given_back(desk: Desk) -> None:
    """Only what `repeats` names is filled in from what the ministry holds."""
    update = post("sua/{ref}", request="{body}", repeats=["GhiChu"])
    operations = {**WRITING, "update": update, "fetch": get("doc/{ref}", rows="R")}
    adapter = desk.adapter(**{**TABLES, "operations": operations})
    held = {"So": "S-1", "Ma": CODE, "GhiChu": "đang thẩm định", "Ghi": "cũ"}
    desk.says["doc/S-1"] = lambda *_: {"Tot": True, "R": held}
    desk.says["sua/S-1"] = lambda *_: {"Tot": True}
    sent = command(Action.UPDATE, "S-1", Ten="Trần Thị Mẫu", Ghi="", GhiChu="")
    assert adapter.submit([sent]) == [Receipt("S-1")]
    whole = {"Ma": CODE, "Ten": "Trần Thị Mẫu", "Ghi": "", "GhiChu": "đang thẩm định"}
    assert desk.asked[-1] == ("sua/S-1", {}, whole)


def test_what_can_t_be_read_is_never_taken_for_absent(desk: Desk) -> None:
    """A record without a number decides nothing; one that can't be read is there all the same."""
    find = {**WRITING["find"], "at": "Luc"}
    operations = {**WRITING, "find": find, "update": post("sua/{ref}", request="{body}")}
    adapter = desk.adapter(**{**TABLES, "operations": operations})
    desk.says["tim"] = lambda *_: {"Tot": True, "R": [{"So": "S-1", "Ma": CODE, "Luc": "hôm qua"}]}
    assert adapter.probe(command()) == Applied("S-1")
    for action in (Action.UPDATE, Action.STEP):
        with pytest.raises(ContractBroken, match="can't be read"):
            adapter.probe(command(action, "S-1"))
    desk.says["tim"] = lambda *_: {"Tot": True, "R": [{"So": "Trần Thị Kín", "Ma": CODE}]}
    for action in Action:
        with pytest.raises(ContractBroken, match="without a number"):
            adapter.probe(command(action, "S-1"))


def test_what_the_definition_leaves_out_is_refused_and_said(desk: Desk) -> None:
    """No fetch, no list, no update: refused in words; check lists what can't be done."""
    adapter = desk.adapter(**TABLES)
    with pytest.raises(Rejected, match="no operation fetch"):
        adapter.fetch("S-1")
    with pytest.raises(Rejected, match="no operation list"):
        adapter.list(NOON.date(), NOON.date(), None)
    can = adapter.capabilities
    assert (can.steps, can.probes, can.lists, can.fetches, can.updates) == (
        True,
        True,
        *[False] * 3,
    )
    desk.says["tim"] = lambda *_: {"Tot": True, "R": []}
    (definition, *_) = adapter.check()
    for word in ("a feed", "list", "fetch", "update"):
        assert f"without {word}" in definition.detail
