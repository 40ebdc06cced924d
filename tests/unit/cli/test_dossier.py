"""``dossier CODE``: the whole story of one dossier, for a script and for a person."""

from __future__ import annotations

import re
import unicodedata

import pytest

from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, Town

from .conftest import Call


def test_the_document_has_the_contract_s_keys(call: Call, town: Town) -> None:
    """Code, links and journal as the contract names them; deliveries and conflicts beside."""
    code = town.key(GPLX)
    town.settle(2)
    ended = call("dossier", code, "--json")
    story = ended.document()
    assert (ended.code, ended.err) == (0, "")
    assert {"code", "links", "journal", "deliveries", "conflicts"} <= set(story)
    assert story["code"] == code
    assert story["links"] == [{"system": "gplx", "ref": "GPLX-26-0000001", "state": "open"}]
    assert {tuple(entry) for entry in story["journal"]} == {("at", "system", "event", "detail")}


def test_the_journal_is_told_in_order(call: Call, town: Town) -> None:
    """Every step and attempt, oldest first: captured, posted, sent, confirmed, written back."""
    code = town.key(GPLX)
    town.settle(2)
    journal = call("dossier", code, "--json").document()["journal"]
    events = [entry["event"] for entry in journal if entry["system"] == "gplx"]
    assert events == ["posted", "sending", "confirmed", "into_onestop"]
    assert journal[0]["event"] == "captured"
    assert [entry["at"] for entry in journal] == sorted(entry["at"] for entry in journal)
    assert journal[2]["detail"]["attempt"] == 1


def test_a_file_the_ministry_issued_is_told(call: Call, town: Town) -> None:
    """By our id and its size, in both languages; its own name, which may be a person's, is not."""
    code = town.key(GPLX)
    town.settle(2)
    town.move("gplx", code, "CP")
    town.settle(1)
    query = "SELECT id, size, file_name FROM dossier_document WHERE dossier_code = :code"
    (row,) = town.rows(f"{query} AND kind = 'result'", code=code)
    told = {language: call("dossier", code, "--lang", language).out for language in ("en", "vi")}
    assert f"is with the documents ({row['id']}): {row['size']} bytes" in told["en"]
    assert f"đã lưu vào kho ({row['id']}): {row['size']} byte" in told["vi"]
    assert not [text for text in told.values() if row["file_name"] in text]


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "Dossier {code}",
                "gplx: confirmed, their number GPLX-26-0000001",
                "put in line to be sent for the first time",
                "confirmed; their number: GPLX-26-0000001",
            ],
        ),
        (
            "vi",
            [
                "Hồ sơ {code}",
                "gplx: đã xác nhận, số tiếp nhận GPLX-26-0000001",
                "xếp hàng gửi lần đầu",
                "đã xác nhận; số tiếp nhận: GPLX-26-0000001",
            ],
        ),
    ],
)
def test_the_story_is_told_in_the_reader_s_language(
    call: Call, town: Town, language: str, lines: list[str]
) -> None:
    """Where it is, and what happened, in sentences of the language asked for."""
    code = town.key(GPLX)
    town.settle(2)
    ended = call("dossier", code, "--lang", language)
    assert ended.code == 0
    for line in lines:
        assert line.format(code=code) in ended.out


@pytest.mark.parametrize(
    ("language", "owners"),
    [
        ("en", {"received_at": "one-stop", "ministry_ref": "ministry", "status": "by its value"}),
        (
            "vi",
            {
                "ngày tiếp nhận (received_at)": "một cửa",
                "số tiếp nhận của bộ (ministry_ref)": "bộ, ngành",
                "trạng thái (status)": "tùy giá trị",
            },
        ),
    ],
)
def test_each_field_is_shown_with_its_owner(
    call: Call, town: Town, language: str, owners: dict[str, str]
) -> None:
    """The table names each field, with its label in Vietnamese, and who owns it, in words."""
    code = town.key(GPLX)
    town.settle(2)
    ended = call("dossier", code, "--lang", language)
    cells = [re.split(r"  +", line.strip()) for line in ended.out.splitlines()]
    rows = {first: line for first, *_, line in (one for one in cells if len(one) > 2)}
    for field, owner in owners.items():
        assert rows[field].endswith(f"gplx: {owner}")


