from __future__ import annotations

from typing import Any

import pytest

from bridge.store import Agreement, KnownDossier, Link, Store, StoreFault
from tests.store.conftest import CODE, MINUTE, NOON, SYSTEM, Clock, cut, open_link, state


def link_of(store: Store, code: str = CODE, system: str = SYSTEM) -> Link:
    with store.read() as unit:
        return unit.links.of_codes([code])[code, system]


def test_an_agreement_ends_with_any_change_of_its_link(store: Store) -> None:
    """By whichever statement, a person's by hand too; the other links keep theirs."""
    other = f"{CODE[:-1]}2"
    with store.write("post") as unit:
        ids = {code: open_link(unit, code).id for code in (CODE, other)}

    def agree() -> None:
        with store.write("agree") as unit:
            made = [Agreement(code, at, NOON.date(), "ours", "theirs") for code, at in ids.items()]
            unit.agreements.keep(SYSTEM, made)
            unit.agreements.keep(SYSTEM, made)

    def kept() -> set[str]:
        with store.read() as unit:
            return set(unit.agreements.of_codes(SYSTEM, ids))

    agree()
    assert kept() == {CODE, other}
    with store.write("settle") as unit:
        unit.links.change(ids[CODE], versions=2)
    assert kept() == {other}
    agree()
    read = [link_of(store, code) for code in ids]
    with store.write("settle") as unit:
        assert unit.links.unmoved(read) == read
        unit.links.change_many([{"id": ids[CODE], "base": {"status": 2}}])
        assert unit.links.unmoved(read) == [link_of(store, other)]
        unit.links.change(ids[other], known={"TrọngSố": 0.1, "Ten": 'Nguyễn "A"', "Rong": None})
        assert unit.links.unmoved(read) == []
    read = [link_of(store, code) for code in ids]
    with store.write("settle") as unit:
        assert unit.links.unmoved(read) == read
    agree()
    with store.write("settle") as unit:
        unit.links.change_many([{"id": ids[CODE], "base": {"status": 3}}])
    assert kept() == {other}
    agree()
    with store.write("settle") as unit:
        unit.links.change_all([ids[CODE]], {"state": "orphan"})
    assert kept() == {other}
    agree()
    with store.write("settle") as unit:
        unit.connection.exec_driver_sql(f"DELETE FROM link WHERE id = {ids[CODE]}")
    assert kept() == {other}


def test_a_new_link_agrees_on_nothing(store: Store) -> None:
    """It has no number, no base, nothing of theirs, and nothing was sent."""
    with store.write("post") as unit:
        made = open_link(unit, shard=3)
    assert made == link_of(store)
    assert (made.code, made.system, made.shard, made.state) == (CODE, SYSTEM, 3, "open")
    assert (made.ref, made.base, made.theirs, made.known) == (None, None, None, None)
    assert (made.versions, made.stubborn) == (0, {})


@pytest.mark.parametrize(
    "base",
    [
        {},
        {"applicant.name": "Nguyễn Văn Mẫu", "status": 4, "fee": 1.5, "finished_at": None},
        {"documents": [{"id": "d1", "pages": [1, 2]}], "details.theory_passed": False},
    ],
)
def test_the_base_is_kept_to_the_value(store: Store, base: dict[str, Any]) -> None:
    """What both sides agreed on comes back equal, null and text of any script included."""
    with store.write("settle") as unit:
        unit.links.change(open_link(unit).id, base=base, theirs=base, known={"raw": base})
    link = link_of(store)
    assert (link.base, link.theirs, link.known) == (base, base, {"raw": base})


def test_nothing_agreed_is_not_an_empty_agreement(store: Store) -> None:
    """A base taken back to ``None`` is ``None`` again, not ``{}``."""
    with store.write("settle") as unit:
        made = open_link(unit)
        unit.links.change(made.id, base={})
        assert unit.links.by_ids([made.id])[made.id].base == {}
        unit.links.change(made.id, base=None)
    assert link_of(store).base is None


def test_a_base_moves_only_for_its_link(store: Store) -> None:
    """Links changed together keep each their own, and what was not named."""
    with store.write("settle") as unit:
        here, there = open_link(unit), open_link(unit, system="yte")
        unit.links.change(here.id, stubborn={"status": 2}, theirs_version=2**40)
        unit.links.change_many(
            [{"id": here.id, "base": {"status": 4}}, {"id": there.id, "versions": 1}]
        )
    one, other = link_of(store), link_of(store, system="yte")
    assert (one.base, one.versions, one.stubborn) == ({"status": 4}, 0, {"status": 2})
    assert one.theirs_version == 2**40
    assert (other.base, other.versions, other.stubborn) == (None, 1, {})


