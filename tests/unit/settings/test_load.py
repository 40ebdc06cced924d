"""Reading the configuration: defaults, overrides, and every mistake at its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from bridge.i18n import use
from bridge.settings import ConfigurationFault, load

Write = Callable[..., Path]
GPLX = 'name = "gplx"\nadapter = "gplx"\nprocedures = ["1.002835"]\n'


def _problems(folder: Path, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationFault) as caught:
        load(folder, environment or {})
    return [str(problem) for problem in caught.value.problems]


def test_an_empty_file_is_a_whole_configuration(write: Write) -> None:
    """All keys but name and adapter have the defaults of contracts/cli.md."""
    folder = write("", gplx='name = "gplx"\nadapter = "gplx"\n')
    settings = load(folder, {})
    assert (settings.locale, settings.timezone, settings.agency) == ("vi", "Asia/Ho_Chi_Minh", None)
    assert settings.store.url == f"sqlite:///{folder}/var/bridge.db"
    assert (settings.onestop.adapter, settings.onestop.poll_seconds) == ("onestop_sql", 2)
    assert (settings.console.host, settings.console.port) == ("127.0.0.1", 8470)
    assert settings.workers.engine == "embedded"
    [gplx] = settings.systems
    assert (gplx.enabled, gplx.procedures, gplx.poll_seconds) == (True, (), 30)
    assert (gplx.max_in_flight, gplx.rate_per_second, gplx.timeout_seconds) == (4, None, 30)
    assert (gplx.open_hours, gplx.doubt_grace_seconds, gplx.allow_insecure) == (None, 60, False)


def test_the_contract_s_example_is_read_as_written(write: Write) -> None:
    """The example of contracts/cli.md means what it says, open hours and grace included."""
    folder = write(
        'agency = "000.00.00.H40"\n[store]\nurl = "sqlite:////srv/bridge.db"\n',
        gplx=GPLX + 'rate_per_second = 10\nopen_hours = "06:00-22:00"\ndoubt_grace_seconds = 90\n'
        '[options]\nwsdl = "contracts/gplx.wsdl"\npassword = { env = "GPLX_PASSWORD" }\n',
    )
    settings = load(folder, {})
    gplx = settings.system("gplx")
    assert gplx is not None
    assert settings.store.url == "sqlite:////srv/bridge.db"
    assert gplx.open_hours == (time(6), time(22))
    assert (gplx.rate_per_second, gplx.doubt_grace_seconds) == (10, 90)


def test_ceilings_are_a_table_of_a_system(write: Write) -> None:
    """Patient for a day and five crashes unless the file says otherwise; each class by its key."""
    (gplx,) = load(write("", gplx=GPLX), {}).systems
    assert (gplx.ceilings.hours, gplx.ceilings.crashes, gplx.ceilings.lost) == (24, 5, None)
    told = GPLX + "[ceilings]\nhours = 6\ncontract = 3\n"
    laid = {"DOSSIER_BRIDGE__SYSTEMS__GPLX__CEILINGS__CRASHES": "2"}
    (gplx,) = load(write("", gplx=told), laid).systems
    assert (gplx.ceilings.hours, gplx.ceilings.contract, gplx.ceilings.crashes) == (6, 3, 2)


def test_a_wrong_ceiling_is_told_with_its_line_and_the_key_that_is_near(write: Write) -> None:
    """An unknown key names the known one; no ceiling is nothing or less."""
    folder = write("", gplx=GPLX + "[ceilings]\ncontracts = 3\nlost = 0\nhours = 0\n")
    line = len(GPLX.splitlines())
    assert _problems(folder) == [
        f'systems/gplx.toml:{line + 2}: ceilings.contracts: unknown key; did you mean "contract"?',
        f"systems/gplx.toml:{line + 3}: ceilings.lost: expected at least 1; example: lost = 20",
        f"systems/gplx.toml:{line + 4}: ceilings.hours: expected more than 0.0; example: hours = 24",
    ]


def test_all_mistakes_of_all_files_are_told_at_once(write: Write) -> None:
    """One run names every mistake with file, line, key, what is expected, and an example."""
    folder = write(
        'locale = "vn"\n\ntimezon = "Asia/Ho_Chi_Minh"\n[console]\nlisten = "here"\n',
        gplx='name = "gplx"\nprocedures = ["1.2",\n  4]\npol_seconds = 3\nopen_hours = "6-25:00"\n',
        yte='name = "Y-Te"\nadapter = "yte"\ntimeout_seconds = 0\nmax_in_flight = "many"\n',
    )
    assert _problems(folder) == [
        "bridge.toml:1: locale: expected one of 'vi' or 'en'; example: locale = \"vi\"",
        'bridge.toml:3: timezon: unknown key; did you mean "timezone"?',
        (
            "bridge.toml:5: console.listen: expected host:port, for example 127.0.0.1:8470; "
            'example: listen = "127.0.0.1:8470"'
        ),
        'systems/gplx.toml: adapter: this key is required; example: adapter = "gplx"',
        "systems/gplx.toml:3: procedures[1]: expected a text in quotes",
        'systems/gplx.toml:4: pol_seconds: unknown key; did you mean "poll_seconds"?',
        (
            "systems/gplx.toml:5: open_hours: expected hours such as 06:00-22:00, or 22:00-05:00 "
            'over midnight; example: open_hours = "06:00-22:00"'
        ),
        'systems/yte.toml:1: name: expected the form ^[a-z][a-z0-9_]*$; example: name = "gplx"',
        "systems/yte.toml:3: timeout_seconds: expected more than 0.0; example: timeout_seconds = 30",
        "systems/yte.toml:4: max_in_flight: expected a whole number; example: max_in_flight = 4",
    ]


def test_messages_are_in_the_reader_s_language(write: Write) -> None:
    """The same mistake is told in Vietnamese to a Vietnamese reader; keys stay as they are."""
    use("vi")
    [problem] = _problems(write('timezon = "x"\n'))
    assert problem.startswith("bridge.toml:1: timezon: ")
    assert "khóa" in problem


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('locale = "vi"\nlocale = "en"\n', "bridge.toml:2: not valid TOML"),
        ('agency = "H40\n', "bridge.toml:1: not valid TOML"),
        ("[store\nurl = 1\n", "bridge.toml:1: not valid TOML"),
        ('a = [1,\n\n"x"', "bridge.toml:3: not valid TOML"),
    ],
)
def test_a_syntax_error_is_told_with_its_line(write: Write, text: str, place: str) -> None:
    """What is not TOML is said with file and line."""
    [problem] = _problems(write(text))
    assert problem.startswith(place)


def test_a_file_in_another_encoding_is_told_with_its_line(write: Write) -> None:
    """A file saved in a Vietnamese code page is refused at the line of the first foreign byte."""
    folder = write()
    (folder / "bridge.toml").write_bytes(b'locale = "vi"\nagency = "Nam \xd0\xednh"\n')
    assert _problems(folder) == ["bridge.toml:2: not UTF-8 text; save the file as UTF-8"]


def test_a_byte_order_mark_is_stepped_over(write: Write) -> None:
    """A file saved by a Windows editor is read."""
    folder = write()
    (folder / "bridge.toml").write_bytes(b'\xef\xbb\xbflocale = "en"\n')
    assert load(folder, {}).locale == "en"


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    """Whoever starts without a configuration is told the command that writes one."""
    [problem] = _problems(tmp_path / "nowhere.toml")
    assert "nowhere.toml" in problem
    assert "dossier-bridge init" in problem


def test_the_file_is_found_by_argument_then_variable_then_here(write: Write) -> None:
    """``--config`` beats DOSSIER_BRIDGE_CONFIG, which beats ./bridge.toml."""
    folder = write('agency = "here"\n')
    (folder / "other.toml").write_text('agency = "variable"\n', encoding="utf-8")
    (folder / "third.toml").write_text('agency = "argument"\n', encoding="utf-8")
    environment = {"DOSSIER_BRIDGE_CONFIG": str(folder / "other.toml")}
    assert load(None, {}).agency == "here"
    assert load(None, environment).agency == "variable"
    assert load(folder / "third.toml", environment).agency == "argument"


def test_the_environment_overrides_any_value(write: Write) -> None:
    """Top-level keys, tables, systems and lists can all be set by a variable."""
    folder = write("", gplx=GPLX)
    settings = load(
        folder,
        {
            "DOSSIER_BRIDGE__LOCALE": "en",
            "DOSSIER_BRIDGE__STORE__URL": "postgresql+psycopg://u:secret@db/bridge",
            "DOSSIER_BRIDGE__SYSTEMS__GPLX__MAX_IN_FLIGHT": "2",
            "DOSSIER_BRIDGE__SYSTEMS__GPLX__PROCEDURES": '["1.1", "1.2"]',
            "DOSSIER_BRIDGE__SYSTEMS__GPLX__OPTIONS__ADDRESS": "https://gplx.example.vn",
        },
    )
    [gplx] = settings.systems
    assert settings.locale == "en"
    assert settings.store.url == "postgresql+psycopg://u:secret@db/bridge"
    assert (gplx.max_in_flight, gplx.procedures) == (2, ("1.1", "1.2"))
    assert gplx.options["address"] == "https://gplx.example.vn"


def test_a_wrong_override_names_the_variable(write: Write) -> None:
    """A mistake in the environment is told by the variable's name, near names included."""
    environment = {
        "DOSSIER_BRIDGE__SYSTEMS__GPLY__ENABLED": "false",
        "DOSSIER_BRIDGE__SYSTEMS__GPLX__MAX_IN_FLIGHT": "many",
        "DOSSIER_BRIDGE__SYSTEMS__GPLX__PROCEDURES": "[1.1",
        "DOSSIER_BRIDGE__STOR__URL": "x",
        "DOSSIER_BRIDGE__SYSTEMS": "x",
    }
    problems = _problems(write("", gplx=GPLX), environment)
    assert [problem.partition(": ")[2].partition(":")[0] for problem in problems] == sorted(
        environment
    )
    assert all(problem.startswith("environment: ") for problem in problems)
    assert any('did you mean "gplx"?' in problem for problem in problems)
    assert any('did you mean "store"?' in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (GPLX, "name"),
        ('name = "onestop"\nadapter = "x"\n', "name"),
        ('name = "x"\nadapter = "x"\nprocedures = ["*", "1.1"]\n', "procedures"),
        ('name = "x"\nadapter = "x"\nopen_hours = "06:00-06:00"\n', "open_hours"),
        ('name = "x"\nadapter = "x"\nopen_hours = 6\n', "open_hours"),
        ('name = "x"\nadapter = "x"\noptions = 6\n', "options"),
    ],
)
def test_a_system_that_contradicts_itself_or_another_is_refused(
    write: Write, text: str, key: str
) -> None:
    """Names are unique and not ours, "*" stands alone, hours have an inside."""
    problems = _problems(write("", a=GPLX, b=text))
    assert [problem for problem in problems if f": {key}: " in problem]


