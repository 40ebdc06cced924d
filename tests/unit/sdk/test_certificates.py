"""When certificates end: those servers show, and those that lie in files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.certificates import certificates_of, file_end
from bridge.sdk.trust import HttpOptions

from .tls import Authority, https_server


class Options(HttpOptions):
    base_url: str = ""
    token_url: str = ""
    agency: str = "H40"


class Folder(BaseModel):
    root: str = "den"


def context(folder: Path) -> AdapterContext:
    return AdapterContext("gplx", folder, 5.0, 1, lambda: datetime.now(UTC))


def days(end: datetime | None) -> int:
    assert end is not None
    return round((end - datetime.now(UTC)) / timedelta(days=1))


def test_every_certificate_of_a_system_is_found(tmp_path: Path) -> None:
    """Each server once, however many addresses lead to it, with the system's own trust; each file."""
    authority = Authority.made(tmp_path)
    ours = authority.pair("ours", days=7)
    with https_server(authority.pair("theirs", days=30)) as address:
        options = Options(
            base_url=f"{address}/hotich",
            token_url=f"{address}/token",
            ca_file=authority.file,
            client_cert=ours.certificate,
            client_key=ours.key,
        )
        found = list(certificates_of(options, context(tmp_path)))
    server = address.removeprefix("https://")
    assert [(one.place, days(one.ends_at), one.trouble) for one in found] == [
        (server, 30, None),
        ("ca_file", 3650, None),
        ("client_cert", 7, None),
    ]


def test_what_can_t_be_read_is_told_and_stops_nothing(tmp_path: Path) -> None:
    """A server that is away, a file that is gone, one without a certificate: each says why."""
    (tmp_path / "empty.pem").write_text("", encoding="utf-8")
    options = Options(
        base_url="https://127.0.0.1:1", ca_file=Path("empty.pem"), client_cert=Path("gone.pem")
    )
    found = list(certificates_of(options, context(tmp_path)))
    assert [one.place for one in found] == ["127.0.0.1:1", "ca_file", "client_cert"]
    assert all(one.ends_at is None and one.trouble for one in found)


def test_where_none_is_looked_at(tmp_path: Path) -> None:
    """Plain http, an exchange of files, verify = false: there is no certificate to tell of."""
    for options in (
        Folder(),
        Options(base_url="http://127.0.0.1:1"),
        Options(base_url="https://127.0.0.1:1", verify=False),
    ):
        assert list(certificates_of(options, context(tmp_path))) == []


def test_of_several_in_a_file_the_first_to_end_counts(tmp_path: Path) -> None:
    """A chain is as good as its shortest link."""
    authority = Authority.made(tmp_path)
    chain = tmp_path / "chain.pem"
    one = authority.pair("one", days=3).certificate.read_bytes()
    chain.write_bytes(authority.file.read_bytes() + one)
    assert days(file_end(chain)) == 3
    with pytest.raises(ValueError, match="PEM"):
        file_end(one_without(tmp_path))


def one_without(folder: Path) -> Path:
    file = folder / "none.pem"
    file.write_text("không có", encoding="utf-8")
    return file
