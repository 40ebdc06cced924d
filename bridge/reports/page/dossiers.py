"""The drill-down of a report's page: kind, dossier, field, with what differs marked in the text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bridge.domain.comparison import Kind, Placed, kind_of
from bridge.domain.reconcile import Different, FieldDifference, Finding
from bridge.domain.said import Said
from bridge.reports.look import Look
from bridge.reports.marks import Run, Runs
from bridge.reports.page.markup import Html, element, html, together
from bridge.reports.page.tables import by_wait
from bridge.reports.rows import code_of, ref_of
from bridge.reports.tally import Tally
from bridge.reports.values import Shown, is_shown, shown
from bridge.reports.words import KINDS, OPEN, OWNERS, TOLD, UNLIKE, deed_of, why_of

MOST_OPEN = 20
"""A kind with more dossiers is closed when the page is opened."""
MOST_NAMES = 4
"""Fields that are named in the line of a dossier."""

_TAGS = {"ministry": ("ins", "del"), "onestop": ("del", "ins"), "person": ("mark", "mark")}
"""How what differs is marked on either side: what stays, what gives way, what a person decides."""


def kinds(gathered: Tally, look: Look) -> Iterator[Html]:
    """Yield a part for each kind: its first dossiers, and how many more there are."""
    for kind in OPEN:
        if gathered.seen[kind]:
            yield from _kind(kind, gathered, look)


def _kind(kind: Kind, gathered: Tally, look: Look) -> Iterator[Html]:
    rows, count = gathered.first[kind], gathered.seen[kind]
    few = count <= MOST_OPEN
    head = element("h3", f"{look.say(KINDS[kind])}: {look.number(count)}")
    yield Html(f'<details class="kind" id="{kind.value}"{" open" if few else ""}>')
    yield element("summary", head)
    if kind is Kind.ON_ITS_WAY:
        yield by_wait(gathered, look)
    if kind is Kind.DIFFERENT:
        yield from (_dossier(row, look, is_open=few) for row in rows)
    else:
        yield _list(rows, look)
    if count > len(rows):
        more = Said(
            "Only the first {shown} are shown here; the other {rest} are in the CSV file (--csv FILE).",
            shown=look.number(len(rows)),
            rest=look.number(count - len(rows)),
        )
        yield element("p", look.say(more), class_="more")
    yield Html("</details>\n")


def _list(rows: Sequence[Placed], look: Look) -> Html:
    """Return dossiers that there is no more to tell of than a line each."""
    heads = (
        Said("Dossier code"),
        Said("Ministry's number"),
        Said("Day of reception"),
        Said("Unit"),
        Said("Procedure"),
        Said("Why"),
        Said("What is done"),
    )
    lines = [element("tr", _line(row, look)) for row in rows]
    caption = look.say(KINDS[kind_of(rows[0].finding)])
    return _table(caption, heads, lines, "list", look)


def _line(row: Placed, look: Look) -> Html:
    finding, place = row.finding, row.place
    told = (
        ref_of(finding) or "–",
        look.day(place.day) if place.day else "–",
        look.titled(place.unit) if place.unit else "–",
        look.titled(place.procedure) if place.procedure else "–",
        look.say(why_of(finding)) or "–",
        _does(finding, look),
    )
    code = code_of(finding) or look.say(Said("(no code)"))
    return together(element("th", code, scope="row"), *(element("td", one) for one in told))


def _does(finding: Finding, look: Look) -> str:
    deed = deed_of(finding)
    return look.say(Said("{what} ({who})", what=deed.what, who=deed.who))


def _dossier(row: Placed, look: Look, *, is_open: bool) -> Html:
    finding = row.finding
    told = [element("dl", *_facts(row, look))]
    if isinstance(finding, Different) and finding.fields:
        told.append(_fields(finding, look))
    summary = element("summary", *_head(finding, look))
    return element("details", summary, *told, class_="dossier", open=is_open)


def _head(finding: Finding, look: Look) -> Iterator[Html]:
    yield element("span", code_of(finding) or look.say(Said("(no code)")), class_="code")
    ref = ref_of(finding)
    if ref is not None:
        number = look.say(Said("ministry's number: {ref}", ref=ref))
        yield element("span", number, class_="ref")
    if isinstance(finding, Different) and finding.fields:
        yield element("span", _names(finding, look), class_="names")


def _names(finding: Different, look: Look) -> str:
    """Return the fields that differ, the first few of many."""
    names = [look.field(one.path) for one in finding.fields]
    told = ", ".join(names[:MOST_NAMES])
    rest = look.number(len(names) - MOST_NAMES)
    more = Said("{names} and {count} more", names=told, count=rest)
    return look.say(more) if len(names) > MOST_NAMES else told


def _facts(row: Placed, look: Look) -> Iterator[Html]:
    finding, place = row.finding, row.place
    yield _fact(Said("Why"), look.say(why_of(finding)), look)
    if isinstance(finding, Different) and finding.steps:
        yield _fact(Said("Steps the ministry lacks"), ", ".join(finding.steps), look)
    yield _fact(Said("What is done"), _does(finding, look), look)
    yield _fact(Said("Day of reception"), place.day and look.day(place.day), look)
    yield _fact(Said("Unit"), place.unit and look.titled(place.unit), look)
    yield _fact(Said("Procedure"), place.procedure and look.titled(place.procedure), look)


def _fact(name: Said, told: str | None, look: Look) -> Html:
    if not told:
        return Html()
    return element("div", element("dt", look.say(name)), element("dd", told))


def _fields(finding: Different, look: Look) -> Html:
    heads = (
        Said("Field"),
        Said("In the one-stop"),
        Said("At the ministry"),
        Said("Owner"),
        Said("They differ in"),
        Said("Will be told"),
    )
    rows = [element("tr", _field(one, look)) for one in finding.fields]
    caption = look.say(Said("Fields of {code}", code=finding.code))
    return _table(caption, heads, rows, "differences", look)


def _table(
    caption: str, heads: Sequence[Said], rows: Sequence[Html], sort: str, look: Look
) -> Html:
    """Return a table whose caption, said by what stands above it, is for those who only hear it.

    Where there is no room for columns, each value stands under the head that its style holds.
    """
    names = [look.say(head) for head in heads]
    titles = [element("th", name, scope="col") for name in names]
    style = ";".join(
        f"--head-{n}:{json.dumps(name, ensure_ascii=False)}" for n, name in enumerate(names, 1)
    )
    return element(
        "table",
        element("caption", caption, class_="unseen"),
        element("thead", element("tr", *titles)),
        element("tbody", *rows),
        class_=sort,
        style=style,
    )


def _field(one: FieldDifference, look: Look) -> Html:
    sides = shown(one, look)
    tags = _TAGS[one.to]
    forms = look.say(Said("compared by: {forms}", forms=", ".join(one.forms)))
    return together(
        element("th", look.field(one.path), scope="row"),
        _value(sides.onestop, tags[0], sides, look),
        _value(sides.ministry, tags[1], sides, look) if is_shown(one) else _unshown(sides),
        element("td", look.say(OWNERS[one.owner])),
        element(
            "td",
            look.say(UNLIKE[one.unlike]),
            *((element("small", forms),) if one.forms else ()),
        ),
        element("td", look.say(TOLD[one.to])),
    )


def _value(runs: Runs, tag: str, sides: Shown, look: Look) -> Html:
    if not runs:
        return element("td", element("span", look.say(Said("(empty)")), class_="none"))
    hint = look.say(Said("a personal value, masked")) if sides.hidden else False
    content = [_run(run, tag) for run in runs]
    return element("td", *content, class_="value", title=hint)


def _unshown(sides: Shown) -> Html:
    return element("td", element("span", *(run.text for run in sides.ministry), class_="none"))


def _run(run: Run, tag: str) -> Html:
    """Return a run; spaces that differ are made visible."""
    if not run.differs:
        return html(run.text)
    if run.text.isspace():
        return element(tag, run.text.replace(" ", "·"), class_="space")
    return element(tag, run.text)
