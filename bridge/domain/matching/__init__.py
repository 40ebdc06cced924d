"""Which dossier is which record, where both were keyed by hand? Pure: see ``entry`` and ``pair``."""

from bridge.domain.matching.blocking import CROWD, Index
from bridge.domain.matching.entry import Entry, Pair, Point, Sureness
from bridge.domain.matching.pair import near, pairs

__all__ = ["CROWD", "Entry", "Index", "Pair", "Point", "Sureness", "near", "pairs"]
