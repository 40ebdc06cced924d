"""yte over SFTP: whom we believe, what a broken connection leaves, what a server says no to."""

from __future__ import annotations

import logging
import os
import socket
import tempfile
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import paramiko
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from hypothesis import given, settings
from hypothesis import strategies as st
from paramiko import sftp

from adapters.yte.faults import LoginRefused
from adapters.yte.options import server_address
from adapters.yte.rehearsal_writing import lay
from adapters.yte.sftp import MOST_NAMES, SftpFolders
from adapters.yte.sftp_trust import known_keys, private_key
from bridge.sdk.errors import AuthFailed, InDoubt, Rejected, Retryable
from bridge.sdk.records import Answer, Record
from bridge.sdk.rehearsal import Fault
from tests.contract.sftp_ministry import SftpMinistry
from tests.contract.sftp_server import ALL, SftpServer, new_key
from tests.contract.yte_bench import CODE, PERSONAL, Bench, body, command, paper

PLAIN = ()
"""What an old server offers: no extension at all."""


@pytest.fixture
def ministry(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SftpMinistry]:
    offers = getattr(request, "param", ALL)
    with SftpMinistry(tmp_path / "share", interval=None, offers=offers) as ministry:
        yield ministry


@pytest.fixture
def bench(ministry: SftpMinistry) -> Iterator[Bench]:
    bench = Bench(ministry, options=dict(ministry.secrets()))
    yield bench
    bench.adapter.close()


@pytest.fixture
def server(ministry: SftpMinistry) -> SftpServer:
    return ministry.server


def sent(bench: Bench, *codes: str, again: bool = False) -> list[Answer]:
    commands = [replace(command(code=code), sent_before=again) for code in codes]
    return list(bench.adapter.submit(commands))


def findings(bench: Bench) -> dict[str, str]:
    """Return what ``check`` finds wrong, by name."""
    return {one.name: one.detail for one in bench.adapter.check() if not one.ok}


# -- whom we believe, and who lets us in


def test_a_server_that_is_not_known_gets_nothing(
    bench: Bench, ministry: SftpMinistry, server: SftpServer
) -> None:
    """No login is tried unless the host key is in known_hosts; a mended file is read at once."""
    ours, line = ministry.known_hosts, server.known_hosts()
    other = server.known_hosts(paramiko.ECDSAKey.generate())
    elsewhere = line.replace("127.0.0.1", "example.vn")
    at_22 = line.replace(f"[127.0.0.1]:{server.port}", "127.0.0.1")
    for text, said in (
        ("", "is not in"), ("# none\n\nnonsense\na b c\n", "is not in"), (elsewhere, "is not in"),
        (at_22, "is not in"), (other, "is another than in"), (f"{line}@revoked {line}", "is not in"),
        (f"@cert-authority {line}", "is not in"),
    ):  # fmt: skip
        ours.write_text(text)
        assert list(findings(bench)) == ["host key"]
        assert said in findings(bench)["host key"]
        (answer,) = sent(bench, CODE)
        assert isinstance(answer, Retryable)
        assert answer.unreachable
    assert server.host_key.fingerprint in findings_with(bench, ours, other)
    ours.unlink()
    assert "can't be read" in findings(bench)["host key"]
    assert server.logins == 0
    ours.write_text(other + line)
    assert findings(bench) == {}
    hashed = paramiko.HostKeys.hash_host(f"[127.0.0.1]:{server.port}")
    ours.write_text(line.replace(f"[127.0.0.1]:{server.port}", hashed))
    bench.adapter.close()
    assert findings(bench) == {}
    assert server.logins == 2


def findings_with(bench: Bench, ours: Path, text: str) -> str:
    ours.write_text(text)
    return findings(bench)["host key"]


