"""Room 9: do both sides agree? Compares a period, says what differs, and has it repaired.

    sweep(house, ministry, terms: Terms) -> Iterator[Placed]
    course(house, ministry, terms) -> Course: .run() -> Comparison; .so_far(), .rows()
    apply(house, ministry, terms: Terms, findings: Iterable[Finding]) -> Iterator[Repair]
    reach(ministry) -> Reach; unseen(ministry) -> tuple[str, ...]

``Terms(since, until, age=YOUNG, restored_to=None, thorough=False, also_decided=False)``: days of
reception, both included. ``sweep`` reads and writes nothing; it yields a ``Finding`` (``bridge.domain.reconcile``)
in its place for each dossier and record, in bounded memory. A ``course`` does so some days at a time and
keeps what it comes to, so that it is taken up where it stopped. ``apply`` puts repairs where the ordinary rooms find
them (``Mended``, ``Refused``, ``Left``); the next rounds carry them out. Applied again, a plan is
refused row by row. A ministry that was set back is healed by ``apply`` of a ``thorough`` ``sweep``
over all that was sent to it since, and rounds until nothing moves; one that can't be asked (yte), or
tells little (lltp), by a ``sweep`` with ``restored_to``.
"""

from bridge.engine.reconcile.asking import Reach, reach, unseen
from bridge.engine.reconcile.counted import comparison_of
from bridge.engine.reconcile.course import Course, Stage, course
from bridge.engine.reconcile.hold import ComparedElsewhereError, ComparisonGoneError
from bridge.engine.reconcile.nightly import Nights
from bridge.engine.reconcile.repair import Left, Mended, Refused, Repair, apply
from bridge.engine.reconcile.sweep import sweep, today
from bridge.engine.reconcile.terms import YOUNG, Terms

__all__ = [
    "YOUNG",
    "ComparedElsewhereError",
    "ComparisonGoneError",
    "Course",
    "Left",
    "Mended",
    "Nights",
    "Reach",
    "Refused",
    "Repair",
    "Stage",
    "Terms",
    "apply",
    "comparison_of",
    "course",
    "reach",
    "sweep",
    "today",
    "unseen",
]