def test_personal_values_are_masked_unless_asked_for(call: Call, town: Town) -> None:
    """Names and numbers are dots; --with-values shows them, and the journal says to whom."""
    code = town.key(GPLX)
    town.settle(2)
    person = town.dossier(code)
    masked, shown = call("dossier", code), call("dossier", code, "--with-values")
    for column in ("applicant_name", "applicant_id_number", "applicant_phone"):
        assert person[column] not in unicodedata.normalize("NFC", masked.out)
        assert person[column] in unicodedata.normalize("NFC", shown.out)
    assert person["applicant_name"] not in call("dossier", code, "--json").out
    [read] = town.journal("decided", code)
    assert read.detail["what"] == "values read"
    assert "applicant.name" in str(read.detail["fields"])


@pytest.mark.parametrize(
    ("language", "state", "refusal"),
    [("en", "refused", "refused: "), ("vi", "bị từ chối", "bị từ chối: ")],
)
def test_a_refusal_is_told_with_what_to_do(
    call: Call, town: Town, language: str, state: str, refusal: str
) -> None:
    """The ministry's words stand in the story, and the clerk's notice below it."""
    code = town.key(GPLX, details={"licence_class": "Z9"})
    town.settle(2)
    ended = call("dossier", code, "--lang", language)
    assert f"gplx: {state}, " in ended.out
    assert f"{refusal}Hạng giấy phép không có trong danh mục" in ended.out
    assert "licence_class" in ended.out.splitlines()[-1]
    [delivery] = call("dossier", code, "--json").document()["deliveries"]
    assert (delivery["system"], delivery["state"]) == ("gplx", "dead")
    assert delivery["reason"] == "Hạng giấy phép không có trong danh mục"


@pytest.mark.parametrize(("language", "state"), [("en", "in doubt"), ("vi", "chưa rõ kết quả")])
def test_a_doubt_is_told(call: Call, town: Town, language: str, state: str) -> None:
    """A lost answer shows where the dossier stands: nobody knows yet."""
    town.ministries["gplx"].faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
    code = town.key(GPLX)
    town.round()
    assert f"gplx: {state}, " in call("dossier", code, "--lang", language).out


def test_conflicts_are_listed(call: Call, town: Town) -> None:
    """What waits for a person is in the document: the system, the field and why."""
    code = town.key(GPLX)
    town.settle(2)
    town.move("gplx", code, "HUY")
    town.round()
    [conflict] = call("dossier", code, "--json").document()["conflicts"]
    assert (conflict["system"], conflict["field"]) == ("gplx", "status")


@pytest.mark.parametrize(
    ("language", "nowhere"),
    [("en", "It has gone nowhere yet."), ("vi", "Hồ sơ chưa được gửi đến hệ thống nào.")],
)
def test_a_dossier_that_was_only_keyed_is_known(
    call: Call, town: Town, language: str, nowhere: str
) -> None:
    """Before the first round the one-stop's dossier is shown, with nothing to tell."""
    code = town.key(GPLX)
    plain, data = call("dossier", code, "--lang", language), call("dossier", code, "--json")
    assert (plain.code, data.code) == (0, 0)
    assert nowhere in plain.out
    assert (data.document()["links"], data.document()["journal"]) == ([], [])


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "there is no dossier H40.05-000000-9999"),
        ("vi", "không có hồ sơ nào mang mã H40.05-000000-9999"),
    ],
)
def test_an_unknown_code_is_told(call: Call, town: Town, language: str, told: str) -> None:
    """A code that is nowhere ends with 2, says where was looked, and prints no document."""
    ended = call("dossier", "H40.05-000000-9999", "--json", "--lang", language)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(told)
    assert len(ended.err.splitlines()) == 1
