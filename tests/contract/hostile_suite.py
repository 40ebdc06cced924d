"""The claims of the kit over every hostile adapter, and over the honest one: most of it fails.

Run by ``test_conformance_hostile.py`` in a pytest of its own.
"""

from __future__ import annotations

import pytest

from bridge.sdk.conformance import Conformance, Rig
from tests.contract.hostile import HOSTILE
from tests.contract.hostile_desk import DeskRig, Honest


def suite(kind: type[Honest]) -> type[Conformance]:
    """Return the class an author would write for an adapter."""

    def rig(self: object) -> Rig:
        del self
        return DeskRig(kind)

    return type(f"Test{kind.__name__}", (Conformance,), {"rig": pytest.fixture(rig)})


KINDS: tuple[type[Honest], ...] = (Honest, *HOSTILE)
globals().update({f"Test{kind.__name__}": suite(kind) for kind in KINDS})
