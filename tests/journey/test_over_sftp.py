from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.yte import plugin
from bridge.sdk.rehearsal import Fault
from bridge.sdk.rehearsal_paper import InventedPaper
from tests.contract.sftp_ministry import SftpMinistry
from tests.journey.town import YTE, Town


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr("adapters.yte.plugin", replace(plugin, rehearsal=SftpMinistry))
    return Town(tmp_path, ("dvcqg", "yte"))


def test_a_dossier_goes_out_over_sftp_and_its_result_comes_back(town: Town) -> None:
    """Over a server whose connections break at every turn: once there, once here, in order."""
    with town:
        ministry = town.ministries["yte"]
        server = ministry.server
        code = town.key(YTE)
        server.faults.next(Fault.CUT_BEFORE, operation="write")
        server.faults.next(Fault.LOST_ANSWER, operation="rename")
        town.settle(6)
        assert town.states(code, "yte") == ["confirmed"]
        tries = [one for one in town.events(code, "yte") if one in {"retry", "accepted"}]
        assert tries == ["retry", "retry", "accepted"]
        assert town.dossier(code)["ministry_ref"] == town.record("yte", code)["ref"]

        town.move("yte", code, "BOSUNG", "Thiếu giấy khám sức khỏe")
        server.faults.next(Fault.CUT_BEFORE, operation="read")
        town.settle(3)
        assert town.dossier(code)["status"] == 5
        town.paper(code, "kham.pdf", b"%PDF-1.4 giay kham" * 20_000)
        town.bring(code)
        server.faults.next(Fault.CUT_BEFORE, operation="write more")
        town.settle(4)
        assert town.states(code, "yte") == ["confirmed", "confirmed"]
        assert town.record("yte", code)["updates"] == 1

        server.down()
        town.edit(code, applicant_phone="0900000001")
        town.settle(2)
        assert town.states(code, "yte")[-1] == "pending"
        server.up()
        town.move("yte", code, "DACAP")
        (ref,) = ministry.file_own(1)
        server.faults.next(Fault.LOST_ANSWER, operation="rename")
        town.settle(4)
        assert town.dossier(code)["status"] == 9
        assert town.progress(code) == [(2, "onestop"), (5, "yte"), (9, "yte")]
        assert len(town.rows("SELECT code FROM dossier WHERE ministry_ref = :ref", ref=ref)) == 1

        before = town.moved(), server.calls["rename"]
        town.settle(2)
        assert (town.moved(), server.calls["rename"]) == before
        assert list(ministry.root.joinpath("den").iterdir()) == []
        met = [operation for operation, _ in server.faults.log]
        assert met == ["write", "rename", "read", "write more", "rename"]
        town.ends_well()


def test_a_server_that_becomes_another_holds_everything_back(town: Town) -> None:
    """Another host key: nothing is sent, nothing lost; once it is known, all goes on."""
    with town:
        ministry = town.ministries["yte"]
        known = ministry.known_hosts.read_text()
        code = town.key(YTE)
        ministry.known_hosts.write_text("")
        town.settle(2)
        assert town.states(code, "yte") == ["pending"]
        assert ministry.server.logins == 0
        ministry.known_hosts.write_text(known)
        town.settle(3)
        assert town.states(code, "yte") == ["confirmed"]
        ministry.server.letting_in = False
        town.restart()
        town.edit(code, applicant_phone="0900000002")
        town.settle(2)
        assert town.states(code, "yte")[-1] == "held"
        assert ministry.server.logins < 12
        ministry.server.letting_in = True
        town.clock.forward(600)
        town.settle(4)
        assert town.states(code, "yte") == ["confirmed", "confirmed"]
        town.ends_well()


def test_files_that_are_set_aside_keep_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One connection is all there is: too large a file is let go of before the next is asked for."""
    monkeypatch.setattr("adapters.yte.plugin", replace(plugin, rehearsal=SftpMinistry))
    monkeypatch.setattr("adapters.yte.sftp.CONNECTIONS", 1)
    limit = {"yte": "max_result_mb = 0.002"}
    with Town(tmp_path, ("yte",), extra=limit) as town:
        code = town.key(YTE)
        town.settle(2)
        town.move("yte", code, "DACAP")
        for number in range(2):
            large = InventedPaper(f"lon-{number}.pdf", bytes([number]) * 200_000)
            town.ministries["yte"].issue(town.record("yte", code)["ref"], large)
        town.receive("yte")
        assert town.dossier(code)["status"] == 9
        assert len(town.quarantined()) == 2
        town.ends_well()
