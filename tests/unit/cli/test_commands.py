"""``check``, ``adapter``, ``mapping`` and ``db``: what they find, print and end with."""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.sdk.registry import Registry

from .conftest import Call

Configure = Callable[..., Path]
THU = (
    'name = "thu"\nadapter = "thu"\nprocedures = ["1.1"]\n'
    '[options]\naddress = "https://thu.example.vn"\npassword = { env = "THU_PASSWORD" }\n'
)
NAME = "Nguyễn Văn Mẫu"


@pytest.fixture
def onestop(call: Call, tmp_path: Path) -> None:
    """Make the empty one-stop database a configuration names by default."""
    from datetime import UTC, datetime

    from bridge.sdk.onestop import OneStopContext

    plugin = Registry.load().onestop("onestop_sql")
    assert plugin.create is not None
    options = plugin.options(
        url=f"sqlite:///{tmp_path}/var/onestop.db", documents=tmp_path / "var/documents"
    )
    plugin.create(options, OneStopContext(tmp_path, lambda: datetime.now(UTC)))


def _failed(document: dict[str, list[dict[str, object]]]) -> list[object]:
    return [one["name"] for one in document["checks"] if not one["ok"]]


@pytest.mark.usefixtures("stranger", "onestop")
def test_check_looks_at_everything_and_ends_well(
    call: Call, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all in order each part is named, the code is 0, and the adapters are let go."""
    monkeypatch.setenv("THU_PASSWORD", "right")
    folder = configure(thu=THU).parent
    ended = call("check", "--json")
    names = [one["name"] for one in ended.document()["checks"]]
    assert ended.code == 0, ended.out + ended.err
    assert [*names[:3], *names[-2:]] == [
        "configuration",
        "mapping gplx/licence v1",
        "store",
        "thu: address",
        "thu: login",
    ]
    assert "onestop: connection" in names
    assert (folder / "closed").exists()
    assert not (folder / "var" / "bridge.db").exists()


@pytest.mark.usefixtures("stranger", "onestop")
@pytest.mark.parametrize(
    ("change", "password", "arguments", "code", "failed"),
    [
        ("", "wrong", (), 1, ["thu: login"]),
        ("", "wrong", ("--offline",), 0, []),
        ("down.", "right", (), 3, ["thu: address"]),
        ("down.", "right", ("--offline",), 0, []),
        ("verify", "right", (), 1, ["thu: verify"]),
    ],
)
def test_check_ends_with_what_it_found(
    call: Call,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    password: str,
    arguments: tuple[str, ...],
    code: int,
    failed: list[str],
) -> None:
    """A refused login is 1, a system nobody answers for is 3, and --offline asks no system."""
    monkeypatch.setenv("THU_PASSWORD", password)
    text = THU.replace("https://", f"https://{change}") if change == "down." else THU
    text += "verify = false\nallow_insecure = true\n" if change == "verify" else ""
    configure(thu=text)
    ended = call("check", "--json", *arguments)
    assert ended.code == code
    assert _failed(ended.document()) == failed


@pytest.mark.usefixtures("stranger")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (THU, "options.password: the environment variable THU_PASSWORD is not set"),
        (THU.replace("{ env", '"geheim" # { env'), "a secret does not stand in the file"),
        (THU.replace('adapter = "thu"', 'adapter = "tu"'), 'no adapter tu; did you mean "thu"'),
        (THU.replace('adapter = "thu"', 'adapter = "hong"'), "the adapter hong can't be used"),
        (THU + '[mapping]\ndossie = "a"\n', 'did you mean "dossier"'),
        (THU + '[mapping]\ndossier = "no/such"\n', "there is no mapping no/such"),
        (THU + '[mapping]\ndossier = "x.yaml"\n', "mapping.dossier: there is no such file"),
        (THU + "adress = 1\n", 'options.adress: unknown key; did you mean "address"'),
    ],
)
def test_a_broken_configuration_ends_with_2_and_its_place(
    call: Call, configure: Configure, text: str, told: str
) -> None:
    """What is wrong is told with file and line, on stderr and in the JSON, never a secret."""
    configure(thu=text)
    ended = call("check", "--json", "--offline")
    [finding] = ended.document()["checks"]
    assert ended.code == 2
    assert (finding["name"], finding["ok"]) == ("configuration", False)
    assert told in finding["detail"]
    assert told in ended.err
    assert "systems/thu.toml:" in ended.err
    assert "geheim" not in ended.err + ended.out


def test_check_says_what_a_new_user_has_not_done_yet(call: Call, configure: Configure) -> None:
    """Without systems and databases, check tells what is missing, for a person to read."""
    configure()
    ended = call("check")
    assert ended.code == 3
    assert "no system is enabled" in ended.out
    assert "not made yet" in ended.out
    assert "onestop" in ended.out


@pytest.mark.usefixtures("onestop")
def test_a_store_that_can_t_be_reached_ends_with_3(call: Call, configure: Configure) -> None:
    """A PostgreSQL nobody listens for is told without a traceback."""
    configure('locale = "en"\n[store]\nurl = "postgresql+psycopg://nobody@127.0.0.1:1/none"\n')
    ended = call("check", "--json")
    assert ended.code == 3
    assert _failed(ended.document()) == ["store"]
    assert call("db", "status").code == 3
    assert call("db", "upgrade").code == 3


@pytest.mark.usefixtures("stranger")
def test_adapter_list_shows_the_sound_and_the_broken(call: Call) -> None:
    """Each adapter is listed with its origin; a broken one has its reason and the code is 1."""
    ended = call("adapter", "list", "--json")
    listed = {one["name"]: one for one in ended.document()["adapters"]}
    assert ended.code == 1
    assert (listed["thu"]["state"], listed["thu"]["source"]) == ("ok", "stranger 1.2")
    assert listed["thu"]["capabilities"]["submit"] == "idempotent"
    assert listed["thu"]["mappings"] == {"dossier": "gplx/licence"}
    assert listed["hong"]["state"] == "broken"
    assert "ModuleNotFoundError" in listed["hong"]["reason"]
    plain = call("adapter", "list")
    assert [row.split()[0] for row in plain.out.splitlines()][1:] == list(listed)
    assert "hong (stranger 1.2, no_such_module:plugin): ModuleNotFoundError" in plain.err


def test_the_tables_are_upgraded_once(call: Call, configure: Configure) -> None:
    """Status tells 1 before and 0 after; a second upgrade has nothing to do."""
    configure()
    before = call("db", "status", "--json")
    first, second = call("db", "upgrade", "--json"), call("db", "upgrade")
    after = call("db", "status", "--json")
    assert (before.code, first.code, second.code, after.code) == (1, 0, 0, 0)
    assert before.document()["behind"] == first.document()["applied"] != []
    assert after.document()["current"] == after.document()["head"]
    assert "nothing to do" in second.out
    assert call("check", "--offline", "--json").document()["checks"][1]["name"] == "store"


def _mapping(name: str = "gplx/licence") -> Path:
    return Registry.load().mapping_file(name)


def test_mapping_check_says_yes_and_no(call: Call, tmp_path: Path) -> None:
    """A sound mapping is 0; a broken one is 1 with file, line and what was meant."""
    assert call("mapping", "check", "gplx/licence").code == 0
    broken = tmp_path / "licence.v1.yaml"
    shutil.copy(_mapping(), broken)
    text = broken.read_text(encoding="utf-8").replace("rules:", "ruls:", 1)
    broken.write_text(text, encoding="utf-8")
    ended = call("mapping", "check", str(broken), "gplx/licence", "--json")
    first, second = ended.document()["mappings"]
    assert (ended.code, first["ok"], second["ok"]) == (1, False, True)
    assert any(str(broken) in one and "ruls" in one for one in first["findings"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check", "nowhere.yaml"), "nowhere.yaml: there is no such file"),
        (("check", "gplx/licenc"), 'did you mean "gplx/licence"?'),
        (("docs", "nowhere.yaml"), "nowhere.yaml: there is no such file"),
        (("try", "gplx/licence", "--record", "nowhere.json"), "nowhere.json can't be read"),
        (("try", "gplx/licence", "--record", "bad.json"), "bad.json:2: not valid JSON"),
        (("try", "gplx/licence", "--record", "list.json"), "expected one JSON object"),
        (("try", "gplx/licence", "--record", "latin.json"), "not UTF-8 text"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_ends_with_2(
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    told: str,
) -> None:
    """Missing, broken and mistaken files are told by name and line, never by content."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.json").write_text('{\n"HoTen": ' + NAME, encoding="utf-8")
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe9"}')
    ended = call("mapping", *arguments, "--lang", "en")
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert NAME not in ended.err