def test_a_base_moved_in_a_unit_that_fails_stays(store: Store) -> None:
    """The base moves with the commit or not at all."""
    with store.write("post") as unit:
        made = open_link(unit)
    cut(store, lambda unit: unit.links.change(made.id, base={"status": 4}))
    assert link_of(store).base is None


def test_links_are_opened_once_for_each_pair(store: Store) -> None:
    """Pairs named twice are one link; a pair that stands can't be opened again."""
    pair = (CODE, SYSTEM)
    with store.write("post") as unit:
        assert unit.links.open([], {}) == {}
        opened = unit.links.open([pair, pair, (CODE, "yte")], {pair: 0, (CODE, "yte"): 1})
        assert {key: one.shard for key, one in opened.items()} == {pair: 0, (CODE, "yte"): 1}
    with pytest.raises(StoreFault), store.write("post") as unit:
        open_link(unit)


def test_a_number_of_a_system_names_one_dossier(store: Store) -> None:
    """A ministry's number is found in its own system, and never given to a second dossier."""
    with store.write("settle") as unit:
        unit.links.change(open_link(unit).id, ref="SG-01")
        unit.links.change(open_link(unit, system="yte").id, ref="SG-01")
        second = open_link(unit, "other")
        assert unit.links.of_refs(SYSTEM, ["SG-01", "SG-02"])["SG-01"].code == CODE
        assert unit.links.of_refs(SYSTEM, ["SG-02"]) == {}
    with pytest.raises(StoreFault), store.write("settle") as unit:
        unit.links.change(second.id, ref="SG-01")


def test_an_import_is_reserved_before_it_is_made(store: Store) -> None:
    """Number and code are paired as importing, for ever told apart as imported, and only once."""
    with store.write("reserve import") as unit:
        made = unit.links.reserve_imports(SYSTEM, {"SG-01": CODE}, lambda _: 2)["SG-01"]
        open_link(unit, "other")
    assert (made.ref, made.state, made.shard) == ("SG-01", "importing", 2)
    with store.write("imported") as unit:
        unit.links.change(made.id, state="open")
        assert unit.links.imported_codes() == {CODE}
    with pytest.raises(StoreFault), store.write("reserve import") as unit:
        unit.links.reserve_imports(SYSTEM, {"SG-01": "another"}, lambda _: 2)


def test_numbers_of_imports_are_counted_by_prefix(store: Store) -> None:
    """Each agency and day counts from one; a number drawn in a unit that fails is drawn again."""
    with store.write("reserve import") as unit:
        assert [unit.dossiers.next_import_number("a-") for _ in range(2)] == [1, 2]
    cut(store, lambda unit: unit.dossiers.next_import_number("a-"))
    with store.write("reserve import") as unit:
        assert unit.dossiers.next_import_number("a-") == 3
        assert unit.dossiers.next_import_number("b-") == 1


def test_many_links_are_found_at_once(store: Store) -> None:
    """More codes, numbers or ids than a statement takes parameters are all found."""
    codes = [f"D{n}" for n in range(1200)]
    with store.write("post") as unit:
        pairs = [(code, SYSTEM) for code in codes]
        made = unit.links.open(pairs, dict.fromkeys(pairs, 0))
        unit.links.change_many([{"id": one.id, "ref": one.code} for one in made.values()])
        ids = [one.id for one in made.values()]
        assert len(unit.links.of_codes(codes, lock=True)) == 1200
        assert len(unit.links.of_refs(SYSTEM, codes)) == 1200
        assert len(unit.links.by_ids(ids, lock=True)) == 1200


def test_what_was_seen_of_a_dossier_is_remembered(store: Store) -> None:
    """The last look at each dossier is kept, the new ones beside those that were known."""

    def look(code: str, stamp: str) -> KnownDossier:
        return KnownDossier(code, stamp, "2026-11-20", f"hash-{stamp}", None, NOON)

    with store.write("capture page") as unit:
        unit.dossiers.remember([look("A", "1"), look("B", "1")], known=())
        unit.dossiers.remember([look("B", "2"), look("C", "1")], known={"B"})
    with store.read() as unit:
        assert unit.dossiers.known(["A", "B", "C", "D"]) == {
            one.code: one for one in (look("A", "1"), look("B", "2"), look("C", "1"))
        }


