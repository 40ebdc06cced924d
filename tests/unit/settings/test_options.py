"""An adapter's options: secrets by reference, addresses judged, paths made absolute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keyring
import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from bridge.settings import ConfigurationFault, Settings, load

Write = Callable[..., Path]
HEAD = 'name = "gplx"\nadapter = "gplx"\n'
SECRET = "mật khẩu-bí mật"


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str = Field(examples=["https://gplx.example.vn/soap"])
    password: SecretStr
    token: SecretStr | None = None
    wsdl: Path | None = None
    cache: Path = Path("var/cache")
    url: str = "sqlite:///var/x.db"
    batch_size: int = Field(default=50, ge=1)
    verify: bool = True

    @field_validator("address")
    @classmethod
    def _no_blank(cls, address: str) -> str:
        if " " in address:
            raise ValueError("expected an address without blanks")
        return address


@dataclass(frozen=True)
class Offer:
    options: type[BaseModel] = Options


def _read(settings: Settings) -> Options:
    [system] = settings.systems
    options = system.options_for(Offer())
    assert isinstance(options, Options)
    return options


def _problems(folder: Path, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationFault) as caught:
        _read(load(folder, environment or {}))
    return [str(problem) for problem in caught.value.problems]


def test_a_secret_is_looked_up_where_the_reference_says(write: Write) -> None:
    """A variable and a file both give the secret; the file's last newline is not part of it."""
    folder = write(
        "",
        gplx=HEAD + '[options]\naddress = "https://x.vn"\npassword = { env = "GPLX_PASSWORD" }\n'
        'token = { file = "secrets/token" }\n',
    )
    (folder / "secrets").mkdir()
    (folder / "secrets" / "token").write_text("tờ khóa\r\n", encoding="utf-8")
    options = _read(load(folder, {"GPLX_PASSWORD": SECRET}))
    assert options.password.get_secret_value() == SECRET
    assert options.token is not None
    assert options.token.get_secret_value() == "tờ khóa"


def test_a_secret_comes_from_the_keyring(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """``{ keyring = "gplx" }`` asks the system's keyring for the service dossier-bridge."""

    def one_entry(service: str, name: str) -> str | None:
        return SECRET if (service, name) == ("dossier-bridge", "gplx") else None

    monkeypatch.setattr(keyring, "get_password", one_entry)
    text = HEAD + '[options]\naddress = "https://x.vn"\npassword = { keyring = "NAME" }\n'
    settings = load(write("", gplx=text.replace("NAME", "gplx")), {})
    assert _read(settings).password.get_secret_value() == SECRET
    [problem] = _problems(write("", gplx=text.replace("NAME", "gply")))
    assert problem.startswith("systems/gplx.toml:5: options.password: the keyring has no gply")


def test_references_are_looked_up_late(write: Write) -> None:
    """A secret that is not there does not stop what needs no secret."""
    folder = write("", gplx=HEAD + '[options]\npassword = { env = "NOT_SET" }\n')
    assert load(folder, {}).systems[0].name == "gplx"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (f'"{SECRET}"', "a secret does not stand in the file"),
        ("12345", "a secret does not stand in the file"),
        ('{ env = "NOT_SET" }', "the environment variable NOT_SET is not set"),
        ('{ file = "nowhere" }', "the file nowhere can't be read: No such file"),
        ('{ file = "empty" }', "the file empty is empty"),
        ('{ file = "latin" }', "the file latin is not UTF-8 text"),
        ('{ env = "A", file = "B" }', "expected a reference"),
        ('{ enw = "A" }', "expected a reference"),
        ('{ env = "" }', "expected a reference"),
        ("{ env = 3 }", "expected a reference"),
    ],
)
def test_a_secret_that_can_t_be_had_is_told_by_place_alone(
    write: Write, written: str, told: str
) -> None:
    """Plain text and dead references are refused at their line, the secret never repeated."""
    folder = write("", gplx=f'{HEAD}[options]\naddress = "https://x.vn"\npassword = {written}\n')
    (folder / "empty").write_text("\n", encoding="utf-8")
    (folder / "latin").write_bytes(b"\xe9\n")
    [problem] = _problems(folder)
    assert problem.startswith("systems/gplx.toml:5: options.password: ")
    assert told in problem
    assert SECRET not in problem
    assert "12345" not in problem


def test_a_plain_secret_is_shown_how_to_be_written(write: Write) -> None:
    """The refusal shows the reference to write instead."""
    folder = write("", gplx=HEAD + '[options]\naddress = "https://x.vn"\npassword = "x"\n')
    assert 'password = { env = "GPLX_PASSWORD" }' in _problems(folder)[0]


def test_the_environment_may_hold_a_secret_itself(write: Write) -> None:
    """An override of a secret option is taken as it is: it stands in no file."""
    folder = write("", gplx=HEAD + '[options]\naddress = "https://x.vn"\n')
    settings = load(folder, {"DOSSIER_BRIDGE__SYSTEMS__GPLX__OPTIONS__PASSWORD": SECRET})
    assert _read(settings).password.get_secret_value() == SECRET


