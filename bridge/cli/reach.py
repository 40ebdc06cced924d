"""What ``check`` can tell of ``[console] public_url``: is it set, safe, and does it lead to us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from bridge.bootstrap import clock
from bridge.domain.file_addresses import PATH
from bridge.domain.said import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError
from bridge.sdk.http import HttpClient, HttpOptions, Reply
from bridge.settings import Settings
from bridge.settings.addresses import insecure

__all__ = ["Reached", "public_url"]

PATIENCE_SECONDS = 5.0
REFUSED, REFUSAL = 403, b"forbidden\n"
"""What the daemon answers to whoever asks for a file without an address of ours."""

EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing looked at; ``reached`` is False when nobody answered there."""

    ok: bool
    detail: Said
    reached: bool = True


def public_url(settings: Settings, *, offline: bool) -> Iterator[Reached]:
    """Yield what can be told of the address ministries fetch documents from."""
    url = settings.console.public_url
    if url is None:
        words = Said("not set: no document links are sent, and the journal says which are left out")
        yield Reached(ok=True, detail=words)
        return
    yield _safe(url)
    if not offline:
        yield _leads_here(settings, url)


def _safe(url: str) -> Reached:
    if url.startswith("https://"):
        return Reached(ok=True, detail=Said("{address}", address=url))
    if insecure(url):
        words = Said(
            "{address}: plain http: papers can be read on their way; use https://", address=url
        )
        return Reached(ok=False, detail=words)
    words = Said("{address}: plain http: only this machine can fetch documents", address=url)
    return Reached(ok=True, detail=words)


def _leads_here(settings: Settings, url: str) -> Reached:
    """Ask for a file as a stranger would: only our daemon refuses in these words.

    The address may be one that can only be reached from outside; what is told is how it looks from
    here.
    """
    console = settings.console
    host = "127.0.0.1" if console.host in EVERYWHERE else console.host
    listening = (
        f"http://[{host}]:{console.port}" if ":" in host else f"http://{host}:{console.port}"
    )
    try:
        _ask(settings, listening)
    except AdapterError:
        words = Said("whether it leads here can't be told: the daemon does not run now")
        return Reached(ok=True, detail=words)
    try:
        reply = _ask(settings, url)
    except AdapterError as error:
        words = Said("nobody answers there, seen from here: {reason}", reason=error.reason)
        return Reached(ok=False, detail=words, reached=False)
    if (reply.status, reply.content) == (REFUSED, REFUSAL):
        return Reached(ok=True, detail=Said("it leads to this daemon, seen from here"))
    words = Said(
        "something else answers there (HTTP {status}): {path} must lead to {listen}",
        status=reply.status,
        path=f"{urlsplit(url).path}{PATH}",
        listen=console.listen,
    )
    return Reached(ok=False, detail=words)


def _ask(settings: Settings, address: str) -> Reply:
    context = AdapterContext(
        "console", settings.folder, PATIENCE_SECONDS, 1, clock, allow_insecure=True
    )
    client = HttpClient(address, context=context, options=HttpOptions(), connections=1)
    try:
        return client.request("GET", f"{PATH}check", write=False)
    finally:
        client.close()