def test_a_dossier_that_was_taken_and_has_no_number_yet_is_awaited(store: Store) -> None:
    """Taken is what has a base; an orphan, another system's or a numbered one is not awaited."""
    with store.write("settle") as unit:
        link = open_link(unit)
        assert not unit.links.unnumbered(SYSTEM)
        unit.links.change(link.id, base={"status": 2})
        assert unit.links.unnumbered(SYSTEM)
        assert not unit.links.unnumbered("yte")
        unit.links.change(link.id, state="orphan")
        assert not unit.links.unnumbered(SYSTEM)
        unit.links.change(link.id, state="open", ref="91")
        assert not unit.links.unnumbered(SYSTEM)
        unit.links.change(link.id, ref=None, base=None)
        assert not unit.links.unnumbered(SYSTEM)


def test_what_a_system_has_is_counted_as_open_decided_or_never_there(store: Store) -> None:
    """By what the ministry said last, else by what was agreed; parted, or never sent, is not there."""
    codes = {number: f"{CODE[:-1]}{number}" for number in range(1, 8)}
    with store.write("post") as unit:
        links = {number: open_link(unit, code) for number, code in codes.items()}
        said: dict[int, dict[str, Any]] = {
            1: {"base": {"status": 2}},
            2: {"base": {"status": 2}, "theirs": {"status": 9}},
            3: {"ref": "r3"},
            4: {"base": {"status": 8}, "theirs": {"status": 8}, "state": "parted"},
        }
        for number, values in said.items():
            unit.links.change(links[number].id, **values)
        open_link(unit, codes[1], system="another")
        unit.outbox.post([state(links[number], 1) for number in (1, 4, 5, 6)])
        sent = next(one for one in unit.outbox.open_of_links([links[6].id])[links[6].id])
        unit.outbox.mark_sending([sent.id], "me", NOON)
    with store.read() as unit:
        assert unit.links.had(SYSTEM, {7, 8, 9, 10}) == (3, 1, 2)


def test_a_latecomer_that_is_noted_again_is_looked_at_again(store: Store) -> None:
    """What was noted while it was looked at stays; another system's is another's."""
    with store.write("post") as unit:
        unit.latecomers.note(SYSTEM, ["a", "b"])
        unit.latecomers.note("another", ["a"])
        first = unit.latecomers.first(SYSTEM, 10)
        unit.latecomers.note(SYSTEM, ["a"])
        unit.latecomers.done(first)
        assert [code for _, code in first] == ["a", "b"]
        assert [code for _, code in unit.latecomers.first(SYSTEM, 10)] == ["a"]
        unit.latecomers.forget(SYSTEM)
        assert unit.latecomers.first(SYSTEM, 10) == []
        assert len(unit.latecomers.first("another", 10)) == 1


def test_a_latecomer_that_was_asked_about_in_vain_is_asked_about_again_once(
    store: Store, clock: Clock
) -> None:
    """Not before its time, behind the others, and once, however often nothing came of it."""
    with store.write("post") as unit:
        unit.latecomers.ask_again(SYSTEM, {"a": NOON + 2 * MINUTE})
        unit.latecomers.ask_again(SYSTEM, {"a": NOON + MINUTE})
        assert (unit.latecomers.asked_later(SYSTEM), unit.latecomers.any_unasked(SYSTEM)) == (
            {"a"},
            False,
        )
        unit.latecomers.note(SYSTEM, ["b"])
        assert [code for _, code in unit.latecomers.first(SYSTEM, 10)] == ["b"]
    clock.pass_()
    with store.write("post") as unit:
        assert [code for _, code in unit.latecomers.first(SYSTEM, 10)] == ["a", "b"]
        assert unit.latecomers.asked_later(SYSTEM) == set()
        assert unit.latecomers.unanswered() == {(SYSTEM, "a")}
        unit.latecomers.answered(SYSTEM, ["a", "b"])
        assert unit.latecomers.unanswered_of(SYSTEM) == []
        assert [code for _, code in unit.latecomers.first(SYSTEM, 10)] == ["b"]