def test_hours_may_pass_midnight_and_end_at_24(write: Write) -> None:
    """22:00-05:00 and 00:00-24:00's end are understood."""
    folder = write(
        "",
        a='name = "a"\nadapter = "x"\nopen_hours = "22:00-05:00"\n',
        b='name = "b"\nadapter = "x"\nopen_hours = "6:30-24:00"\n',
    )
    hours = [system.open_hours for system in load(folder, {}).systems]
    assert hours == [(time(22), time(5)), (time(6, 30), time(0))]


@pytest.mark.parametrize("zone", ["Asia/Hanoi_", "", "../etc/passwd", "/etc/localtime"])
def test_a_time_zone_that_does_not_exist_is_refused(write: Write, zone: str) -> None:
    """A wrong zone is told, not met at run time."""
    [problem] = _problems(write(f'timezone = "{zone}"\n'))
    assert problem.startswith("bridge.toml:1: timezone: ")


@pytest.mark.parametrize(
    ("address", "sound"),
    [
        ("https://bridge.example.vn/", True),
        ("http://127.0.0.1:8470", True),
        ("http://[::1]:8470", True),
        ("http://localhost", True),
        ("http://127.0.0.1.example.vn", False),
        ("http://bridge.example.vn", False),
        ("http://10.0.0.1", False),
        ("bridge.example.vn", False),
        ("http://[::1", False),
    ],
)
def test_plain_http_goes_only_to_this_machine(write: Write, address: str, sound: bool) -> None:
    """An address of plain http is taken for loopback alone, unless it is allowed by name."""
    folder = write(f'[console]\npublic_url = "{address}"\n')
    if sound:
        assert load(folder, {}).console.public_url == address.rstrip("/")
    else:
        [problem] = _problems(folder)
        assert problem.startswith("bridge.toml:2: console.public_url: ")


def test_insecure_addresses_can_be_allowed_by_name(write: Write) -> None:
    """``allow_insecure = true`` beside the address lets it pass."""
    folder = write('[console]\npublic_url = "http://10.0.0.1"\nallow_insecure = true\n')
    assert load(folder, {}).console.public_url == "http://10.0.0.1"
