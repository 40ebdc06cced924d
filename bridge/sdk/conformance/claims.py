"""Every claim of the kit in one class, and the list of them for documents."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bridge.sdk.conformance.discreet import Discreet
from bridge.sdk.conformance.disturbed import Disturbed
from bridge.sdk.conformance.doubting import Doubting
from bridge.sdk.conformance.needs import Need
from bridge.sdk.conformance.reading import Reading
from bridge.sdk.conformance.rig import Rig
from bridge.sdk.conformance.shared import Shared
from bridge.sdk.conformance.standing import Standing
from bridge.sdk.conformance.texts import Texts
from bridge.sdk.conformance.writing import Writing

__all__ = ["ROOMS", "Claim", "Conformance", "every_claim"]

ROOMS = (Standing, Reading, Writing, Doubting, Disturbed, Texts, Discreet, Shared)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim: its test's name, what it says, and whom it concerns."""

    name: str
    sentence: str
    needs: tuple[Need, ...]


class Conformance(Shared, Discreet, Texts, Disturbed, Doubting, Writing, Reading, Standing):
    """What an adapter's author derives a ``Test…`` class from, giving it a fixture ``rig``.

    pytest tries the claims of the last base first.
    """

    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        """Give the adapter and its ministry, made anew."""
        raise NotImplementedError(f"{type(self).__name__} has no fixture rig")

    @pytest.fixture(autouse=True)
    def _concerned(self, request: pytest.FixtureRequest, rig: Rig) -> None:
        """Skip a claim that does not concern what the adapter declares, and say why."""
        request.node.user_properties.append(("adapter", rig.plugin.name))
        for mark in request.node.iter_markers("concerns"):
            for need in mark.args:
                if not need.met(rig.plugin):
                    pytest.skip(f"{rig.plugin.name}: {need.otherwise}")


def every_claim() -> list[Claim]:
    """Return all claims, in the order in which they are tried."""
    return [_claim(test) for room in ROOMS for test in vars(room).values() if _is_claim(test)]


def _is_claim(test: object) -> bool:
    return inspect.isfunction(test) and test.__name__.startswith("test_")


def _claim(test: object) -> Claim:
    marks = [one for one in getattr(test, "pytestmark", ()) if one.name == "concerns"]
    needs = tuple(need for one in marks for need in one.args)
    return Claim(getattr(test, "__name__", ""), inspect.getdoc(test) or "", needs)
