"""How bad a seed's world is: how much happens in it, and how often what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.choices import Choices
from tests.simulation.ground import SYSTEMS


@dataclass(frozen=True, slots=True)
class Moods:
    """Odds, each at one of its occasions; ``storm`` is how long it lasts, in seconds.

    ``restless``: that one who could go on makes way · ``network``: a request · ``crash``: a commit
    · ``store``: a transaction that can't begin · ``disk``: a commit that finds the disk full ·
    ``onestop``: a call of the one-stop database · ``moves``: a write into a row that moves.
    """

    systems: tuple[str, ...]
    machines: int
    storm: float
    dossiers: int
    restless: float
    network: float
    crash: float
    store: float
    disk: float
    onestop: float
    moves: float

    @classmethod
    def of(cls, choices: Choices) -> Moods:
        """Draw them."""
        sector = choices.one_of("sector", [("gplx",), ("lltp",), ("hotich",), ("gplx", "lltp")])
        mirror = choices.roll("mirror") < 0.75 or sector == ()

        def odds(name: str, most: float) -> float:
            return most * max(0.0, choices.between(name, -0.4, 1.0))

        return cls(
            systems=tuple(one for one in SYSTEMS if one in sector or (mirror and one == "dvcqg")),
            machines=1 if choices.roll("machines") < 0.55 else 2,
            storm=choices.between("storm", 8.0, 25.0),
            dossiers=int(choices.between("dossiers", 1, 5)),
            restless=choices.between("restless", 0.02, 0.6),
            network=odds("network", 0.35),
            crash=odds("crash", 0.02),
            store=odds("store", 0.02),
            disk=odds("disk", 0.02),
            onestop=odds("onestop", 0.04),
            moves=odds("moves", 0.2),
        )
