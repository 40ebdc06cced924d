"""A comparison as lines for a terminal: the counts, what is to be done, the first of what differs.

What differs inside two texts stands in square brackets, for a terminal may show no colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bridge.columns import columns
from bridge.domain.comparison import Comparison, Kind, Placed, differing
from bridge.domain.reconcile import Different, FieldDifference
from bridge.domain.said import Said
from bridge.reports.look import Look
from bridge.reports.marks import Runs
from bridge.reports.rows import code_of, ref_of
from bridge.reports.tally import Tally, tally
from bridge.reports.values import shown
from bridge.reports.words import KINDS, OPEN, OWNERS, TOLD, UNLIKE, WAITS, deed_of, why_of
from bridge.reports.writing import writing

MOST = 20
"""Dossiers of a kind that are listed."""
EXAMPLES = 3
"""Dossiers on their way that are listed: they need nobody, and may be very many."""
LONGEST = 60
"""Characters of a value that are shown."""


def comparison_text(
    comparison: Comparison, rows: Iterable[Placed], look: Look, trend: Sequence[Comparison] = ()
) -> Iterator[str]:
    """Return the lines of a comparison; ``rows`` are read once, ``trend`` is the oldest first."""
    gathered = tally(rows, MOST)
    return map(writing, _lines(comparison, gathered, look, trend))


def _lines(
    comparison: Comparison, gathered: Tally, look: Look, trend: Sequence[Comparison]
) -> Iterator[str]:
    yield from _head(comparison, look, trend)
    yield from _indented(columns(_counts(comparison, look), numbers_from=1))
    if gathered.work():
        yield ""
        yield look.say(Said("What is to be done"))
        yield from _indented(columns(_deeds(gathered, look)))
    for kind in OPEN:
        if gathered.seen[kind]:
            yield ""
            yield from _kind(kind, gathered, look)


def trend_text(times: Sequence[Comparison], look: Look) -> list[str]:
    """Return a line for each comparison of a system, the oldest first as given."""
    heads = [Said("Made at"), Said("Days of reception"), Said("Compared"), Said("Not in agreement")]
    rows = [
        [
            look.moment(one.made_at),
            f"{look.day(one.since)} – {look.day(one.until)}",
            look.number(one.compared),
            look.number(differing(one.counts)),
        ]
        for one in times
    ]
    return columns([[look.say(head) for head in heads], *rows], numbers_from=2)


def _head(comparison: Comparison, look: Look, trend: Sequence[Comparison]) -> Iterator[str]:
    days = f"{look.day(comparison.since)} – {look.day(comparison.until)}"
    yield look.say(
        Said(
            "{system}, received {days}: {count} of {whole} do not agree",
            system=look.titled(comparison.system),
            days=days,
            count=look.number(differing(comparison.counts)),
            whole=look.number(comparison.compared),
        )
    )
    if trend:
        before = trend[-1]
        yield look.say(
            Said(
                "The comparison before ({at}): {count}.",
                at=look.moment(before.made_at),
                count=look.number(differing(before.counts)),
            )
        )


def _counts(comparison: Comparison, look: Look) -> list[list[str]]:
    found = [(kind, comparison.counts.get(kind, 0)) for kind in Kind]
    rows = [
        [look.say(KINDS[kind]), look.number(count), look.share(count, comparison.compared)]
        for kind, count in found
        if count
    ]
    whole = look.number(comparison.compared)
    return [*rows, [look.say(Said("All together")), whole, ""]]


def _deeds(gathered: Tally, look: Look) -> list[list[str]]:
    return [
        [look.number(count), look.say(KINDS[kind]), look.say(deed.who), look.say(deed.what)]
        for kind, deed, count in gathered.work()
    ]


def _kind(kind: Kind, gathered: Tally, look: Look) -> Iterator[str]:
    count, waits = gathered.seen[kind], kind is Kind.ON_ITS_WAY
    first = gathered.first[kind][: EXAMPLES if waits else MOST]
    yield f"{look.say(KINDS[kind])}: {look.number(count)}"
    if waits:
        yield from _indented(columns(_waits(gathered, look)))
        yield "  " + look.say(Said("For example:"))
    for line, row in zip(columns([_line(row, look) for row in first]), first, strict=True):
        yield f"  {line}"
        if isinstance(row.finding, Different):
            for one in row.finding.fields:
                yield from (f"    {told}" for told in _field(one, look))
    if count > len(first):
        rest = look.number(count - len(first))
        yield "  " + look.say(Said("and {count} more: --csv FILE tells them all", count=rest))


def _waits(gathered: Tally, look: Look) -> list[list[str]]:
    """Return how many wait for what, the most first."""
    return [
        [look.number(count), look.say(WAITS[why])] for why, count in gathered.waits.most_common()
    ]


def _line(row: Placed, look: Look) -> list[str]:
    finding = row.finding
    why = look.say(why_of(finding))
    does = look.say(deed_of(finding).what)
    told = f"{why}: {does}" if why else does
    return [code_of(finding) or "-", ref_of(finding) or "-", told]


def _field(one: FieldDifference, look: Look) -> list[str]:
    """Return a difference on two lines: the values, then what is to be known of them."""
    sides = shown(one, look)
    why = [look.say(UNLIKE[one.unlike])]
    if one.forms:
        why.append(look.say(Said("compared by: {forms}", forms=", ".join(one.forms))))
    why.append(look.say(Said("owner: {owner}", owner=OWNERS[one.owner])))
    told = TOLD[one.to]
    why.append(look.say(told if one.to == "person" else Said("told: {side}", side=told)))
    ours = look.say(Said("one-stop: {value}", value=_value(sides.onestop)))
    theirs = look.say(Said("ministry: {value}", value=_value(sides.ministry)))
    return [f"{look.field(one.path)}  {ours}  {theirs}", f"    {'; '.join(why)}"]


def _value(runs: Runs) -> str:
    """Return a value on one line, what differs in brackets; where all differs there is no need."""
    if all(run.differs for run in runs):
        text = "".join(run.text for run in runs)
    else:
        text = "".join(f"[{run.text}]" if run.differs else run.text for run in runs)
    line = text.replace("\n", " | ").replace("\t", " ")
    return (line if len(line) <= LONGEST else f"{line[:LONGEST]}…") or "-"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
