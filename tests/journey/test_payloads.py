"""What was sent and answered is kept sealed, for a time, and whoever reads it is in the journal."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.cli.main import main
from bridge.domain.sealing import NONCE_BYTES, Seal, SealBroken
from bridge.engine import payloads
from bridge.engine.payloads import Payload
from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, Town

SECRET = "an invented secret of 32 letters"


def keeping(folder: Path, **more: str) -> dict[str, str]:
    """Return the part of ``bridge.toml`` that has payloads kept."""
    (folder / "payloads.secret").write_text(SECRET, encoding="utf-8")
    return {"console": '[payloads]\nkey = { file = "payloads.secret" }\nkeep_days = 30\n'} | more


def read(town: Town, code: str) -> list[Payload]:
    return payloads.read(town.house, code, "lan")


def test_what_was_sent_and_answered_is_kept_and_read_only_with_the_key(tmp_path: Path) -> None:
    """In the system's words, attempt by attempt; a refusal and a lost answer too, never in clear."""
    with Town(tmp_path, ("gplx",), extra=keeping(tmp_path)) as town:
        code = town.key(GPLX, details={"licence_class": "Z9"}, applicant_address="Ngõ Thử Nghiệm 7")
        town.settle(2)
        town.ministries["gplx"].faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
        town.edit(code, details={"licence_class": "B2"})
        town.settle(3)
        kept = read(town, code)
        assert [(one.what, one.attempt) for one in kept][:2] == [("sent", 1), ("answer", 1)]
        assert kept[0].content["body"]["HangGPLX"] == "Z9"
        assert (kept[1].content["outcome"], kept[1].content["field"]) == ("Refused", "HangGPLX")
        outcomes = [one.content["outcome"] for one in kept if one.what == "answer"]
        assert outcomes[1:] == ["Unknown", "FoundApplied"]
        assert kept[-1].content["body"]["HangGPLX"] == "B2"
        assert kept[0].content["body"]["NguoiNop"]["DiaChi"] == "Ngõ Thử Nghiệm 7"
        with town.house.store.read() as unit:
            sealed = b"".join(one.sealed for one in unit.payloads.of_code(code))
        assert "Thử Nghiệm".encode() not in sealed
        (entry,) = town.journal("payloads_read", code)
        assert entry.detail == {"by": "lan", "count": len(kept)}
        assert "Thử" not in str([row.detail for row in town.journal("payloads_read")])


def test_nothing_is_kept_without_a_key(tmp_path: Path) -> None:
    """No key, no payload: not even a sealed one."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(2)
        with town.house.store.read() as unit:
            assert unit.payloads.of_code(code) == []


def test_their_time_is_over_and_nothing_is_left(tmp_path: Path) -> None:
    """Kept to the last day and purged after it, with the rest of the dossier's story untouched."""
    with Town(tmp_path, ("gplx",), extra=keeping(tmp_path)) as town:
        code = town.key(GPLX)
        town.settle(2)
        before = town.events(code)
        town.clock.forward(timedelta(days=29).total_seconds())
        assert payloads.purge(town.house) == 0
        town.clock.forward(timedelta(days=2).total_seconds())
        assert payloads.purge(town.house) == 2
        assert payloads.purge(town.house) == 0
        assert read(town, code) == []
        assert town.events(code)[:-1] == before


def test_what_was_changed_or_put_elsewhere_does_not_open(tmp_path: Path) -> None:
    """Another key, a changed byte, another place: each is seen, and what is sound still opens."""
    with Town(tmp_path, ("gplx",), extra=keeping(tmp_path)) as town:
        code = town.key(GPLX)
        town.settle(2)
        with town.house.store.write("tamper") as unit:
            unit.connection.exec_driver_sql(
                "UPDATE payload SET sealed = (SELECT sealed FROM payload WHERE what = 'sent') "
                "WHERE what = 'answer'"
            )
        sent, answer = read(town, code)
        assert sent.content is not None
        assert answer.content is None


@pytest.mark.parametrize(
    ("secret", "place", "flip"),
    [(SECRET + "!", "1:1:sent", 0), (SECRET, "1:2:sent", 0), (SECRET, "1:1:sent", 1)],
)
def test_a_seal_opens_only_what_it_closed(secret: str, place: str, flip: int) -> None:
    """The key, the place and every byte must be the same; the key is in no representation."""
    seal, content = Seal.of(SECRET), "Nguyễn Văn Mẫu".encode()
    sealed = seal.close(content, "1:1:sent", b"n" * NONCE_BYTES)
    assert seal.open(sealed, "1:1:sent") == content
    assert content not in sealed
    assert seal.key.hex() not in repr(seal)
    with pytest.raises(SealBroken):
        Seal.of(secret).open(sealed[:-1] + bytes([sealed[-1] ^ flip]), place)


def test_the_command_shows_them_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``dossier --payloads``, for a person and a script; without a key it ends with 2."""
    monkeypatch.chdir(tmp_path)
    with Town(tmp_path, ("gplx",), extra=keeping(tmp_path)) as town:
        code = town.key(GPLX)
        town.settle(2)

        def call(*more: str) -> tuple[int, Any]:
            capsys.readouterr()
            ended = main(["dossier", code, "--payloads", "--lang", "en", *more])
            return ended, capsys.readouterr()

        told = call()
        assert told[0] == 0
        assert "gplx, delivery 1, attempt 1: sent" in told[1].out
        assert town.dossier(code)["applicant_name"] in told[1].out
        document = json.loads(call("--json")[1].out)
        assert [one["what"] for one in document["payloads"]] == ["sent", "answer"]
        file = tmp_path / "bridge.toml"
        file.write_text(file.read_text().split("[payloads]")[0], encoding="utf-8")
        ended, said = call()
        assert (ended, said.out) == (2, "")
        assert "payloads.key is not set" in said.err
        file.write_text(file.read_text() + '[payloads]\nkey = { file = "short" }\n')
        (tmp_path / "short").write_text("short")
        ended, said = call()
        assert ended == 2
        assert "too short" in said.err