def test_mapping_try_masks_the_person_unless_asked(call: Call, tmp_path: Path) -> None:
    """A record goes in rule by rule; the name shows only with --with-values, in NFC."""
    record = tmp_path / "record.json"
    body = {
        "MaHoSoMotCua": "H40.05-261120-0001",
        "SoTiepNhan": "GPLX-1",
        "TrangThai": "XL",
        "NguoiNop": {"HoTen": unicodedata.normalize("NFD", NAME)},
    }
    record.write_bytes(b"\xef\xbb\xbf" + json.dumps(body, ensure_ascii=False).encode())
    arguments = ("mapping", "try", "gplx/licence", "--record", str(record), "--json")
    masked, shown = call(*arguments), call(*arguments, "--with-values")
    rows = {row["ours"]: row for row in shown.document()["rules"]}
    assert masked.code == 0
    assert rows["applicant.name"]["to"] == NAME
    assert (rows["status"]["from"], rows["status"]["to"]) == ("XL", 4)
    hidden = {row["ours"]: row for row in masked.document()["rules"]}
    assert (hidden["applicant.name"]["from"], hidden["applicant.name"]["to"]) == ("•••", "•••")
    assert "Mẫu" not in unicodedata.normalize("NFC", masked.out)


def test_mapping_try_tells_the_rule_that_refused(call: Call, tmp_path: Path) -> None:
    """An impossible date is told at its rule, without the date, and the code is 1."""
    record = tmp_path / "record.json"
    record.write_text('{"NguoiNop": {"NgaySinh": "31/02/2026"}}', encoding="utf-8")
    ended = call("mapping", "try", "gplx/licence", "--record", str(record), "--lang", "en")
    [row] = [line for line in ended.out.splitlines() if "✗" in line]
    assert ended.code == 1
    assert "applicant.birth_date" in row
    assert "31/02" not in ended.out


