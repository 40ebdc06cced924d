"""The tables of a report's page: by kind, by what is done, by field, by place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bridge.domain.comparison import DIFFERING, Comparison, Kind, differing
from bridge.domain.said import Said
from bridge.reports.look import Look
from bridge.reports.page.markup import Html, element, together
from bridge.reports.tally import Tally
from bridge.reports.words import KINDS, MEANINGS, UNLIKE, WAITS

MOST_PLACES = 40
"""Units or procedures with a line of their own; the others are added up in one."""
MOST_FIELDS = 20
SHORT = 20
"""A table of no more rows is printed on one page."""
MANY = 8
"""A table of more columns is printed in smaller letters."""

Counts = Mapping[Kind, int]


class Title(NamedTuple):
    """What a table is called, in the page's style and by its reader."""

    name: str
    caption: Said


def by_kind(comparison: Comparison, look: Look) -> Html:
    """Return how many there are of each kind, and what the kind means."""
    heads = [Said("Result"), Said("Count"), Said("Share"), Said("What it means")]
    rows = [
        together(
            _name(_kind_mark(kind), look.say(KINDS[kind])),
            _figure(look.number(comparison.counts[kind])),
            _figure(look.share(comparison.counts[kind], comparison.compared)),
            element("td", look.say(MEANINGS[kind])),
        )
        for kind in Kind
        if comparison.counts.get(kind)
    ]
    total = together(
        _name(look.say(Said("All together"))),
        _figure(look.number(comparison.compared)),
        _figure(look.share(comparison.compared, comparison.compared)),
        element("td"),
    )
    return _table(Title("kinds", Said("Results by kind")), heads, rows, look, total)


def by_deed(gathered: Tally, look: Look) -> Html:
    """Return what is done about what was found, by whom, and how often."""
    heads = [Said("Result"), Said("What is done"), Said("By whom"), Said("Count")]
    rows = [
        together(
            _name(_kind_mark(kind), look.say(KINDS[kind])),
            element("td", look.say(deed.what)),
            element("td", look.say(deed.who)),
            _figure(look.number(count)),
        )
        for kind, deed, count in gathered.work()
    ]
    whole = sum(count for _kind, _deed, count in gathered.work())
    blank = element("td")
    total = together(
        _name(look.say(Said("All together"))), blank, blank, _figure(look.number(whole))
    )
    title = Title("deeds", Said("What is done about it, and by whom"))
    return _table(title, heads, rows, look, total)


def by_wait(gathered: Tally, look: Look) -> Html:
    """Return for what those wait that are on their way, and how often."""
    heads = [Said("Why"), Said("Count")]
    rows = [
        together(_name(look.say(WAITS[why])), _figure(look.number(count)))
        for why, count in gathered.waits.most_common()
    ]
    return _table(Title("waits", Said("What they wait for")), heads, rows, look)


def by_field(gathered: Tally, look: Look) -> Html:
    """Return which fields differ most often, with a bar each."""
    heads = [Said("Field"), Said("Count"), Said("Share of the most frequent")]
    ordered = gathered.paths.most_common(MOST_FIELDS)
    rows = [
        together(
            _name(look.field(path)),
            _figure(look.number(count)),
            _bar(count, ordered[0][1]),
        )
        for path, count in ordered
    ]
    return _table(Title("fields", Said("Fields that differ most often")), heads, rows, look)


def by_unlike(gathered: Tally, look: Look) -> Html:
    """Return in what values differ, and how often."""
    heads = [Said("They differ in"), Said("Count"), Said("Share of the most frequent")]
    ordered = gathered.unlike.most_common()
    rows = [
        together(
            _name(look.say(UNLIKE[how])), _figure(look.number(count)), _bar(count, ordered[0][1])
        )
        for how, count in ordered
    ]
    return _table(Title("unlike", Said("In what the values differ")), heads, rows, look)


