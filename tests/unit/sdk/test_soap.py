"""SOAP over our own HTTP client: what goes out, what is believed, what a lost answer means."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import respx
import zeep.wsdl
from pydantic import SecretStr

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.http import HttpClient, HttpOptions
from bridge.sdk.soap import SoapClient, SoapFault
from bridge.sdk.xml import Element, parse

WSDL = Path(__file__).parents[3] / "adapters" / "gplx" / "gplx.wsdl"
ADDRESS = "http://127.0.0.1:9/soap"
SECRET = "Nguyễn Thị Kín"
DOSSIER: dict[str, Any] = {
    "MaHoSoMotCua": "H40.05-261120-0001",
    "MaThuTuc": "1.002835",
    "NguoiNop": {
        "HoTen": SECRET,
        "NgaySinh": "03/1990",
        "GioiTinh": "Nữ",
        "LoaiGiayTo": "CCCD",
        "SoGiayTo": "036190000001",
    },
    "HangGPLX": "B",
    "NgayTiepNhan": "2026-11-20T09:15:00+07:00",
    "LePhi": "135000",
}
FILED = "<NopHoSoKetQua><SoTiepNhan>GPLX-1</SoTiepNhan></NopHoSoKetQua>"


def envelope(inner: str, *, prolog: str = "") -> bytes:
    """Return an answer with ``inner`` in its Body, in the ministry's namespace by default."""
    body = inner.replace(">", ' xmlns="urn:onestop:gplx:v1">', 1)
    return (
        f'{prolog}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(code: str, detail: str = "") -> bytes:
    """Return an answer with a fault, its faultstring full of what must not be said."""
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        f"<faultcode>{code}</faultcode><faultstring>{SECRET}</faultstring>"
        f'<detail xmlns:g="urn:onestop:gplx:v1">{detail}</detail>'
        "</s:Fault></s:Body></s:Envelope>"
    ).encode()


def client(wsdl: Path = WSDL, address: str = ADDRESS, timeout: float = 5.0) -> SoapClient:
    """Return a client for the licence service's WSDL."""
    context = AdapterContext("gplx", Path(), timeout, 4, lambda: datetime.now(UTC))
    return SoapClient(
        wsdl,
        HttpClient(address.removesuffix("/soap"), context=context, options=HttpOptions()),
        "/soap",
        username="motcua",
        password=SecretStr("mật khẩu"),
        writes={"NopHoSo", "CapNhatHoSo"},
    )


@pytest.fixture
def soap() -> Iterator[SoapClient]:
    """A client, closed at the end."""
    made = client()
    yield made
    made.close()


def answer(content: bytes, status: int = 200, **headers: str) -> respx.Route:
    """Let the address answer so to every call."""
    return respx.post(ADDRESS).mock(httpx.Response(status, content=content, headers=headers))


def sent(route: respx.Route) -> Element:
    """Return the envelope of the last call."""
    return parse(route.calls.last.request.content)


# --- the WSDL ------------------------------------------------------------------------------------


def test_nothing_is_read_until_it_is_needed(tmp_path: Path) -> None:
    """A client for a file that is not there can be made; only its use fails, as not sent."""
    made = client(tmp_path / "none.wsdl")
    with pytest.raises(Retryable, match=r"none\.wsdl"):
        made.call("NopHoSo", {"HoSo": DOSSIER})
    made.close()


