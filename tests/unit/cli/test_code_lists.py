"""Code lists on the command line: mappings that look into them, and lists that grew old."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.store import Store, upgrade

from .conftest import Call

CSV = "code,name,valid_from,valid_until\n"
LLTP = (
    'name = "lltp"\nadapter = "lltp"\nprocedures = ["2.000488"]\n'
    '[options]\nbase_url = "https://lltp.example.vn"\ntoken_url = "https://lltp.example.vn/token"\n'
    'client_id = "a"\nclient_secret = { env = "LLTP_SECRET" }\nagency = "H40-STP"\n'
)
RULE = "{ours: agency.name, theirs: Tinh, via: [{listed: province}]}"
MAPPING = (
    "mapping: thu/mot\nversion: 1\nkey: {ours: code, theirs: Ma}\nadapter: [Ma]\n"
    f"contract: {{theirs: [Ma, Tinh]}}\nrules:\n  - {RULE}\n"
)


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """A mapping that looks into the provinces, which hotich shows."""
    (tmp_path / "thu").mkdir()
    file = tmp_path / "thu" / "mot.v1.yaml"
    file.write_text(MAPPING, encoding="utf-8")
    return file


def test_mapping_check_knows_the_lists_that_adapters_show(call: Call, mapping: Path) -> None:
    """One that nobody shows is told by file and line, with the nearest there is."""
    assert call("mapping", "check", str(mapping)).code == 0
    mapping.write_text(MAPPING.replace("province", "provinces"), encoding="utf-8")
    ended = call("mapping", "check", str(mapping), "--lang", "en")
    assert ended.code == 1
    told = 'mot.v1.yaml:7: rule 1 (agency.name): no adapter shows the code list "provinces"'
    assert f'{told}, did you mean "province"?' in ended.out


def test_mapping_try_takes_a_list(call: Call, mapping: Path, tmp_path: Path) -> None:
    """By the day of the record; without the list it is said that it was not read."""
    rows = "36,Nam Định,,2025-07-01\n37,Nam Đình,,\n"
    (tmp_path / "province.csv").write_text(CSV + rows, encoding="utf-8")
    ours = {"agency.name": "Nam Định", "received_at": "2025-06-30T08:00:00.000+07:00"}
    record = tmp_path / "ours.json"
    record.write_text(json.dumps(ours), encoding="utf-8")
    arguments = ("mapping", "try", str(mapping), "--record", str(record), "--direction", "out")
    given = ("--list", str(tmp_path / "province.csv"), "--json")
    [rule] = call(*arguments, *given).document()["rules"]
    assert (rule["to"], rule["error"]) == ("36", None)
    ended = call(*arguments, "--json")
    [rule] = ended.document()["rules"]
    assert ended.code == 1
    assert rule["error"] == "the code list province was not read yet"
    record.write_text(json.dumps(ours | {"received_at": None}), encoding="utf-8")
    [rule] = call(*arguments, *given).document()["rules"]
    assert "only until 2025-07-01; nearest: Nam Đình" in rule["error"]
    (tmp_path / "province.csv").write_text(f"{CSV}36,,,\n", encoding="utf-8")
    ended = call(*arguments, *given)
    assert ended.code == 2
    assert "province.csv:2: a row has a code and a name" in ended.err


def test_check_tells_how_old_the_lists_are(
    call: Call,
    configure: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Nothing before they are read; well when they were, and not after days."""
    monkeypatch.setenv("LLTP_SECRET", "x")
    configure(lltp=LLTP)

    def found() -> dict[str, tuple[bool, str]]:
        ended = call("check", "--offline", "--json", "--lang", "en")
        return {one["name"]: (one["ok"], one["detail"]) for one in ended.document()["checks"]}

    assert "lltp: code lists" not in found()
    url = f"sqlite:///{tmp_path}/var/bridge.db"
    upgrade(url)
    assert "lltp: code lists" not in found()
    today = datetime.now(UTC)
    for days, ok in ((5, False), (0, True)):
        store = Store(url, lambda days=days: today - timedelta(days=days))  # type: ignore[misc]
        with store.write("code list") as unit:
            unit.code_lists.learn("lltp", "nationality", {"1": "Việt Nam"}, today.date())
        store.close()
        assert found()["lltp: code lists"][0] is ok
    assert found()["lltp: code lists"][1] == "read in the last days"