def test_a_refused_key_holds_the_system_and_is_tried_once(
    bench: Bench, server: SftpServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A batch asks once; no other key of this machine is tried, and no password."""
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_ed25519").write_text(bench.options["key"])
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    bench.options["key"] = new_key()
    bench.adapter = bench.another()
    answers = sent(bench, "A", "B", "C")
    assert [type(answer) for answer in answers] == [AuthFailed] * 3
    assert server.logins == 1
    with pytest.raises(AuthFailed, match="refuses our key"):
        bench.adapter.changes(None)
    assert [type(one) for one in bench.adapter.confirm([command()])] == [AuthFailed]
    assert list(findings(bench)) == ["login"]


def test_a_key_may_have_a_passphrase(bench: Bench, server: SftpServer) -> None:
    """The right passphrase opens it; a wrong one, none, or no key at all is a refused login."""
    locked = new_key("mở ra")
    server.key = paramiko.Ed25519Key.from_private_key(StringIO(locked), "mở ra")
    for key, passphrase in ((locked, "đóng"), (locked, None), ("không phải khóa", None)):
        bench.options |= {"key": key, "passphrase": passphrase}
        bench.adapter = bench.another()
        (answer,) = sent(bench, CODE)
        assert isinstance(answer, AuthFailed)
        assert not any(secret in str(answer) for secret in (key, str(passphrase)))
    assert server.logins == 0
    bench.options |= {"key": locked, "passphrase": "mở ra"}
    bench.adapter = bench.another()
    assert findings(bench) == {}


def pem(key: Any, form: serialization.PrivateFormat) -> str:
    plain = serialization.NoEncryption()
    return str(key.private_bytes(serialization.Encoding.PEM, form, plain).decode())


def test_keys_of_every_kind_and_form_are_read() -> None:
    """ed25519, ecdsa and rsa, as ssh, openssl and PKCS#8 write them; others are refused as such."""
    openssh, old, pkcs8 = (
        serialization.PrivateFormat.OpenSSH,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.PrivateFormat.PKCS8,
    )
    curve = ec.generate_private_key(ec.SECP384R1())
    large = rsa.generate_private_key(65537, 2048)
    edwards = ed25519.Ed25519PrivateKey.generate()
    for key, form, name in (
        (edwards, openssh, "ssh-ed25519"), (edwards, pkcs8, "ssh-ed25519"),
        (curve, openssh, "ecdsa-sha2-nistp384"), (curve, old, "ecdsa-sha2-nistp384"),
        (curve, pkcs8, "ecdsa-sha2-nistp384"), (large, openssh, "ssh-rsa"),
        (large, old, "ssh-rsa"), (large, pkcs8, "ssh-rsa"),
    ):  # fmt: skip
        text = pem(key, form).replace("\n", "\r\n").rstrip()
        assert private_key(text, None).get_name() == name
    with pytest.raises(LoginRefused, match="must be ed25519"):
        private_key(pem(x25519.X25519PrivateKey.generate(), pkcs8), None)


@given(st.binary(max_size=60), st.sampled_from(["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"]))
@settings(max_examples=50, deadline=None)
def test_a_broken_line_of_known_hosts_breaks_nothing(junk: bytes, kind: str) -> None:
    """Whatever stands for a key there, the line is none, and the others are read."""
    address = server_address("sftp://a@example.vn/yte")
    good = paramiko.ECDSAKey.generate()
    length = len(kind).to_bytes(4, "big") + kind.encode()
    with tempfile.NamedTemporaryFile("w", suffix=".known") as file:
        for data in (junk, length + junk, length + len(junk).to_bytes(4, "big") + junk):
            file.write(f"example.vn {kind} {b64encode(data).decode()}\n")
        file.write(f"  example.vn,10.0.0.1 {good.get_name()} {good.get_base64()} note\n")
        file.flush()
        assert good in known_keys(Path(file.name), address)


# -- what a broken connection leaves


@pytest.mark.parametrize("operation", ["open", "write", "write more", "fsync", "close"])
def test_a_connection_that_breaks_before_the_rename_sends_nothing(
    bench: Bench, server: SftpServer, tmp_path: Path, operation: str
) -> None:
    """The file is not sent, its neighbours are; the repeat goes out over a new connection."""
    document, named = paper(tmp_path, "d1", os.urandom(200_000))
    large = command(code="A", body=body(TepDinhKem=[named]), documents={"d1": document})
    server.faults.next(Fault.CUT_BEFORE, operation=operation)
    cut, taken = bench.adapter.submit([large, command(code="B")])
    assert isinstance(cut, Retryable)
    assert cut.unreachable
    assert bench.listing("den")[-1:] == ["B.1.xml"]
    assert "A.1.xml" not in bench.listing("den")
    assert not isinstance(taken, Exception)
    (again,) = bench.adapter.submit([replace(large, sent_before=True)])
    assert not isinstance(again, Exception)
    bench.ministry.work()
    assert bench.listing("den") == []
    assert len(bench.ministry.records()) == 2


@pytest.mark.parametrize("ministry", [ALL, PLAIN], indirect=True, ids=["posix", "plain"])
@pytest.mark.parametrize("fault", [Fault.CUT_BEFORE, Fault.LOST_ANSWER])
@pytest.mark.parametrize("takes", [True, False])
def test_a_connection_that_breaks_at_the_rename_is_doubt_and_a_look_ends_it(
    bench: Bench, server: SftpServer, fault: Fault, takes: bool
) -> None:
    """Whether the rename was made or not, and the file taken or not: one record comes of it."""
    server.faults.next(fault, operation="rename")
    (answer,) = sent(bench, CODE)
    assert isinstance(answer, InDoubt)
    if takes:
        bench.ministry.work()
    made = fault is Fault.LOST_ANSWER
    assert (f"{CODE}.1.xml" in bench.listing("den")) is (made and not takes)
    (again,) = sent(bench, CODE, again=True)
    assert not isinstance(again, Exception)
    there = "its receipt is there already" if takes else "the same file lies there already"
    assert again.note == (there if made else None)
    bench.ministry.work()
    assert bench.listing("den") == []
    (record,) = bench.ministry.records()
    assert record["updates"] == 0


@pytest.mark.parametrize(("operation", "kind"), [("write", Retryable), ("rename", InDoubt)])
def test_silence_is_a_broken_connection(
    bench: Bench, server: SftpServer, operation: str, kind: type
) -> None:
    """An answer that does not come in time ends the connection; the next call has another."""
    assert findings(bench) == {}
    [session] = vars(bench.adapter)["_folders"]._sessions._idle
    session.wire.get_channel().settimeout(0.5)
    armed = server.faults.next(Fault.SLOW, operation=operation)
    (answer,) = sent(bench, CODE)
    assert isinstance(answer, kind)
    assert "no answer in time" in str(answer)
    assert server.logins == 1
    (again,) = sent(bench, CODE, again=True)
    assert not isinstance(again, Exception)
    armed.release()
    bench.ministry.work()
    assert len(bench.ministry.records()) == 1


def test_a_server_that_only_listens_is_not_waited_for_for_ever(
    bench: Bench, server: SftpServer
) -> None:
    """Where a socket answers and no SSH does, a call ends in time, and a batch tries once."""
    bench.timeout = 0.3
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        bench.options["sftp"] = f"sftp://motcua@127.0.0.1:{port}/yte"
        known = Path(str(bench.ministry.options()["known_hosts"]))
        known.write_text(known.read_text().replace(str(server.port), str(port)))
        bench.adapter = bench.another()
        answers = sent(bench, "A", "B", "C")
        silent.settimeout(0)
        assert all(isinstance(answer, Retryable) and answer.unreachable for answer in answers)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_an_idle_connection_that_was_cut_is_replaced_unseen(
    bench: Bench, server: SftpServer
) -> None:
    """What the server cut between two calls, and what was closed, is made anew; none is left open."""
    assert findings(bench) == {}
    [session] = vars(bench.adapter)["_folders"]._sessions._idle
    server.cut()
    session.transport.join(5)
    assert findings(bench) == {}
    assert server.connections == 1
    for _ in range(2):
        bench.adapter.close()
    for transport in server._transports:
        transport.join(5)
    assert server.connections == 0
    assert bench.adapter.confirm([command()]) == [None]


# -- what a server says no to


@pytest.mark.parametrize(
    ("operation", "status", "free", "words", "unreachable"),
    [
        ("write", sftp.SFTP_FAILURE, 0, "the disk is full", False),
        ("write more", sftp.SFTP_FAILURE, 0, "the disk is full", False),
        ("open", sftp.SFTP_FAILURE, 0, "the disk is full", False),
        ("write", 14, 2**40, "the disk is full", False),
        ("write", 15, 2**40, "the quota of the disk is used up", False),
        ("open", sftp.SFTP_PERMISSION_DENIED, 2**40, "may not read or write here", False),
        ("open", sftp.SFTP_NO_SUCH_FILE, 2**40, "the folder is not there", True),
        ("fsync", sftp.SFTP_FAILURE, 2**40, "the server refuses it (SFTP status 4)", False),
        ("rename", sftp.SFTP_PERMISSION_DENIED, 2**40, "may not read or write here", False),
        ("rename", sftp.SFTP_FAILURE, 2**40, "the server refuses it (SFTP status 4)", False),
    ],
)
def test_a_refusal_says_why_and_leaves_nothing(
    bench: Bench, server: SftpServer, tmp_path: Path, operation: str, status: int, free: int,
    words: str, unreachable: bool,
) -> None:  # fmt: skip
    """A full disk, a missing right, a missing folder: said as such, not sent, no trace."""
    document, named = paper(tmp_path, "d1", os.urandom(100_000))
    large = command(body=body(TepDinhKem=[named]), documents={"d1": document})
    server.statuses[operation], server.free = status, free
    (answer,) = bench.adapter.submit([large])
    assert isinstance(answer, Retryable)
    assert answer.reason == f"den: {answer.reason.removeprefix('den: ')}"
    assert words in answer.reason
    assert answer.unreachable is unreachable
    assert list(bench.path("den").iterdir()) == []
    server.statuses.clear()
    (again,) = bench.adapter.submit([large])
    assert not isinstance(again, Exception)
    assert server.logins == 1


def test_a_file_that_arrives_short_is_not_sent(bench: Bench, server: SftpServer) -> None:
    """A server that swallows a block is caught by the size; nothing gets its name."""
    server.statuses["write"] = sftp.SFTP_OK
    (answer,) = sent(bench, CODE)
    assert isinstance(answer, Retryable)
    assert "and 0 are there" in answer.reason
    assert list(bench.path("den").iterdir()) == []


def test_a_paper_that_changed_on_the_way_leaves_the_connection_well(
    bench: Bench, server: SftpServer, tmp_path: Path
) -> None:
    """A document that is not as told is refused amid its upload: no trace, no new connection."""
    document, named = paper(tmp_path, "d1", b"x" * 200_000)
    document.path.write_bytes(b"y" * 200_000)
    one = command(body=body(TepDinhKem=[named]), documents={"d1": document})
    refused, taken = bench.adapter.submit([one, command(code="B")])
    assert isinstance(refused, Rejected)
    assert not isinstance(taken, Exception)
    assert [each.name for each in bench.path("den").iterdir()] == ["B.1.xml"]
    assert server.logins == 1


@pytest.mark.parametrize("ministry", [PLAIN], indirect=True)
def test_a_server_without_extensions_serves(bench: Bench, server: SftpServer) -> None:
    """No rename in one step, no sync, no word of space: ``check`` says so, and all goes its way."""
    by_name = {one.name: one for one in bench.adapter.check()}
    assert by_name["SFTP server"].ok
    assert by_name["SFTP server"].detail == "it has no rename in one step, sync of files"
    assert "space" not in by_name
    bench.path("den", f"{CODE}.1.xml").write_bytes(b"<old/>")
    (answer,) = sent(bench, CODE, again=True)
    assert not isinstance(answer, Exception)
    assert bench.listing("den") == [f"{CODE}.1.xml"]
    bench.ministry.work()
    (ref,) = [one["ref"] for one in bench.ministry.records()]
    bench.ministry.move(ref, "THAMDINH")
    assert bench.refs() == [ref]
    assert "fsync" not in server.calls


def test_other_content_under_the_same_name_is_replaced_in_one_step(
    bench: Bench, server: SftpServer, tmp_path: Path
) -> None:
    """What lies there under our name is replaced; a link under our temporary name is not followed."""
    bench.path("den", f"{CODE}.1.xml").write_bytes(b"<old/>")
    outside = tmp_path / "outside"
    outside.write_bytes(b"untouched")
    bench.path("den", f".{CODE}.1.xml.tmp").symlink_to(outside)
    (answer,) = sent(bench, CODE, again=True)
    assert not isinstance(answer, Exception)
    assert b"DanhSachHoSo" in bench.path("den", f"{CODE}.1.xml").read_bytes()
    assert outside.read_bytes() == b"untouched"
    assert server.calls["rename"] == 1


# -- reading


def test_only_files_of_the_folder_are_read_and_in_order(
    bench: Bench, server: SftpServer, tmp_path: Path
) -> None:
    """Links, folders, names with a slash or in another encoding are passed over; NFD stays NFD."""
    (one,), (other,) = bench.ministry.file_own(1), bench.ministry.file_own(1)
    first, second = bench.listing("di")
    decomposed = unicodedata.normalize("NFD", "bổ-sung.xml")
    bench.path("di", second).rename(bench.path("di", decomposed))
    outside = tmp_path / "outside.xml"
    outside.write_bytes(b"<DanhSachHoSo/>")
    bench.path("di", "00000000000000000-1.xml").symlink_to(outside)
    bench.path("di", "00000000000000000-2.xml").mkdir()
    (Path(os.fsdecode(os.fsencode(bench.path("di")) + b"/h\xe1\xbb.xml"))).write_bytes(b"<x/>")
    server.also = [b"../den/x.xml", b"/etc/passwd.xml", b"..", b"a\0b.xml", b""]
    page = bench.adapter.changes(None)
    assert [each.ref for each in page.records if isinstance(each, Record)] == [one, other]
    assert [each.name for each in page.token] == [first, decomposed]
    bench.adapter.acknowledge(page.token)
    assert bench.listing("di", "da_xu_ly") == sorted([first, decomposed])
    assert outside.exists()


def test_of_a_crowded_folder_the_first_are_kept(
    bench: Bench, server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names come bounded, the first in order; a list without end breaks the connection."""
    for seq in range(12, 0, -1):
        lay(bench.path("di"), f"20261124080000000-{seq}.xml", b"<x/>")
    folders = vars(bench.adapter)["_folders"]
    assert isinstance(folders, SftpFolders)
    monkeypatch.setattr("adapters.yte.sftp.MOST_NAMES", 3)
    assert folders.names("di") == [f"20261124080000000-{seq}.xml" for seq in (1, 2, 3)]
    monkeypatch.setattr("adapters.yte.sftp.MOST_ENTRIES", 5)
    with pytest.raises(Retryable, match="the connection broke"):
        bench.adapter.changes(None)
    assert MOST_NAMES >= 10_000


def test_a_large_file_comes_whole_and_a_cut_one_is_read_again(
    bench: Bench, server: SftpServer, tmp_path: Path
) -> None:
    """Megabytes go out and come back unchanged; a connection cut while reading loses nothing."""
    content = os.urandom(2_500_000)
    document, named = paper(tmp_path, "d1", content)
    one = command(body=body(TepDinhKem=[named]), documents={"d1": document})
    assert not isinstance(bench.adapter.submit([one])[0], Exception)
    laid = bench.path("den", f"{CODE}.1.xml").read_bytes()
    folders = vars(bench.adapter)["_folders"]
    with folders.open("den", f"{CODE}.1.xml") as file:
        assert file.read(100) == laid[:100]
        file.seek(-50, 2)
        assert file.read() == laid[-50:]
        file.seek(1_000_000)
        assert file.read() == laid[1_000_000:]
    refs = bench.ministry.file_own(1)
    server.faults.next(Fault.CUT_BEFORE, operation="read")
    with pytest.raises(Retryable) as broken:
        bench.adapter.changes(None)
    assert broken.value.unreachable
    assert bench.refs() == refs


@pytest.mark.parametrize("operation", ["rename", "lstat", "mkdir"])
def test_an_acknowledgement_that_breaks_is_made_again(
    bench: Bench, server: SftpServer, operation: str
) -> None:
    """Moving files away may break anywhere, and is finished by the repeat."""
    bench.ministry.file_own(1)
    (name,) = bench.listing("di")
    page = bench.adapter.changes(None)
    server.faults.next(Fault.LOST_ANSWER, operation=operation)
    with pytest.raises(Retryable):
        bench.adapter.acknowledge(page.token)
    bench.adapter.acknowledge(page.token)
    assert bench.listing("di") == []
    assert bench.listing("di", "da_xu_ly") == [name]


def test_nothing_is_logged_and_no_word_holds_a_secret(
    bench: Bench, server: SftpServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Through refusals and cuts the library is silent, and errors name the server, not a person."""
    said: list[Any] = []
    with caplog.at_level(logging.DEBUG):
        for operation in ("open", "write", "rename"):
            server.faults.next(Fault.CUT_BEFORE, operation=operation)
            said += sent(bench, CODE)
        server.letting_in = False
        bench.adapter.close()
        said += sent(bench, CODE)
        server.down()
        said += sent(bench, CODE)
    assert caplog.records == []
    for error in said:
        assert isinstance(error, Exception)
        assert str(error).startswith(f"127.0.0.1:{server.port}: ")
        assert not any(one in str(error) for one in (*PERSONAL, bench.options["key"], CODE))
