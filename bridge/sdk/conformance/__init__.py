"""The conformance kit: every claim on an adapter, as a test.

An author writes one class and one fixture::

    class TestGplx(Conformance):
        @pytest.fixture
        def rig(self) -> Iterator[Rig]:
            with RehearsalRig(plugin, BODY, broken={"NgayTiepNhan": "hôm qua"}) as rig:
                yield rig

What stands here is loaded when it is asked for: pytest imports this package at every start, for
the plug-in beside it, also where nobody tests an adapter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bridge.sdk.conformance.claims import Claim, Conformance, every_claim
    from bridge.sdk.conformance.folder_rig import FolderRig
    from bridge.sdk.conformance.rehearsal_rig import RehearsalRig
    from bridge.sdk.conformance.rig import Rig

__all__ = ["Claim", "Conformance", "FolderRig", "RehearsalRig", "Rig", "every_claim"]

_PLACES = {"FolderRig": "folder_rig", "RehearsalRig": "rehearsal_rig", "Rig": "rig"}


def __getattr__(name: str) -> Any:
    """Load one of the names above from the module it is written in."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_PLACES.get(name, 'claims')}"), name)