def test_the_wsdl_is_read_without_the_network(
    soap: SoapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pinned file is enough: no socket and no requests session is opened for it."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(requests, "Session", refuse)
    assert soap.operations()["NopHoSo"] == "NopHoSoKetQua"
    assert len(soap.operations()) == 6


def test_the_wsdl_is_read_once_by_many_threads(
    soap: SoapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads that need the WSDL at the same time share one reading of it."""
    read = []
    document = zeep.wsdl.Document

    def counted(*args: Any, **kwargs: Any) -> zeep.wsdl.Document:
        read.append(args)
        return document(*args, **kwargs)

    monkeypatch.setattr("bridge.sdk.soap_contract.Document", counted)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: soap.operations(), range(32)))
    assert len(read) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "<wsdl:types>",
            '<wsdl:import namespace="x" location="http://127.0.0.1:9/x.wsdl"/><wsdl:types>',
        ),
        ("<wsdl:types>", '<wsdl:types><xs:schema targetNamespace="x"/>'),
        ("<wsdl:definitions", "<!DOCTYPE x [<!ENTITY e 'e'>]><wsdl:definitions"),
        ("</wsdl:definitions>", ""),
        ('type="gplx:NguoiNop"', 'type="gplx:Nobody"'),
        ("wsdl:service", "wsdl:documentation"),
        ('binding="gplx:HoSoSoap"', 'binding="gplx:Nothing"'),
    ],
    ids=["imports", "two schemas", "doctype", "cut", "broken schema", "no service", "no binding"],
)
def test_a_wsdl_that_cannot_be_used_is_not_sent(tmp_path: Path, old: str, new: str) -> None:
    """A WSDL that reaches out, or is none, makes every call Retryable: nothing was sent."""
    text = WSDL.read_text(encoding="utf-8")
    changed = tmp_path / "changed.wsdl"
    changed.write_text(text.replace(old, new), encoding="utf-8")
    made = client(changed)
    with pytest.raises(Retryable, match=r"changed\.wsdl"):
        made.operations()
    made.close()


def test_an_operation_the_wsdl_lacks_is_not_sent(soap: SoapClient) -> None:
    """A call the WSDL does not know is said to be unsent, not refused by the ministry."""
    with pytest.raises(Retryable, match="no operation XoaHoSo"):
        soap.call("XoaHoSo", {})


# --- going out -----------------------------------------------------------------------------------


@respx.mock
def test_an_envelope_carries_login_action_and_body(soap: SoapClient) -> None:
    """What is posted is SOAP 1.1 with a PasswordText token, the WSDL's action, and the dossier."""
    route = answer(envelope(FILED))
    found = soap.call("NopHoSo", {"HoSo": DOSSIER}).body
    request, root = route.calls.last.request, sent(route)
    assert request.url == ADDRESS
    assert request.headers["SOAPAction"] == '"urn:onestop:gplx:v1#NopHoSo"'
    assert request.headers["Content-Type"] == "text/xml; charset=utf-8"
    password = root.find(".//{*}Password")
    assert password is not None
    assert password.text == "mật khẩu"
    assert str(password.get("Type")).endswith("#PasswordText")
    assert root.findtext(".//{*}Username") == "motcua"
    assert root.findtext(".//{*}HoTen") == SECRET
    assert found[0].text == "GPLX-1"


@respx.mock
def test_requests_is_never_used(soap: SoapClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is never reached zeep's own way: a call works without it."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(requests.Session, "request", refuse)
    monkeypatch.setattr(requests.Session, "__init__", refuse)
    answer(envelope(FILED))
    assert soap.call("NopHoSo", {"HoSo": DOSSIER}).body[0].text == "GPLX-1"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"NgayTiepNhan": f"20/11/2026 {SECRET}"}, "NgayTiepNhan"),
    ({"NgayTiepNhan": None}, "NgayTiepNhan"),
    ({"LePhi": SECRET}, "LePhi"),
    ({"TrangThai": SECRET}, "TrangThai"),
    ({"HangGPLX": f"{SECRET}\x00"}, "HangGPLX"),
    ({"NguoiNop": {**DOSSIER["NguoiNop"], "HoTen": f"{SECRET}\x0b"}}, "HoTen"),
    ({"NguoiNop": {"HoTen": SECRET}}, "NgaySinh"),
    ({"LoaiXe": SECRET}, "LoaiXe"),
]


@respx.mock
@pytest.mark.parametrize(("change", "field"), WRONG, ids=[f"{c.keys()}-{f}" for c, f in WRONG])
def test_what_breaks_the_schema_is_not_sent(
    soap: SoapClient, change: dict[str, Any], field: str
) -> None:
    """A request against the schema is refused here, by the element's name and without its value."""
    route = answer(envelope(FILED))
    with pytest.raises(Rejected) as refused:
        soap.call("NopHoSo", {"HoSo": {**DOSSIER, **change}})
    assert (refused.value.code, refused.value.field) == ("XSD", field)
    assert SECRET not in str(refused.value)
    assert not route.called


@respx.mock
def test_a_shape_zeep_cannot_write_is_refused_without_the_value(soap: SoapClient) -> None:
    """A list where one text belongs is refused here too, though no element can be named."""
    with pytest.raises(Rejected) as refused:
        soap.call("NopHoSo", {"HoSo": {**DOSSIER, "HangGPLX": [SECRET]}})
    assert refused.value.code == "XSD"
    assert SECRET not in str(refused.value)


# --- coming in -----------------------------------------------------------------------------------


