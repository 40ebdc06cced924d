"""What adapters and the engine say reaches a Vietnamese operator in Vietnamese."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.domain.breaker import FEWEST
from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, Town

from .conftest import Call

ENGLISH = re.compile(
    r"\b(accepted|and|agreed|can|connection|file|found|from|in step|is|no|not|of|operations|"
    r"refused|refuses|the|to|trusted|with)\b"
)


@pytest.fixture
def whole_town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.chdir(tmp_path)
    with Town(tmp_path) as town:
        yield town


def words(text: str, town: Town) -> str:
    """Return a text without paths and addresses."""
    return re.sub(r"\S*[/:]\S+", "", text.replace(str(town.folder), ""))


def findings(call: Call, language: str) -> dict[str, str]:
    ended = call("check", "--json", "--lang", language)
    return {one["name"]: one["detail"] for one in ended.document()["checks"]}


def test_every_finding_of_a_sound_office_is_vietnamese(call: Call, whole_town: Town) -> None:
    """Names and details on the screen; in the document the names stay, the details do not."""
    ended = call("check", "--lang", "vi")
    assert ended.code == 0
    for line in ended.out.splitlines():
        assert not ENGLISH.search(words(line, whole_town)), line
    english, vietnamese = findings(call, "en"), findings(call, "vi")
    assert list(english) == list(vietnamese)
    assert english["gplx: login"] == "login accepted"
    assert vietnamese["gplx: login"] == "đăng nhập được"


def test_every_finding_of_a_broken_office_is_vietnamese(call: Call, whole_town: Town) -> None:
    """A column renamed, a ministry gone, a login refused, a folder lost: said so, and English not."""
    whole_town.execute("ALTER TABLE dossier RENAME COLUMN status_note TO ten_khac")
    whole_town.ministries["gplx"].down()
    (whole_town.folder / "yte" / "xacnhan").rmdir()
    (whole_town.folder / "dvcqg.password").write_text("wrong", encoding="utf-8")
    ended = call("check", "--lang", "vi")
    assert ended.code == 3
    failed = [line for line in ended.out.splitlines() if line.startswith("LỖI")]
    assert len(failed) >= 4
    for line in ended.out.splitlines():
        known = line.partition("(đang có: ")
        assert not ENGLISH.search(words(known[0], whole_town)), line
    for told in ("không có cột status_note", "từ chối kết nối", "Cổng từ chối", "không có thư mục"):
        assert any(told in line for line in failed), told


@pytest.mark.parametrize(
    ("fault", "english", "vietnamese"),
    [
        (None, "connection refused", "bị từ chối kết nối"),
        (Fault.PAGE_503, "closed for maintenance (503)", "đóng để bảo trì (503)"),
    ],
)
def test_why_a_system_is_spared_is_kept_in_both_languages(
    call: Call, town: Town, fault: Fault | None, english: str, vietnamese: str
) -> None:
    """Set by one process, stored, and read by another in the language of its reader."""
    ministry = town.ministries["gplx"]
    if fault is None:
        ministry.down()
    else:
        ministry.faults.next(fault, operation="NopHoSo")
    for _ in range(FEWEST):
        town.key(GPLX)
        town.front()
        town.deliver("gplx")
    for language, told in (("en", english), ("vi", vietnamese)):
        assert told in call("status", "--lang", language).out
        [row] = json.loads(call("status", "--json", "--lang", language).out)["systems"]
        assert told in row["reason"]


def test_an_overdue_answer_and_a_deleted_dossier_are_told_by_status(call: Call, town: Town) -> None:
    """Both need a person: the reason says which, in either language, and status ends with 1."""
    town.ministries["gplx"].faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
    town.key(GPLX)
    town.round()
    gone = town.key(GPLX)
    town.front()
    town.execute("DELETE FROM dossier WHERE code = :code", code=gone)
    town.deliver("gplx")
    with town.house.store.write("a day passes") as unit:
        unit.connection.exec_driver_sql(
            "UPDATE delivery SET call_ended_at = call_ended_at - 90000000"
        )
    ended = call("status", "--json", "--lang", "vi")
    [row] = ended.document()["systems"]
    assert (ended.code, row["state"], row["overdue"], row["orphans"]) == (1, "running", 1, 1)
    assert row["reason"] == (
        f"quá 24 giờ chưa có trả lời: 1; đã xóa ở một cửa, cần người quyết định: {gone}"
    )
    plain = call("status", "--lang", "en")
    assert "gplx: without an answer for over 24 hours: 1" in plain.out
    assert f"gplx: deleted in the one-stop, a person decides: {gone}" in plain.out
    told = call("dossier", gone, "--lang", "vi").out
    assert "gplx: đã xóa ở một cửa, cần người quyết định" in told


def test_a_fault_of_the_onestop_is_vietnamese(call: Call, town: Town) -> None:
    """What ends a command is said in the reader's language too."""
    town.key(GPLX)
    town.execute("ALTER TABLE dossier_fee RENAME TO phi")
    ended = call("sync", "--lang", "vi")
    assert ended.code == 3
    assert "không có bảng dossier_fee" in ended.err
