"""Whom the HTTP client believes, over real TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError, Retryable
from bridge.sdk.http import HttpClient, HttpOptions
from bridge.sdk.rehearsal import Response
from bridge.sdk.rehearsal_server import serve
from bridge.sdk.trust import certificate_end
from tests.unit.sdk.tls import Authority, https_server

NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


def context(folder: Path, *, allow_insecure: bool = False) -> AdapterContext:
    return AdapterContext("dvcqg", folder, 5.0, 4, lambda: NOW, allow_insecure=allow_insecure)


@contextmanager
def speaking(
    address: str, folder: Path, *, allow_insecure: bool = False, **options: Any
) -> Iterator[HttpClient]:
    made = HttpClient(
        address,
        context=context(folder, allow_insecure=allow_insecure),
        options=HttpOptions(**options),
    )
    try:
        yield made
    finally:
        made.close()


def answered(made: HttpClient) -> bool:
    return made.request("POST", "/", write=True, json={}).status == 200


def reason(made: HttpClient) -> str:
    """Return why a call was known not to be sent."""
    with pytest.raises(AdapterError) as caught:
        answered(made)
    assert isinstance(caught.value, Retryable)
    assert caught.value.unreachable
    return caught.value.reason


def test_an_authority_nobody_trusts_is_named_as_the_reason(authority: Authority) -> None:
    """A certificate of an unknown authority ends the call before anything is sent, in words."""
    with (
        https_server(authority.pair("portal")) as address,
        speaking(address, authority.folder) as made,
    ):
        assert "its certificate is not trusted (" in reason(made)


def test_an_ended_certificate_is_named_as_the_reason(authority: Authority) -> None:
    """An expired certificate is told as one."""
    with (
        https_server(authority.pair("portal", days=-1)) as address,
        speaking(address, authority.folder, ca_file=authority.file) as made,
    ):
        assert "certificate has expired" in reason(made)


def test_a_certificate_for_another_name_is_not_trusted(authority: Authority) -> None:
    """A trusted authority's certificate holds for the name it tells, and for no other."""
    with https_server(authority.pair("portal")) as address:
        elsewhere = address.replace("127.0.0.1", "localhost")
        with speaking(elsewhere, authority.folder, ca_file=authority.file) as made:
            assert "its certificate is not trusted (" in reason(made)


def test_https_where_only_http_is_spoken_is_told_as_tls(tmp_path: Path) -> None:
    """A port that speaks no TLS says that TLS failed, not just that something did."""
    server = serve(lambda _: Response(b"{}"))
    with speaking(f"https://127.0.0.1:{server.server_address[1]}", tmp_path) as made:
        assert "TLS failed (" in reason(made)
    server.end()


def test_an_authority_of_ones_own_is_trusted(authority: Authority) -> None:
    """``ca_file`` is trusted beside the machine's; a relative path starts at the context's folder."""
    with (
        https_server(authority.pair("portal")) as address,
        speaking(address, authority.folder, ca_file=Path(authority.file.name)) as made,
    ):
        assert answered(made)


def test_unchecked_only_where_it_is_allowed(authority: Authority) -> None:
    """``verify = false`` sends nothing unless ``allow_insecure`` stands beside it."""
    with https_server(authority.pair("portal")) as address:
        with speaking(address, authority.folder, verify=False) as made:
            assert reason(made) == "verify = false needs allow_insecure = true beside it"
        with speaking(address, authority.folder, verify=False, allow_insecure=True) as made:
            assert answered(made)


def test_our_own_certificate_is_shown_where_it_is_asked(authority: Authority) -> None:
    """A server that asks for a client's certificate serves us with ours, and not without."""
    ours = authority.pair("bridge")
    with https_server(authority.pair("portal"), clients_of=authority) as address:
        with speaking(
            address,
            authority.folder,
            ca_file=authority.file,
            client_cert=ours.certificate,
            client_key=ours.key,
        ) as made:
            assert answered(made)
        with speaking(address, authority.folder, ca_file=authority.file) as made:
            assert "TLS failed (" in reason(made)


@pytest.mark.parametrize("change", ["missing", "empty", "locked", "other"])
def test_a_certificate_file_that_can_not_be_used_is_a_reason(
    authority: Authority, change: str
) -> None:
    """A bad file is told before anything is sent; a locked key asks nobody for its password."""
    ours, other = authority.pair("bridge"), authority.pair("other")
    (authority.folder / "empty.pem").write_bytes(b"")
    options: dict[str, Any] = {
        "missing": {"ca_file": authority.folder / "none.pem"},
        "empty": {"ca_file": authority.folder / "empty.pem"},
        "locked": {"client_cert": ours.certificate, "client_key": ours.locked},
        "other": {"client_cert": ours.certificate, "client_key": other.key},
    }[change]
    with speaking("https://127.0.0.1:1", authority.folder, **options) as made:
        assert reason(made).startswith("a certificate file can't be used: ")


def test_the_end_of_a_certificate_is_read(authority: Authority) -> None:
    """The end that the server's certificate tells is returned, aware."""
    with https_server(authority.pair("portal", days=30)) as address:
        options = HttpOptions(ca_file=authority.file)
        end = certificate_end(address, options, context(authority.folder))
    assert end is not None
    assert timedelta(days=29) < end - datetime.now(UTC) <= timedelta(days=30)


def test_a_certificate_nobody_trusts_has_no_end(authority: Authority) -> None:
    """Asked for its end, an untrusted certificate is told as that."""
    with (
        https_server(authority.pair("portal")) as address,
        pytest.raises(Retryable) as caught,
    ):
        certificate_end(address, HttpOptions(), context(authority.folder))
    assert "certificate" in caught.value.reason


def test_where_no_certificate_is_checked_there_is_no_end(tmp_path: Path) -> None:
    """Plain http, or https unchecked, has none; nothing is connected."""
    allowed = context(tmp_path, allow_insecure=True)
    assert certificate_end("http://127.0.0.1:1", HttpOptions(), allowed) is None
    assert certificate_end("https://127.0.0.1:1", HttpOptions(verify=False), allowed) is None


def test_a_plain_address_asks_no_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is encrypted no certificate is read, for that costs more than the call."""
    read: list[str] = []
    monkeypatch.setattr("bridge.sdk.http.certificates", lambda *_: read.append("all"))
    server = serve(lambda _: Response(b"{}"))
    try:
        with speaking(f"http://127.0.0.1:{server.server_address[1]}", tmp_path) as made:
            assert answered(made)
    finally:
        server.end()
    assert read == []