@respx.mock
def test_a_byte_order_mark_is_no_fault(soap: SoapClient) -> None:
    """An answer with a BOM before its prolog is read like any other."""
    answer(b"\xef\xbb\xbf" + envelope(FILED, prolog='<?xml version="1.0" encoding="utf-8"?>'))
    assert soap.call("NopHoSo", {"HoSo": DOSSIER}).body[0].text == "GPLX-1"


BROKEN = {
    "schema": (
        envelope(f"<NopHoSoKetQua><Ten>{SECRET}</Ten></NopHoSoKetQua>"),
        "NopHoSoKetQua/Ten",
    ),
    "another answer": (envelope("<DuLieuSai><Truong>a</Truong></DuLieuSai>"), "DuLieuSai"),
    "cut": (envelope(FILED)[:-40], "not well-formed"),
    "page": (b"<html><body>" + SECRET.encode() + b"</body></html>", "Envelope"),
    "json": (b'{"ten": "x"}', "not well-formed"),
    "nothing": (b"", "not well-formed"),
    "empty Body": (envelope(""), "Body"),
    "doctype": (envelope(FILED, prolog=f"<!DOCTYPE x [<!ENTITY e '{SECRET}'>]>"), "DOCTYPE"),
}


@respx.mock
@pytest.mark.parametrize("case", BROKEN)
def test_an_answer_that_breaks_the_contract_is_not_believed(soap: SoapClient, case: str) -> None:
    """Whatever is not this operation's answer is ContractBroken, said without its content."""
    content, where = BROKEN[case]
    answer(content)
    with pytest.raises(ContractBroken) as broken:
        soap.call("NopHoSo", {"HoSo": DOSSIER})
    assert where in broken.value.evidence
    assert SECRET not in broken.value.evidence


@respx.mock
def test_a_date_that_is_none_is_named_by_its_path(soap: SoapClient) -> None:
    """A record that breaks the schema is named by the path of the element at fault."""
    row = "<HoSo><MaThuTuc>1.002835</MaThuTuc></HoSo>"
    answer(envelope(f"<TraCuuTheoMaMotCuaKetQua>{row}</TraCuuTheoMaMotCuaKetQua>"))
    with pytest.raises(ContractBroken, match="TraCuuTheoMaMotCuaKetQua/HoSo"):
        soap.call("TraCuuTheoMaMotCua", {"MaHoSoMotCua": "H40.05-261120-0001"})


@respx.mock
def test_an_answer_can_be_taken_apart_before_it_is_judged(soap: SoapClient) -> None:
    """With whole=False a list with one bad row is handed over, and the schema stands beside it."""
    answer(envelope("<TraCuuTheoMaMotCuaKetQua><HoSo/></TraCuuTheoMaMotCuaKetQua>"))
    found = soap.call("TraCuuTheoMaMotCua", {"MaHoSoMotCua": "x"}, whole=False)
    assert soap.schema.violations(found.body)


