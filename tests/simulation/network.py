"""The network of the simulation: requests reach the rehearsal ministries in process, or do not.

An adapter's HTTP client is the real one, down to httpx; only its transport is this one. What
happens to a request on its way is decided by the seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import orjson

from bridge.sdk.http import HttpClient
from bridge.sdk.rehearsal import HttpRehearsal, Request, Response
from tests.simulation.ground import PORTS, TIMEOUT
from tests.simulation.kernel import KilledError

if TYPE_CHECKING:
    from tests.simulation.world import World

HTML = "text/html; charset=utf-8"
PAGE = "<html>Hệ thống đang bảo trì</html>".encode()

WRITES = frozenset(
    {
        "NopHoSo",
        "CapNhatHoSo",
        "DongBoHoSoMC",
        "CapNhatTienDoHoSoMC",
        "nhanHoSoDangKy",
        "dangKyHoTich",
    }
)
NEVER_TWICE = frozenset({"NopHoSo", "CapNhatTienDoHoSoMC"})
"""What a ministry does twice when it gets it twice: a network that doubles these can't be borne."""

FAULTS = (
    "connection refused",
    "request lost",
    "answer lost",
    "cut after it was applied",
    "applied late",
    "applied late",
    "applied late",
    "slow",
    "401",
    "429",
    "500",
    "500 but applied",
    "502 but applied",
    "503 page",
    "503",
    "HTML with 200",
    "HTML with 200 but applied",
    "answer truncated",
    "delivered twice",
    "tokens revoked",
)
_PAGES: Mapping[str, Response] = {
    "401": Response(b"{}", 401),
    "429": Response(b"{}", 429, headers={"Retry-After": "1"}),
    "500": Response(PAGE, 500, HTML),
    "503 page": Response(PAGE, 503, HTML),
    "503": Response(b"{}", 503, headers={"Retry-After": "2"}),
    "HTML with 200": Response(PAGE, 200, HTML),
}
_AFTER: Mapping[str, Response] = {
    "500 but applied": Response(PAGE, 500, HTML),
    "502 but applied": Response(PAGE, 502, HTML),
    "HTML with 200 but applied": Response(PAGE, 200, HTML),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way to a ministry."""

    ministry: HttpRehearsal
    request: Request
    operation: str

    @property
    def place(self) -> str:
        """The name of the operation and whose it is."""
        return f"{self.ministry.name} {self.operation}"

    def apply(self) -> Response:
        """Let the ministry do as asked."""
        return self.ministry.answer(self.request, None)


class Network:
    """Between the bridge's machines and the ministries of a world."""

    def __init__(self, world: World, ministries: Mapping[str, HttpRehearsal], odds: float) -> None:
        self._world = world
        self._kernel = world.kernel
        self._by_port = {PORTS[name]: one for name, one in ministries.items()}
        self._odds = odds
        self.late = 0
        """How many requests are still on their way though their senders gave up."""
        self.closed: dict[str, str] = {}
        """What a ministry answers to every call for now: ``down`` or ``maintenance``."""
        self.applied: Counter[tuple[str, str, bytes]] = Counter()
        """How often the bridge had the same change of a dossier applied."""

    def client(self, of: HttpClient) -> httpx.Client:
        """Return what stands in for a connection of a client."""
        return httpx.Client(
            timeout=of._context.timeout_seconds, transport=_Wire(self), trust_env=False
        )

    def exchange(self, request: httpx.Request) -> httpx.Response:
        """Carry a request there and the answer back, or fail as networks do."""
        ministry = self._by_port[request.url.port or 0]
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = request.url.raw_path.decode()
        asked = Request(request.method, target, headers, request.content)
        call = Call(ministry, asked, ministry.operation(asked))
        if self._kernel.running is None:
            return _as_httpx(call.apply())
        return _as_httpx(self._carried(call))

    # -- what happens on the way

    def _carried(self, call: Call) -> Response:
        kernel, place = self._kernel, call.place
        try:
            kernel.pause(f"{place} leaves", self._latency(place))
        except KilledError:
            if kernel.choices.happens(f"{place} outlives its sender", 0.3) is not None:
                self._later(call, kernel.choices.between(f"{place} {kernel.now}", 0.1, TIMEOUT))
            raise
        closed = self.closed.get(call.ministry.name)
        if closed == "down":
            raise httpx.ConnectError("down") from ConnectionRefusedError()
        if closed == "maintenance":
            return Response(PAGE, 503, HTML, {"Retry-After": "5"})
        rolled = kernel.choices.happens(f"fault {place}", self._odds)
        if rolled is not None:
            fault = FAULTS[int(rolled * len(FAULTS))]
            kernel.note(f"{place}: {fault}")
            return self._disturbed(call, fault)
        return self._answered(call)

    def _answered(self, call: Call) -> Response:
        answer = self._apply(call)
        self._kernel.pause(f"{call.place} is answered", self._latency(call.place))
        return answer

    def _disturbed(self, call: Call, fault: str) -> Response:  # noqa: C901 - one arm a fault
        kernel = self._kernel
        if fault in _PAGES:
            return _PAGES[fault]
        if fault in _AFTER:
            self._apply(call)
            return _AFTER[fault]
        match fault:
            case "connection refused":
                raise httpx.ConnectError("refused") from ConnectionRefusedError()
            case "request lost":
                kernel.pause("waits in vain", TIMEOUT)
                raise httpx.ReadTimeout("lost")
            case "answer lost":
                self._apply(call)
                kernel.pause("waits in vain", TIMEOUT)
                raise httpx.ReadTimeout("lost")
            case "applied late":
                # within the grace: what outlasts it can't be told from what never arrived
                more = kernel.choices.between(f"late {call.place} {kernel.now}", 0.5, TIMEOUT * 1.9)
                self._later(call, TIMEOUT + more)
                kernel.pause("waits in vain", TIMEOUT)
                raise httpx.ReadTimeout("late")
            case "cut after it was applied":
                self._apply(call)
                raise httpx.ReadError("cut")
            case "answer truncated":
                self._apply(call)
                raise httpx.RemoteProtocolError("peer closed connection without complete body")
            case "slow":
                answer = self._apply(call)
                kernel.pause("waits", TIMEOUT * 0.9)
                return answer
            case "delivered twice":
                if call.operation not in NEVER_TWICE:
                    call.apply()
                return self._answered(call)
            case "tokens revoked":
                self.revoke(call.ministry)
                return self._answered(call)
        raise ValueError(fault)

    def forget(self, system: str) -> None:
        """Take none of what a system had applied for applied: it was set back."""
        for change in [one for one in self.applied if one[0] == system]:
            del self.applied[change]

    def revoke(self, ministry: Any) -> None:
        """Let every token or session of a ministry die without notice."""
        if hasattr(ministry, "revoke"):
            ministry.revoke()
        elif hasattr(ministry, "end_sessions"):
            ministry.end_sessions()

    def _latency(self, place: str) -> float:
        return self._kernel.choices.between(f"{place} {self._kernel.steps}", 0.002, 0.06)

    def _later(self, call: Call, seconds: float) -> None:
        self.late += 1

        def arrive() -> None:
            self.late -= 1
            self._kernel.note(f"{call.place} arrives late")
            self._apply(call)

        self._kernel.at(self._kernel.now + seconds, arrive)

    def _apply(self, call: Call) -> Response:
        answer = call.apply()
        if call.operation in WRITES:
            if _good(answer):
                self.applied.update(_changes(call))
            self._world.watch.applied(call.ministry.name)
        return answer


class _Wire(httpx.BaseTransport):
    """httpx's way to the network."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request there and the answer back."""
        return self._network.exchange(request)


def _as_httpx(answer: Response) -> httpx.Response:
    headers = {"content-type": answer.content_type, **answer.headers}
    return httpx.Response(answer.status, headers=headers, content=answer.body)


def _good(answer: Response) -> bool:
    """Tell whether a ministry did as asked."""
    if answer.status != 200:
        return False
    if "json" not in answer.content_type:
        return True
    read = orjson.loads(answer.body)
    return str(read.get("error_code", "0")) in ("0", "00") and "fault" not in read


def _changes(call: Call) -> list[tuple[str, str, bytes]]:
    """Return what of this may be applied once only: changes of a dossier, by system and content."""
    if call.operation == "CapNhatHoSo":
        return [(call.ministry.name, call.operation, call.request.body)]
    if call.operation == "DongBoHoSoMC":
        asked = orjson.loads(call.request.body)
        if asked["isUpdating"] == "True":
            return [("dvcqg", call.operation, orjson.dumps(one)) for one in asked["data"]]
    return []


Builder = Callable[[HttpClient], httpx.Client]
