"""Claims on what an adapter reads: the feed, one record, the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bridge.sdk.code_lists import CodeList, CodeListSource, code_list
from bridge.sdk.conformance.needs import (
    ACKNOWLEDGES,
    CODE_LISTS,
    FEED,
    FETCHES,
    LISTS,
    concerns,
)
from bridge.sdk.conformance.rig import Rig
from bridge.sdk.conformance.verdict import (
    around_today,
    expect,
    pages,
    records,
    refs,
    require,
    said,
    someone,
    stored,
)
from bridge.sdk.records import Page, Record

__all__ = ["Reading"]

MOST_PAGES = 1000


class Reading:
    """Claims of this page."""

    @concerns(FEED)
    def test_the_feed_resumes_from_any_page(self, rig: Rig) -> None:
        """Begun again from the cursor of any page, by another process, the feed loses nothing."""
        seeded = rig.seed(rig.more_than_a_page)
        require(seeded, "the rig seeds no record, so there is no feed to read")
        found = list(pages(rig.adapter))
        _all_there("read page by page, each by another process", seeded, found)

    @concerns(FEED)
    def test_the_feed_goes_on_from_where_it_stood(self, rig: Rig) -> None:
        """What comes later is shown from the last cursor."""
        adapter = rig.adapter()
        rig.seed(2)
        *_, last = pages(adapter)
        later = rig.seed(2)
        _all_there("read on from the last cursor", later, pages(adapter, stored(last.cursor)))

    @concerns(FEED)
    def test_what_the_feed_shows_again_is_the_same(self, rig: Rig) -> None:
        """A record that is read again and did not change is the same to the last letter."""
        rig.seed(2)
        first, again = (_by_version([rig.adapter().changes(None)]) for _ in range(2))
        for key in first.keys() & again.keys():
            require(first[key] == again[key], f"{key[1]} is another when it is read again")

    @concerns(ACKNOWLEDGES)
    def test_only_what_is_acknowledged_is_gone(self, rig: Rig) -> None:
        """A page is shown until it is acknowledged, and not after that."""
        seeded = set(rig.seed(2))
        rig.adapter().changes(None)
        again = list(pages(rig.adapter()))
        _all_there("read, not acknowledged, and read again", seeded, again)
        left = seeded & refs(pages(rig.adapter()))
        require(not left, f"acknowledged, and shown again: {', '.join(sorted(left))}")

    @concerns(FEED)
    def test_acknowledging_twice_is_harmless(self, rig: Rig) -> None:
        """The same page acknowledged again, by another process too, changes nothing."""
        rig.seed(2)
        adapter = rig.adapter()
        [*found] = pages(adapter)
        later = rig.seed(2)
        for page in found:
            if page.token is None:  # there is nothing to acknowledge, and the engine does not
                continue
            for one in (adapter, rig.adapter()):
                answer = said(lambda one=one, page=page: one.acknowledge(page.token))  # type: ignore[misc]
                require(answer is None, f"acknowledged a second time, it raised {answer!r}")
        _all_there("read after an older page was acknowledged again", later, pages(adapter))

    @concerns(FEED)
    def test_a_bad_record_stops_no_neighbour(self, rig: Rig) -> None:
        """What can't be read is shown as unreadable, and what stands around it is read."""
        before = rig.seed(2)
        rig.spoil()
        after = rig.seed(2)
        found = list(pages(rig.adapter()))
        _all_there("with a broken record between them", [*before, *after], found)
        others = [
            one
            for one in records(found)
            if not isinstance(one, Record) or one.ref not in {*before, *after}
        ]
        require(others, "the broken record is not shown at all: it would be lost in silence")

    @concerns(FETCHES)
    def test_a_number_that_nobody_has_is_none(self, rig: Rig) -> None:
        """``fetch`` of an unknown number is None, and of a known one never another record."""
        adapter = rig.adapter()
        found = said(lambda: adapter.fetch(rig.unknown_ref))
        expect(f"fetch of {rig.unknown_ref}, which is not there", found, type(None))
        known = someone(rig, adapter) if rig.fetches else rig.unknown_ref
        one = said(lambda: adapter.fetch(known))
        expect(f"fetch of {known}", one, Record, type(None))
        if isinstance(one, Record):
            require(one.ref == known, f"fetch of {known} shows {one.ref}")

    @concerns(CODE_LISTS)
    def test_its_code_lists_are_read(self, rig: Rig) -> None:
        """Each code list it declares is shown whole: codes and names, in NFC, twice the same."""
        adapter = rig.adapter()
        for name in rig.plugin.capabilities.code_lists:
            require(isinstance(adapter, CodeListSource), f"it declares {name} and shows no list")
            shown, again = (_code_list(adapter, name) for _ in range(2))
            require(shown.names, f"the list {name} is empty")
            whole = code_list(shown.names.items())
            require(whole.names == shown.names, f"{name}: a code or name is empty, or not in NFC")
            require(again == shown, f"{name} is another when it is read again")

    @concerns(LISTS)
    def test_the_list_shows_what_is_there(self, rig: Rig) -> None:
        """``list`` shows every record received in its days, over all its pages."""
        seeded = rig.seed(rig.more_than_a_page)
        adapter, cursor, found = rig.adapter(), None, list[Page]()
        for _ in range(MOST_PAGES):
            found.append(adapter.list(*around_today(), cursor))
            cursor = stored(found[-1].cursor)
            if not found[-1].more:
                break
        _all_there("listed", seeded, found)


def _all_there(how: str, wanted: Iterable[str], found: Iterable[Page]) -> None:
    missing = sorted({*wanted} - refs(found))
    shown = ", ".join(missing[:5])
    require(not missing, f"{how}: {len(missing)} record(s) missing: {shown}")


def _by_version(found: Iterable[Page]) -> dict[tuple[str, str, int | None], Mapping[str, Any]]:
    return {
        (one.kind, one.ref, one.version): one.body
        for one in records(found)
        if isinstance(one, Record)
    }


def _code_list(adapter: Any, name: str) -> CodeList:
    """Return a code list; anything but a list fails the claim."""
    shown: Any = said(lambda: adapter.code_list(name))
    expect(f"the list {name}", shown, CodeList)
    found: CodeList = shown
    return found