@respx.mock
def test_a_text_too_large_for_the_parser_can_be_left_out(
    soap: SoapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A very large answer is read without the texts the caller can spare, and as strictly."""
    ask = {"MaHoSoMotCua": "x"}
    large = f"<TraCuuTheoMaMotCuaKetQua><HoSo>{'A' * 11_000_000}</HoSo></TraCuuTheoMaMotCuaKetQua>"
    answer(b"\xef\xbb\xbf" + envelope(large))
    with pytest.raises(ContractBroken, match="resource limit"):
        soap.call("TraCuuTheoMaMotCua", ask, whole=False)
    found = soap.call("TraCuuTheoMaMotCua", ask, whole=False, without={"HoSo"}).body
    assert (found[0].tag, found[0].text) == ("{urn:onestop:gplx:v1}HoSo", None)
    monkeypatch.setattr("bridge.sdk.soap_answer.LARGE", 0)
    for case in BROKEN.values():
        answer(case[0])
        with pytest.raises(ContractBroken) as broken:
            soap.call("NopHoSo", {"HoSo": DOSSIER}, without={"NoiDung"})
        assert SECRET not in broken.value.evidence


# --- faults and statuses -------------------------------------------------------------------------


@respx.mock
@pytest.mark.parametrize("status", [200, 400, 500, 503])
def test_a_fault_is_a_fault_whatever_the_status(soap: SoapClient, status: int) -> None:
    """A fault of the WSDL is told by its detail, with its words, at any HTTP status but 401."""
    detail = "<g:DuLieuSai><g:Truong>NgaySinh</g:Truong><g:LyDo> sai </g:LyDo></g:DuLieuSai>"
    answer(fault("s:Server", detail), status)
    with pytest.raises(SoapFault) as said:
        soap.call("NopHoSo", {"HoSo": DOSSIER})
    assert said.value.detail == "DuLieuSai"
    assert said.value.words == {"Truong": "NgaySinh", "LyDo": "sai"}
    assert SECRET not in str(said.value)


@respx.mock
def test_a_fault_the_wsdl_lacks_has_only_its_code(soap: SoapClient) -> None:
    """An undeclared fault is told by its code alone: its texts may hold anything."""
    answer(fault("wsse:FailedAuthentication", f"<g:La>{SECRET}</g:La>"), 500)
    with pytest.raises(SoapFault) as said:
        soap.call("NopHoSo", {"HoSo": DOSSIER})
    assert (said.value.code, said.value.detail) == ("FailedAuthentication", None)
    assert not said.value.words


@respx.mock
def test_a_fault_code_that_is_no_name_is_not_repeated(soap: SoapClient) -> None:
    """A faultcode with a sentence in it is not carried into errors."""
    answer(fault(f"no: {SECRET}"), 500)
    with pytest.raises(SoapFault) as said:
        soap.call("NopHoSo", {"HoSo": DOSSIER})
    assert said.value.code == "unnamed"


STATUSES: list[tuple[int, bytes, type[AdapterError], type[AdapterError]]] = [
    (500, b"", InDoubt, Retryable),
    (500, b"<html>lost</html>", InDoubt, Retryable),
    (500, envelope(FILED), InDoubt, Retryable),
    (502, b"<html>lost</html>", InDoubt, Retryable),
    (504, b"", InDoubt, Retryable),
    (401, b"", AuthFailed, AuthFailed),
    (401, fault("s:Server"), AuthFailed, AuthFailed),
    (429, b"", Retryable, Retryable),
    (503, b"<html>closed</html>", Maintenance, Maintenance),
]


@respx.mock
@pytest.mark.parametrize(("status", "content", "write", "read"), STATUSES)
def test_a_status_without_a_fault_means_what_http_means(
    soap: SoapClient,
    status: int,
    content: bytes,
    write: type[AdapterError],
    read: type[AdapterError],
) -> None:
    """Without a fault the status decides, and on a write only proof of the contrary is no doubt."""
    answer(content, status, **{"Content-Type": "text/html"})
    with pytest.raises(AdapterError) as written:
        soap.call("NopHoSo", {"HoSo": DOSSIER})
    with pytest.raises(AdapterError) as asked:
        soap.call("LayHoSo", {"SoTiepNhan": "GPLX-1"})
    assert (type(written.value), type(asked.value)) == (write, read)


# --- the wire ------------------------------------------------------------------------------------


def cut(listening: socket.socket) -> None:
    """Read one request and hang up without an answer."""
    connection, _ = listening.accept()
    with connection:
        connection.recv(65536)


def test_a_lost_answer_is_a_doubt_on_a_write_only() -> None:
    """When the server hangs up after the request, a write is in doubt and a read is made again."""
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as thread:
        made = client(address=f"http://127.0.0.1:{listening.getsockname()[1]}/soap")
        thread.submit(cut, listening)
        with pytest.raises(InDoubt):
            made.call("NopHoSo", {"HoSo": DOSSIER})
        thread.submit(cut, listening)
        with pytest.raises(Retryable) as again:
            made.call("LayHoSo", {"SoTiepNhan": "GPLX-1"})
        assert not again.value.unreachable
        made.close()


def test_a_dead_address_is_known_not_sent() -> None:
    """A write to an address where nobody listens was not applied, and we say so."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    made = client(address=f"http://127.0.0.1:{port}/soap")
    with pytest.raises(Retryable) as refused:
        made.call("NopHoSo", {"HoSo": DOSSIER})
    assert refused.value.unreachable
    made.close()


@respx.mock
def test_threads_get_their_own_answers(soap: SoapClient) -> None:
    """Sixteen threads over one client: each reads back the code it sent."""

    def echo(request: httpx.Request) -> httpx.Response:
        code = parse(request.content).findtext(".//{*}MaHoSoMotCua")
        said = f"<NopHoSoKetQua><SoTiepNhan>{code}</SoTiepNhan></NopHoSoKetQua>"
        return httpx.Response(200, content=envelope(said))

    respx.post(ADDRESS).mock(side_effect=echo)

    def file(number: int) -> str | None:
        return soap.call("NopHoSo", {"HoSo": {**DOSSIER, "MaHoSoMotCua": str(number)}}).body[0].text

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(file, range(200))) == [str(n) for n in range(200)]
