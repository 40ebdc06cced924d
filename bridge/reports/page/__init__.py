"""The page of a comparison: one HTML file that needs nothing else, to read and to print.

No script, nothing fetched from anywhere (its own policy forbids it), every value escaped. It is
written as it is made: of a hundred thousand rows it holds some hundreds of each kind and counters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from bridge.domain.comparison import Comparison, Kind, Placed, differing
from bridge.domain.said import Said
from bridge.reports.look import Look
from bridge.reports.page import chart, dossiers, tables
from bridge.reports.page.markup import Html, element, html, together
from bridge.reports.tally import Tally, tally
from bridge.reports.words import PEOPLE

MOST_DOSSIERS = 200
"""Dossiers of a kind that can be looked into; the others are in the CSV file."""
MOST_TIMES = 30
"""Comparisons of the trend that are drawn, this one among them."""

_STYLE = Path(__file__).with_name("style.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_html(
    out: TextIO,
    comparison: Comparison,
    rows: Iterable[Placed],
    look: Look,
    trend: Sequence[Comparison] = (),
) -> None:
    """Write the page; ``trend`` are earlier comparisons of the system, the oldest first.

    ``rows`` are read once. ``out`` is opened with ``encoding="utf-8"``.
    """
    gathered = tally(rows, MOST_DOSSIERS)
    out.write("<!DOCTYPE html>\n")
    out.write(f'<html lang="{look.language}">\n{_head(comparison, look)}\n<body>\n')
    for part in _body(comparison, gathered, look, trend):
        out.write(part)
        out.write("\n")
    out.write("</body>\n</html>\n")


def _head(comparison: Comparison, look: Look) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element(
            "title", f"{look.say(_TITLE)}: {_system(comparison, look)}, {_days(comparison, look)}"
        ),
        element("style", Html(_STYLE.read_text(encoding="utf-8"))),
    )


_TITLE = Said("Comparison of dossiers")


def _body(
    comparison: Comparison, gathered: Tally, look: Look, trend: Sequence[Comparison]
) -> Iterator[Html]:
    yield _opening(comparison, look)
    yield Html("<main>")
    yield _gist(comparison, gathered, look, trend)
    yield _part("results", Said("Results"), look, tables.by_kind(comparison, look))
    if gathered.work():
        yield _part("work", Said("What is to be done"), look, tables.by_deed(gathered, look))
    yield _days_part(comparison, look)
    yield from _places(comparison, look)
    if gathered.paths:
        fields = (tables.by_field(gathered, look), tables.by_unlike(gathered, look))
        yield _part("fields", Said("Fields"), look, *fields)
    if trend:
        yield _trend([*trend, comparison][-MOST_TIMES:], look)
    if gathered.seen:
        yield Html('<section id="dossiers">')
        yield element("h2", look.say(Said("Dossiers")))
        yield _legend(look)
        yield from dossiers.kinds(gathered, look)
        yield Html("</section>")
    yield Html("</main>")
    yield _closing(comparison, look)


def _opening(comparison: Comparison, look: Look) -> Html:
    between = Said("Between the one-stop and {system}", system=_system(comparison, look))
    facts = (
        (Said("Days of reception"), _days(comparison, look)),
        (Said("Made at"), look.moment(comparison.made_at)),
        (Said("Compared"), look.number(comparison.compared)),
    )
    told = [
        element("div", element("dt", look.say(name)), element("dd", text)) for name, text in facts
    ]
    return element(
        "header",
        element("h1", look.say(_TITLE)),
        element("p", look.say(between), class_="between"),
        element("dl", *told, class_="facts"),
        _privacy(look),
    )


def _privacy(look: Look) -> Html:
    if look.with_values:
        words = Said(
            "This page holds personal values. Keep it, pass it on and destroy it as the law on "
            "personal data demands."
        )
        return element("p", look.say(words), class_="warning", role="note")
    words = Said(
        "What may name a person is masked (•••): each mask is a word, or a part of a date; lists are counted."
    )
    return element("p", look.say(words), class_="quiet")


def _gist(comparison: Comparison, gathered: Tally, look: Look, trend: Sequence[Comparison]) -> Html:
    count = differing(comparison.counts)
    sentences = [look.say(_verdict(comparison, count, look))]
    unseen = comparison.counts.get(Kind.NOT_SEEN, 0)
    if unseen:
        words = Said("{count} could not be compared.", count=look.number(unseen))
        sentences.append(look.say(words))
    if trend:
        before = trend[-1]
        words = Said(
            "The comparison before ({at}): {count}.",
            at=look.moment(before.made_at),
            count=look.number(differing(before.counts)),
        )
        sentences.append(look.say(words))
    by_people = sum(n for (_kind, deed), n in gathered.deeds.items() if deed.who in PEOPLE)
    tiles = (
        (Said("Compared"), comparison.compared, "even"),
        (Said("In step"), comparison.counts.get(Kind.IN_STEP, 0), "good"),
        (Said("Not in agreement"), count, "bad" if count else "good"),
        (Said("Wait for a person"), by_people, "bad" if by_people else "good"),
    )
    shown = [
        element(
            "li",
            element("span", look.number(figure), class_="big"),
            element("span", look.say(name)),
            class_=sort,
        )
        for name, figure, sort in tiles
    ]
    return element(
        "section",
        element("p", " ".join(sentences), class_="verdict"),
        element("ul", *shown, class_="tiles"),
        id="gist",
    )


def _verdict(comparison: Comparison, count: int, look: Look) -> Said:
    if not comparison.compared:
        return Said("There was nothing to compare on these days.")
    if not count:
        return Said("Both sides agree wherever they could be compared.")
    return Said(
        "In {count} of {whole} dossiers ({share}) both sides do not agree.",
        count=look.number(count),
        whole=look.number(comparison.compared),
        share=look.share(count, comparison.compared),
    )


def _days_part(comparison: Comparison, look: Look) -> Html:
    days = chart.days_of(comparison, look)
    if not any(sum(counts.values()) for _day, counts in days):
        return Html()
    title = Said("Dossiers that do not agree, by day of reception")
    table = element(
        "details",
        element("summary", look.say(Said("The figures of each day"))),
        tables.by_day(days, look),
        class_="figures",
    )
    drawing = element(
        "figure",
        chart.chart(title, chart.bars_of_days(days, look), look),
        element("figcaption", look.say(title)),
    )
    return _part("days", Said("By day of reception"), look, drawing, table)


def _places(comparison: Comparison, look: Look) -> Iterator[Html]:
    if comparison.by_unit:
        title = tables.Title("units", Said("Results by the unit that handles the dossier"))
        table = tables.by_place(title, Said("Unit"), comparison.by_unit, look)
        yield _part("units", Said("By unit"), look, table)
    if comparison.by_procedure:
        title = tables.Title("procedures", Said("Results by procedure"))
        table = tables.by_place(title, Said("Procedure"), comparison.by_procedure, look)
        yield _part("procedures", Said("By procedure"), look, table)


def _trend(times: Sequence[Comparison], look: Look) -> Html:
    title = Said("Dossiers that did not agree, by comparison")
    drawing = element(
        "figure",
        chart.chart(title, chart.bars_of_times(times, look), look),
        element("figcaption", look.say(title)),
    )
    return _part("trend", Said("Trend"), look, drawing, tables.by_time(times, look))


def _part(name: str, title: Said, look: Look, *content: Html) -> Html:
    return element("section", element("h2", look.say(title)), *content, id=name)


def _legend(look: Look) -> Html:
    stays = element("ins", look.say(Said("underlined")))
    leaves = element("del", look.say(Said("struck through")))
    open_ = element("mark", look.say(Said("in a frame")))
    words = (
        (stays, Said("the owner's, stays")),
        (leaves, Said("gives way to the owner's")),
        (open_, Said("a person decides")),
    )
    told = [together(sample, html(": " + look.say(word))) for sample, word in words]
    return together(
        element("ul", *(element("li", one) for one in told), class_="legend"),
        element(
            "p",
            look.say(Said("Only what is open is printed; a click on a line opens or closes it.")),
            class_="hint",
        ),
    )


def _closing(comparison: Comparison, look: Look) -> Html:
    command = (
        f"dossier-bridge reconcile {comparison.system} "
        f"--since {comparison.since.isoformat()} --until {comparison.until.isoformat()}"
    )
    return element("footer", look.say(Said("Made by: ")), element("code", command))


def _system(comparison: Comparison, look: Look) -> str:
    return look.titled(comparison.system)


def _days(comparison: Comparison, look: Look) -> str:
    return f"{look.day(comparison.since)} – {look.day(comparison.until)}"