def by_place(title: Title, head: Said, places: Mapping[str, Counts], look: Look) -> Html:
    """Return the counts of each place, those with most differences first."""
    kinds = [kind for kind in Kind if any(one.get(kind) for one in places.values())]
    ordered = sorted(places.items(), key=lambda one: (-differing(one[1]), one[0]))
    told, rest = ordered[:MOST_PLACES], ordered[MOST_PLACES:]
    rows = [_counts(look.titled(place), counts, kinds, look) for place, counts in told]
    if rest:
        others = look.say(Said("Others ({count})", count=look.number(len(rest))))
        rows.append(_counts(others, _sum(counts for _place, counts in rest), kinds, look))
    heads = [head, Said("Compared"), *(KINDS[kind] for kind in kinds), Said("In step, share")]
    total = _counts(look.say(Said("All together")), _sum(places.values()), kinds, look)
    return _table(title, heads, rows, look, total)


def by_day(days: Sequence[tuple[str, Counts]], look: Look) -> Html:
    """Return the counts of each day (or month), in their order."""
    kinds = [kind for kind in Kind if any(counts.get(kind) for _day, counts in days)]
    rows = [_counts(day, counts, kinds, look) for day, counts in days if any(counts.values())]
    heads = [Said("Day of reception"), Said("Compared")]
    heads += [*(KINDS[kind] for kind in kinds), Said("In step, share")]
    total = _counts(
        look.say(Said("All together")), _sum(counts for _day, counts in days), kinds, look
    )
    return _table(Title("days", Said("Results by day of reception")), heads, rows, look, total)


def by_time(earlier: Sequence[Comparison], look: Look) -> Html:
    """Return what this comparison and those before it came to, the latest first."""
    heads = [Said("Made at"), Said("Days of reception"), Said("Compared")]
    heads += [Said("In step, share"), Said("Not in agreement")]
    rows = [
        together(
            _name(look.moment(one.made_at)),
            element("td", f"{look.day(one.since)} – {look.day(one.until)}"),
            _figure(look.number(one.compared)),
            _figure(look.share(one.counts.get(Kind.IN_STEP, 0), one.compared)),
            _figure(look.number(differing(one.counts))),
        )
        for one in reversed(earlier)
    ]
    return _table(Title("times", Said("This comparison and those before it")), heads, rows, look)


def _counts(name: str, counts: Counts, kinds: Sequence[Kind], look: Look) -> Html:
    whole = sum(counts.values())
    return together(
        _name(name),
        _figure(look.number(whole)),
        *(_figure(look.number(counts.get(kind, 0)), weak=not counts.get(kind)) for kind in kinds),
        _figure(look.share(counts.get(Kind.IN_STEP, 0), whole)),
    )


def _sum(all_counts: Iterable[Counts]) -> Counts:
    total: dict[Kind, int] = {}
    for counts in all_counts:
        for kind, count in counts.items():
            total[kind] = total.get(kind, 0) + count
    return total


def _table(
    title: Title,
    heads: Sequence[Said],
    rows: Sequence[Html],
    look: Look,
    total: Html | None = None,
) -> Html:
    columns = [element("th", look.say(head), scope="col") for head in heads]
    foot = () if total is None else (element("tfoot", element("tr", total)),)
    classes = [title.name, *["short"] * (len(rows) <= SHORT), *["many"] * (len(heads) > MANY)]
    table = element(
        "table",
        element("caption", look.say(title.caption)),
        element("thead", element("tr", *columns)),
        element("tbody", *(element("tr", row) for row in rows)),
        *foot,
        class_=" ".join(classes),
    )
    label = look.say(title.caption)
    return element("div", table, class_="wide", role="region", aria_label=label, tabindex="0")


def _name(*content: str) -> Html:
    return element("th", *content, scope="row")


def _figure(text: str, *, weak: bool = False) -> Html:
    return element("td", text, class_="n weak" if weak else "n")


def _bar(count: int, most: int) -> Html:
    width = f"width:{100 * count / most:.1f}%"
    return element(
        "td", element("span", class_="bar", style=width, aria_hidden="true"), class_="bars"
    )


def _kind_mark(kind: Kind) -> Html:
    """Return the coloured square of a kind; its name stands beside it."""
    sort = "bad" if kind in DIFFERING else "good" if kind is Kind.IN_STEP else "even"
    return element("span", class_=f"dot {sort}", aria_hidden="true")
