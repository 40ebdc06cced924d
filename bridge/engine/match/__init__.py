"""Which dossier is which record, where both were keyed by hand? Found, and paired.

    look(house, ministry, period: Period, told=…) -> Found
    link(house, ministry, pairs: Iterable[Pair], beside: Beside, decision) -> Iterator[Linked | NotLinked]
    questions(house, ministry, look, limit) -> list[Pair]
    shown(house, ministry, pair, decision) -> Proposal
    same(house, ministry, pair, seen: Proposal, decision) -> Linked | NotLinked
    apart(house, ministry, pair, decision)

``look`` reads and writes nothing: it takes the dossiers of a period and the records of a system
that no link knows, and asks ``bridge.domain.matching`` which belong together. What is *sure* is
linked by ``link``, through the same room as ``link`` by hand; what is *likely* a person is asked
about, once: a pair that was told apart is kept as a decided conflict and never comes again.
"""

from bridge.engine.match.beside import Beside
from bridge.engine.match.linking import Linked, NotLinked, Outcome, link
from bridge.engine.match.look import Found, Period, look
from bridge.engine.match.review import apart, questions, same, shown

__all__ = [
    "Beside",
    "Found",
    "Linked",
    "NotLinked",
    "Outcome",
    "Period",
    "apart",
    "link",
    "look",
    "questions",
    "same",
    "shown",
]