def test_no_secret_is_in_any_rendering(write: Write) -> None:
    """Neither repr nor str of the settings and of the options shows a secret."""
    folder = write(
        "",
        gplx=HEAD + '[options]\naddress = "https://x.vn"\npassword = { env = "P" }\n',
    )
    settings = load(
        folder, {"P": SECRET, "DOSSIER_BRIDGE__STORE__URL": f"postgresql+psycopg://u:{SECRET}@h/d"}
    )
    shown = f"{settings!r} {settings} {_read(settings)!r} {settings.systems!r}"
    assert SECRET not in shown
    assert SECRET in settings.store.url


def test_every_wrong_option_is_told(write: Write) -> None:
    """Unknown, wrong, missing and refused options are told together, each at its line."""
    text = HEAD + '[options]\npasword = { env = "P" }\nbatch_size = 0\naddress = "http://x y"\n'
    problems = _problems(write("", gplx=text), {"P": SECRET})
    assert problems == [
        "systems/gplx.toml:3: options.password: this key is required",
        'systems/gplx.toml:4: options.pasword: unknown key; did you mean "password"?',
        "systems/gplx.toml:5: options.batch_size: expected at least 1",
        (
            "systems/gplx.toml:6: options.address: plain http:// goes only to this machine; "
            "use https://, or allow_insecure = true"
        ),
    ]


def test_what_the_adapter_refuses_is_told_with_its_example(write: Write) -> None:
    """The words of the adapter's own model reach the reader, with the field's example."""
    text = HEAD + '[options]\naddress = "https://x y"\npassword = { env = "P" }\n'
    [problem] = _problems(write("", gplx=text), {"P": SECRET})
    assert problem == (
        "systems/gplx.toml:4: options.address: expected an address without blanks; "
        'example: address = "https://gplx.example.vn/soap"'
    )


@pytest.mark.parametrize("where", ["top", "options"])
def test_insecure_ways_are_open_only_by_name(write: Write, where: str) -> None:
    """Plain http and verify = false pass with allow_insecure, above the options or among them."""
    options = '[options]\naddress = "http://10.1.1.1"\npassword = { env = "P" }\nverify = false\n'
    told = _problems(write("", gplx=HEAD + options), {"P": SECRET})
    assert [one.partition(": ")[2].partition(":")[0] for one in told] == [
        "options.address",
        "options.verify",
    ]
    allowed = "allow_insecure = true\n"
    text = HEAD + allowed + options if where == "top" else HEAD + options + allowed
    settings = load(write("", gplx=text), {"P": SECRET})
    assert settings.systems[0].allow_insecure
    assert _read(settings).verify is False


def test_paths_start_at_the_folder_of_the_configuration(
    write: Write, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative paths and SQLite urls mean the same wherever the command is run."""
    text = (
        HEAD + '[options]\naddress = "https://x.vn"\npassword = { env = "P" }\nwsdl = "c/g.wsdl"\n'
    )
    folder = write("", gplx=text)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    options = _read(load(folder, {"P": SECRET}))
    assert options.wsdl == folder / "c/g.wsdl"
    assert options.cache == folder / "var/cache"
    assert options.url == f"sqlite:///{folder}/var/x.db"


def test_a_url_with_a_password_is_refused_in_a_file(write: Write) -> None:
    """A password inside a database url is a plain text secret too; a reference is taken."""
    url = f"postgresql+psycopg://bridge:{SECRET}@db/bridge"
    with pytest.raises(ConfigurationFault) as caught:
        load(write(f'[store]\nurl = "{url}"\n'), {})
    [problem] = map(str, caught.value.problems)
    assert problem.startswith("bridge.toml:2: store.url: the address holds a password")
    assert SECRET not in problem
    settings = load(write('[store]\nurl = { env = "STORE" }\n'), {"STORE": url})
    assert settings.store.url == url


def test_a_store_reference_that_leads_nowhere_is_told_when_it_is_used(write: Write) -> None:
    """The url's reference is looked up late, and then told with file and line."""
    settings = load(write('[store]\nurl = { env = "STORE" }\n'), {})
    with pytest.raises(ConfigurationFault) as caught:
        _ = settings.store.url
    assert str(caught.value) == (
        "bridge.toml:2: store.url: the environment variable STORE is not set"
    )


def test_the_one_stop_table_carries_its_adapter_s_options(write: Write) -> None:
    """Keys of [onestop] beyond the common ones go to the adapter's model, and are judged by it."""

    class OneStop(BaseModel):
        model_config = ConfigDict(extra="forbid")
        url: str
        documents: Path
        overlap_seconds: int = 600

    folder = write("[onestop]\noverlap_seconds = 60\n")
    options = load(folder, {}).onestop.options_for(Offer(OneStop))
    assert options.model_dump() == {
        "url": f"sqlite:///{folder}/var/onestop.db",
        "documents": folder / "var/documents",
        "overlap_seconds": 60,
    }
    with pytest.raises(ConfigurationFault, match=r"onestop\.overlap: unknown key; did you mean"):
        load(write("[onestop]\noverlap = 60\n"), {}).onestop.options_for(Offer(OneStop))
