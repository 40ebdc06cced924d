"""Bars of days and of nights, drawn inside the page (SVG) and told beside it in a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bridge.domain.comparison import Comparison, Kind, differing
from bridge.domain.said import Said
from bridge.reports.look import Look
from bridge.reports.page.markup import Html, element

MOST_DAYS = 62
"""A longer period is drawn by months."""
WIDTH, HEIGHT, FOOT, HEAD, SIDE = 720, 200, 24, 18, 32

Counts = Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what stands below it, how high it is, and what is said of it."""

    label: str
    height: int
    told: str


def days_of(comparison: Comparison, look: Look) -> list[tuple[str, Counts]]:
    """Return the counts of each day of the period, by months where it is long; the unknown last."""
    days = {day: counts for day, counts in comparison.by_day.items() if day}
    named: list[tuple[str, Counts]] = []
    for moment, counts in _by_time(comparison, days):
        text = look.day(moment) if isinstance(moment, date) else _month(moment, look)
        named.append((text, counts))
    if comparison.by_day.get(""):
        named.append((look.say(Said("(not known)")), comparison.by_day[""]))
    return named


def bars_of_days(days: Sequence[tuple[str, Counts]], look: Look) -> list[Bar]:
    """Return a bar for each day: in how many dossiers both sides do not agree."""
    return [
        Bar(
            label,
            differing(counts),
            look.say(
                Said(
                    "{day}: {count} of {whole} do not agree",
                    day=label,
                    count=look.number(differing(counts)),
                    whole=look.number(sum(counts.values())),
                )
            ),
        )
        for label, counts in days
    ]


def bars_of_times(times: Sequence[Comparison], look: Look) -> list[Bar]:
    """Return a bar for each comparison, by the day it was made."""
    return [
        Bar(
            look.day(one.made_at.date()),
            differing(one.counts),
            look.say(
                Said(
                    "{day}: {count} of {whole} do not agree",
                    day=look.moment(one.made_at),
                    count=look.number(differing(one.counts)),
                    whole=look.number(one.compared),
                )
            ),
        )
        for one in times
    ]


def chart(title: Said, bars: Sequence[Bar], look: Look) -> Html:
    """Return a bar chart; what is to be read of it is in the table beside it."""
    most = max((bar.height for bar in bars), default=0)
    if not most:
        return element("p", look.say(Said("Both sides agree on every day.")), class_="calm")
    step = WIDTH / len(bars)
    drawn = [_drawn(at, bar, step, most, look) for at, bar in enumerate(bars)]
    every = -(-len(bars) // max(1, min(len(bars), 8)))
    below = [_below(at, bar.label, step) for at, bar in enumerate(bars) if at % every == 0]
    base = str(HEIGHT - FOOT)
    axis = element("line", x1="0", x2=str(WIDTH), y1=base, y2=base, class_="axis")
    return element(
        "svg",
        element("title", look.say(title)),
        *drawn,
        axis,
        *below,
        viewBox=f"{-SIDE} 0 {WIDTH + 2 * SIDE} {HEIGHT}",
        role="img",
        aria_label=look.say(title),
        class_="chart",
    )


def _drawn(at: int, bar: Bar, step: float, most: int, look: Look) -> Html:
    room = HEIGHT - FOOT - HEAD
    high = room * bar.height / most
    if bar.height:
        high = max(high, 2.0)
    top = HEIGHT - FOOT - high
    width = min(step * 0.7, 48.0)
    left = at * step + (step - width) / 2
    shape = element(
        "rect", x=_n(left), y=_n(top), width=_n(width), height=_n(high), class_="column"
    )
    figure = element(
        "text", look.number(bar.height), x=_n(left + width / 2), y=_n(top - 4), class_="figure"
    )
    shown = (figure,) if bar.height and step >= 18 else ()  # noqa: PLR2004 - room for three digits
    return element("g", element("title", bar.told), shape, *shown)


def _below(at: int, label: str, step: float) -> Html:
    return element("text", label, x=_n((at + 0.5) * step), y=str(HEIGHT - 7), class_="below")


def _by_time(comparison: Comparison, days: Mapping[str, Counts]) -> list[tuple[date | str, Counts]]:
    """Return the counts by day, empty days too; by month (``2026-11``) where there are many."""
    known = sorted(days)
    first = min([comparison.since.isoformat(), *known[:1]])
    last = max([comparison.until.isoformat(), *known[-1:]])
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    if (end - begin).days < MOST_DAYS:
        every = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
        return [(day, days.get(day.isoformat(), {})) for day in every]
    months: defaultdict[str, dict[Kind, int]] = defaultdict(dict)
    for day in known:
        month = months[day[:7]]
        for kind, count in days[day].items():
            month[kind] = month.get(kind, 0) + count
    return [(month, counts) for month, counts in sorted(months.items())]


def _month(month: str, look: Look) -> str:
    return "/".join(reversed(month.split("-"))) if look.vietnamese else month


def _n(figure: float) -> str:
    return f"{figure:.1f}"