def test_mapping_try_gives_its_reasons_in_vietnamese(call: Call, tmp_path: Path) -> None:
    """Both ways, in the table and as data: no reason is left in English."""
    record = tmp_path / "record.json"
    body = {"NguoiNop": {"NgaySinh": "31/02/2026"}}
    record.write_text(json.dumps(body), encoding="utf-8")
    arguments = ("mapping", "try", "gplx/licence", "--record", str(record), "--lang", "vi")
    ended = call(*arguments)
    assert "✗ không đúng dạng ngày dd/MM/yyyy, MM/yyyy hoặc yyyy" in ended.out
    out = call(*arguments, "--direction", "out", "--json").document()["rules"]
    refused = {row["ours"]: row["error"] for row in out if row["error"]}
    assert refused["applicant.name"] == "thiếu họ tên người nộp (applicant_name)"


def test_mapping_try_goes_out_too(call: Call, tmp_path: Path) -> None:
    """A dossier of ours, nested or flat, is said in the ministry's words."""
    record = tmp_path / "ours.json"
    record.write_text(
        json.dumps({"code": "H40.05-261120-0001", "applicant": {"sex": "male"}}), encoding="utf-8"
    )
    ended = call(
        "mapping", "try", "gplx/licence", "--record", str(record), "--direction", "out", "--json",
        "--with-values",
    )  # fmt: skip
    rows = {row["ours"]: row for row in ended.document()["rules"]}
    assert rows["code"]["to"] == "H40.05-261120-0001"
    assert rows["applicant.sex"]["to"] == "Nam"


@pytest.mark.parametrize(("language", "heading"), [("vi", "bắt buộc"), ("en", "required")])
def test_mapping_docs_are_in_the_reader_s_language(call: Call, language: str, heading: str) -> None:
    """The table for people is printed in the language asked for."""
    ended = call("mapping", "docs", "gplx/licence", "--lang", language)
    assert ended.code == 0
    assert heading in ended.out
