"""What must be so between the tables of a definition, and what it leaves out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bridge.domain.said import Said
from bridge.sdk.capabilities import Capabilities, Feed
from bridge.sdk.declared.tables import NAMES, VERBS, Verb
from bridge.sdk.declared.templates import VALUES, alone, names_in
from bridge.sdk.definition import Misfit

if TYPE_CHECKING:
    from bridge.sdk.declared.interface import Interface

__all__ = ["capabilities", "limits", "misfits", "values_wanted"]

WHOLE = frozenset({"body", "refs"})
"""Values that are no texts: a template that holds one is that value."""

FEEDS: dict[str, Feed] = {
    "version": "cursor",
    "cursor": "cursor",
    "window": "window",
    "acknowledge": "acknowledge",
}


def misfits(interface: Interface) -> Iterator[Misfit]:
    """Yield what does not hold together, each with its place."""
    yield from _kinds(interface)
    yield from _names(interface)
    yield from _writing(interface)
    yield from _reading(interface)


def capabilities(interface: Interface) -> Capabilities:
    """Return what a system with this interface can do."""
    feed = interface.feed
    return Capabilities(
        writes=interface.writes,
        feed="none" if feed is None else FEEDS[feed.kind],
        submit=interface.submit or "none",
        confirms="in_reply",
        probes=interface.has("find"),
        lists=interface.has("list"),
        steps=interface.has("step"),
        supplements=interface.supplements,
        updates=interface.has("update") or not interface.writes,
        fetches=interface.has("fetch"),
    )


def values_wanted(interface: Interface) -> frozenset[str]:
    """Return the names of the values that the system's own file must give."""
    given = (interface.templates(verb) for verb in VERBS if interface.has(verb))
    names = (name for templates in given for name in names_in(templates))
    return frozenset(name.removeprefix(VALUES) for name in names if name.startswith(VALUES))


def limits(interface: Interface) -> Iterator[Said]:
    """Yield what can't be done with such an interface, for whoever sets it up."""
    feed = interface.feed
    if not interface.writes:
        yield Said("it is only read: nothing is sent there")
    if interface.writes and not interface.has("find"):
        yield Said("without find a lost answer is not asked about: it is sent again")
    if interface.writes and not interface.has("update"):
        yield Said("without update a later change is refused, and the clerk is told")
    if interface.writes and not interface.supplements:
        yield Said("papers brought later go there by hand")
    if feed is None:
        yield Said("without a feed nothing comes back from the ministry")
    elif feed.kind == "window" and feed.unit == "minute":
        yield Said("the feed shows only today: what is missed on a day is said, and not read later")
    elif feed.kind == "window" and feed.paging.kind in {"none", "page"}:
        yield Said("a row that moves while the feed is read is found with the next overlap")
    if not interface.has("list"):
        yield Said("without list both sides can't be compared")
    if not interface.has("fetch"):
        yield Said("without fetch a record can't be looked at by its number")


def _kinds(interface: Interface) -> Iterator[Misfit]:
    if "dossier" not in interface.mappings:
        yield ("mappings",), Said("it lacks the kind dossier")
    for verb in VERBS:
        operation = interface.operation(verb)
        if operation is not None and operation.kind not in interface.mappings:
            words = Said("mappings has no kind {kind}", kind=operation.kind)
            yield ("operations", verb, "kind"), words


def _names(interface: Interface) -> Iterator[Misfit]:
    for verb in VERBS:
        for key, template in interface.templates(verb).items() if interface.has(verb) else ():
            for name in names_in(template):
                if name not in NAMES[verb] and not _is_value(name):
                    words = Said(
                        "there is no {name} to put in here; known: {names}, and {values}",
                        name=f"{{{name}}}",
                        names=", ".join(sorted(NAMES[verb])),
                        values=f"{VALUES}*",
                    )
                    yield ("operations", verb, key), words
                elif name in WHOLE and not (key == "request" and alone(template, name)):
                    words = Said("{name} stands alone, in request", name=f"{{{name}}}")
                    yield ("operations", verb, key), words
                elif name == "body_json" and key != "request":
                    words = Said("{name} stands in request, and in no address", name="{body_json}")
                    yield ("operations", verb, key), words


def _is_value(name: str) -> bool:
    return name.startswith(VALUES) and name.removeprefix(VALUES).isidentifier()


def _writing(interface: Interface) -> Iterator[Misfit]:
    find, update = interface.operation("find"), interface.operation("update")
    if interface.writes and not interface.has("create"):
        yield ("operations",), Said("what is written begins with create, and there is none")
    if interface.has("create") and interface.submit is None:
        yield ("operations", "create"), Said("submit must say what a create sent twice does")
    if interface.submit in {"not_idempotent", "duplicate_refused"} and find is None:
        words = Said("it needs operations.find: a lost answer must be asked about")
        yield ("submit",), words
    if interface.submit is not None and not interface.has("create"):
        yield ("submit",), Said("there is no operations.create that it could speak of")
    if interface.has("step") and (find is None or find.steps is None):
        words = Said("it needs operations.find with steps: a step that is lost must be looked for")
        yield ("operations", "step"), words
    if interface.has("step") and "step" not in interface.mappings:
        yield ("mappings",), Said("it lacks the kind step")
    if update is not None and update.repeats and not interface.has("fetch"):
        words = Said("it needs operations.fetch, to read them with")
        yield ("operations", "update", "repeats"), words


def _reading(interface: Interface) -> Iterator[Misfit]:
    feed, changes = interface.feed, interface.operation("changes")
    if feed is None and changes is not None:
        yield ("operations", "changes"), Said("it needs the table feed, which says how it is read")
    if feed is not None and changes is None:
        yield ("feed",), Said("it needs operations.changes")
    if feed is not None and changes is not None:
        if feed.kind == "version" and changes.version is None:
            words = Said("it needs operations.changes.version: where a row says its version")
            yield ("feed", "kind"), words
        if "cursor" in {feed.kind, feed.paging.kind} and changes.next is None:
            words = Said("it needs operations.changes.next: where an answer says what follows")
            yield ("feed", "kind"), words
    if not interface.writes and feed is None and not interface.has("list"):
        yield ("operations",), Said("nothing is written and nothing is read")
    yield from _together(interface, "acknowledge")
    listing = interface.operation("list")
    if listing is not None and interface.listed.paging.kind == "cursor" and listing.next is None:
        words = Said("it needs operations.list.next: where an answer says what follows")
        yield ("listed", "paging"), words


def _together(interface: Interface, verb: Verb) -> Iterator[Misfit]:
    wanted = interface.feed is not None and interface.feed.kind == "acknowledge"
    if wanted and not interface.has(verb):
        yield ("feed", "kind"), Said("it needs operations.acknowledge")
    if interface.has(verb) and not wanted:
        words = Said("the feed is not of the kind acknowledge")
        yield ("operations", verb), words
