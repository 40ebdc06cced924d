"""The claim that an adapter may be called from several threads at once, as the engine does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bridge.sdk.conformance.rig import Rig
from bridge.sdk.conformance.verdict import (
    expect,
    questions,
    refs,
    require,
    said,
    settled,
    someone,
    told,
)
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Page, Receipt

__all__ = ["Shared"]

THREADS = 4


class Shared:
    """Claims of this page."""

    def test_threads_may_share_it(self, rig: Rig) -> None:
        """Called from several threads at once, it does for each what it does for one."""
        adapter = rig.adapter()
        known = someone(rig, adapter)
        asked = questions(rig, adapter, known)
        alone: dict[str, object] = {name: said(ask) for name, ask in asked.items()}
        start = Barrier(THREADS)

        def work(number: int) -> dict[str, object]:
            start.wait()
            found: dict[str, object] = {name: said(ask) for name, ask in asked.items()}
            if rig.plugin.capabilities.writes:
                found["submit"] = settled(rig, adapter, rig.command(number + 2))
            return found

        with ThreadPoolExecutor(THREADS) as pool:
            everyone = list(pool.map(work, range(THREADS)))
        for number, found in enumerate(everyone):
            for name, answer in found.items():
                _as_alone(name, answer, alone.get(name))
            if "submit" in found:
                times = rig.applied(rig.command(number + 2))
                require(times == 1, f"a write of one thread of several is there {times} times")


def _as_alone(name: str, found: object, alone: object) -> None:
    where = f"{name} in one thread of several"
    if name == "submit":
        expect(where, found, Receipt)
        return
    require(
        isinstance(found, AdapterError) == isinstance(alone, AdapterError)
        and (type(found) is type(alone)),
        f"{where}: {told(found)}; alone: {told(alone)}",
    )
    if name == "list" and isinstance(found, Page) and isinstance(alone, Page):
        require(refs([found]) >= refs([alone]), f"{where} shows fewer records than alone")
