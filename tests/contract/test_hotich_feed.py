"""hotich, inwards: days read again until they are over, past what can't be read; records, lists."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest

from bridge.sdk.errors import AdapterError, AuthFailed, ContractBroken, Maintenance, Retryable
from bridge.sdk.records import Record, Unreadable
from bridge.sdk.rehearsal import Fault
from bridge.sdk.rehearsal_gateway import as_json
from bridge.sdk.times import VIETNAM
from tests.contract.hotich_bench import PERSONAL, Bench, built, code, command, good

LIST, MANY = "dsHoSoDangKy", "traDanhSachHoSo"


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def listed(*refs: Any) -> dict[str, Any]:
    """Return an answer of ``dsHoSoDangKy`` that lists these numbers."""
    rows = [{"id": ref, "maDonVi": 3613669} for ref in refs]
    return {"status": 1, "value": orjson.dumps(rows).decode()}


def shown(*records: Any) -> dict[str, Any]:
    """Return an answer of ``traDanhSachHoSo``."""
    return {"status": 1, "value": list(records)}


def row(ref: Any = 91, **fields: Any) -> dict[str, Any]:
    """Return a record as the ministry shows it."""
    return {"id": ref, "maHoSo": None, "trangThai": 1, "nksHoTen": "Nguyễn Thử", **fields}


# --- days, pages, cursors ------------------------------------------------------------------------


def test_the_first_round_reads_all_there_is(bench: Bench) -> None:
    """Without a cursor the days are asked for from the beginning; the next round has a day."""
    bench.filed(1, 2)
    pages, cursor = bench.round()
    assert [one.body["maHoSo"] for one in good(pages)] == [code(1), code(2)]
    assert bench.ministry.asked(LIST) == [{"module": "KS", "ngayCapNhat": "01/01/2000"}]
    assert cursor == {"day": "2026-11-20"}


def test_the_first_day_is_configuration(bench: Bench) -> None:
    """``first_day``: what was last changed before it stays where it is."""
    adapter = built({**bench.options, "first_day": date(2026, 11, 1)}, bench.clock)
    adapter.changes(None)
    adapter.changes({"day": "2026-11-01"})
    adapter.close()
    assert [one["ngayCapNhat"] for one in bench.ministry.asked(LIST)] == ["01/11/2026"] * 2


def test_pages_hold_50_and_the_list_is_asked_for_once_a_round(bench: Bench) -> None:
    """120 records come in three pages, each once, over one list and three batches of numbers."""
    refs = bench.ministry.file_own(120)
    pages, cursor = bench.round()
    assert [len(page.records) for page in pages] == [50, 50, 20]
    assert [one.ref for one in good(pages)] == refs
    assert (bench.ministry.calls[LIST], bench.ministry.calls[MANY]) == (1, 3)
    assert [len(one["dsMaHoSo"]) for one in bench.ministry.asked(MANY)] == [50, 50, 20]
    assert cursor == {"day": "2026-11-20"}


def test_a_round_goes_on_after_a_restart(bench: Bench) -> None:
    """Another process takes the cursor up where it stands, and asks for the list anew."""
    refs = bench.ministry.file_own(60)
    cursor = orjson.loads(orjson.dumps(bench.adapter.changes(None).cursor))
    other = built(bench.options, bench.clock)
    page = other.changes(cursor)
    other.close()
    assert [one.ref for one in good([page])] == refs[50:]
    assert not page.more
    assert [one["ngayCapNhat"] for one in bench.ministry.asked(LIST)] == ["01/01/2000"] * 2


def test_an_empty_page_of_a_list_ends_the_round(bench: Bench) -> None:
    """Nothing changed: an empty page, no batch is asked for, and the day moves on."""
    pages, cursor = bench.round({"day": "2026-11-18"})
    assert [page.records for page in pages] == [()]
    assert cursor == {"day": "2026-11-20"}
    assert bench.ministry.calls[MANY] == 0


def test_a_page_that_is_asked_for_again_is_given_again(bench: Bench) -> None:
    """The cursor was not stored: the same page comes again, and nothing is skipped."""
    bench.ministry.file_own(60)
    first = bench.adapter.changes(None)
    assert bench.adapter.changes(None) == first
    assert bench.adapter.changes(first.cursor) == bench.adapter.changes(first.cursor)
    bench.adapter.acknowledge(first.token)
    bench.adapter.acknowledge(first.token)


def test_what_is_registered_is_read_again_every_ten_minutes(bench: Bench) -> None:
    """A busy day: between two whole rounds only what may still move is asked for, and the last page."""
    refs = bench.ministry.file_own(120)
    for ref in refs[:110]:
        bench.ministry.move(ref, "4")
    _, cursor = bench.round({"day": "2026-11-20"})
    bench.ministry.move(refs[115], "3")
    bench.clock.forward(minutes=9)
    pages, cursor = bench.round(cursor)
    assert [one.ref for one in good(pages)] == refs[100:]
    assert good(pages)[15].body["trangThai"] == "3"
    new = bench.ministry.file_own(1)
    pages, cursor = bench.round(cursor)
    assert [one.ref for one in good(pages)] == refs[100:] + new
    bench.clock.forward(minutes=1)
    pages, cursor = bench.round(cursor)
    assert [one.ref for one in good(pages)] == refs + new


def test_whoever_begins_again_reads_all_there_is(bench: Bench) -> None:
    """Other days, or a clock set back: nothing is left out."""
    refs = bench.ministry.file_own(60)
    for ref in refs:
        bench.ministry.move(ref, "4")
    _, cursor = bench.round({"day": "2026-11-20"})
    pages, _ = bench.round(None)
    assert [one.ref for one in good(pages)] == refs
    bench.round(cursor)
    bench.clock.forward(minutes=-1)
    pages, _ = bench.round(cursor)
    assert [one.ref for one in good(pages)] == refs


# --- no change is missed -------------------------------------------------------------------------


def test_every_change_of_one_day_is_seen(bench: Bench) -> None:
    """Four states on one day, a round after each: the same day is asked for again and again."""
    bench.filed()
    ref = bench.held()["ref"]
    seen, cursor = [], None
    for state in ("1", "3", "2", "4"):
        bench.ministry.move(ref, state)
        bench.clock.forward(minutes=20)
        pages, cursor = bench.round(cursor)
        seen += [one.body["trangThai"] for one in good(pages)]
    assert seen == ["1", "3", "2", "4"]


def test_what_changes_behind_the_reader_comes_in_the_next_round(bench: Bench) -> None:
    """A record of a page that was read moves on while the next page is read."""
    refs = bench.ministry.file_own(60)
    first = bench.adapter.changes(None)
    bench.ministry.move(refs[0], "3")
    page = bench.adapter.changes(first.cursor)
    assert refs[0] not in [one.ref for one in good([page])]
    pages, _ = bench.round(page.cursor)
    assert {one.ref: one.body["trangThai"] for one in good(pages)}[refs[0]] == "3"


@pytest.mark.parametrize("minutes", [-90, -1, 1])
def test_what_changes_around_midnight_is_seen(bench: Bench, minutes: int) -> None:
    """A change just before Hanoi's midnight, and one that is stamped before it, are read after."""
    (ref,) = bench.ministry.file_own()
    _, cursor = bench.round()
    bench.clock.now = datetime(2026, 11, 21, 0, 0, 30, tzinfo=VIETNAM)
    _, cursor = bench.round(cursor)
    bench.ministry.move(
        ref, "3", at=datetime(2026, 11, 21, tzinfo=VIETNAM) + timedelta(minutes=minutes)
    )
    pages, cursor = bench.round(cursor)
    assert [one.body["trangThai"] for one in good(pages)] == ["3"]
    assert cursor == {"day": "2026-11-21"}
    assert [one["ngayCapNhat"] for one in bench.ministry.asked(LIST)[1:]] == [
        "19/11/2026",
        "20/11/2026",
    ]


def test_days_on_which_the_bridge_stood_still_are_read(bench: Bench) -> None:
    """After a week of silence the days since the last round are asked for."""
    bench.round()
    bench.clock.forward(days=7)
    bench.round({"day": "2026-11-20"})
    assert bench.ministry.asked(LIST)[-1]["ngayCapNhat"] == "19/11/2026"


def test_a_clock_that_ran_ahead_hides_nothing(bench: Bench) -> None:
    """A cursor from the future is taken for today's."""
    bench.round({"day": "2027-01-01"})
    assert bench.ministry.asked(LIST)[-1]["ngayCapNhat"] == "19/11/2026"


@pytest.mark.parametrize("cursor", [None, 5, "x", [], {}, {"day": "hôm qua"}, {"day": 5}])
def test_a_cursor_that_is_none_begins_at_the_beginning(bench: Bench, cursor: Any) -> None:
    """Too much is read rather than too little."""
    bench.adapter.changes(cursor)
    assert bench.ministry.asked(LIST)[-1]["ngayCapNhat"] == "01/01/2000"


# --- what a record says --------------------------------------------------------------------------


def test_a_record_is_plain_texts(bench: Bench) -> None:
    """Numbers are texts, nothing is null or an empty text, and the module is told with it."""
    bench.filed()
    (record,) = good(bench.round()[0])
    assert (record.ref, record.version, record.at, record.kind) == ("91", None, None, "dossier")
    assert (record.body["id"], record.body["trangThai"], record.body["module"]) == ("91", "1", "KS")
    assert record.body["maHoSo"] == code()
    assert record.body["so"] is None


@pytest.mark.parametrize("written", ["20/11/2026", "2026-11-20", " 20/11/2026 \ufeff"])
def test_the_day_of_the_entry_is_read_in_either_form(bench: Bench, written: str) -> None:
    """The contract names no form for ngayDangKy: the envelopes' and the document's are read."""
    bench.ministry.says(LIST, listed(91))
    bench.ministry.says(MANY, shown(row(trangThai=4, so=15, ngayDangKy=written)))
    (record,) = good(bench.round()[0])
    assert (record.body["ngayDangKy"], record.body["so"]) == ("2026-11-20", "15")


@pytest.mark.parametrize("fault", [Fault.BOM, Fault.NFD])
@pytest.mark.parametrize("operation", [LIST, MANY])
def test_marks_and_decomposed_letters_make_no_other_record(
    bench: Bench, fault: Fault, operation: str
) -> None:
    """The same record read carelessly is the same record."""
    bench.filed()
    clean = good(bench.round()[0])
    bench.ministry.faults.next(fault, operation=operation)
    assert good(bench.round()[0]) == clean
    assert unicodedata.is_normalized("NFC", clean[0].body["nksHoTen"])


def test_a_byte_order_mark_inside_the_text_of_a_list_is_forgiven(bench: Bench) -> None:
    """JSON inside JSON: the mark may stand before either."""
    bench.ministry.says(LIST, {"status": 1, "value": "\ufeff[]"})
    assert bench.adapter.changes(None).records == ()


def test_what_is_asked_for_comes_with_the_record(bench: Bench) -> None:
    """Of a dossier that needs a supplement the ministry is asked what it needs."""
    bench.filed(1, 2)
    bench.ministry.move(bench.held(2)["ref"], "2", "Thiếu giấy chứng sinh")
    first, second = good(bench.round()[0])
    assert "traTrangThaiHoSo" not in first.body
    assert second.body["traTrangThaiHoSo"] == {"value": "Thiếu giấy chứng sinh"}
    assert bench.ministry.asked("traTrangThaiHoSo") == [{"maDonVi": 3613669, "maHoSo": code(2)}]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 2},
        {"status": "2", "value": ""},
        {"status": 2, "value": {"x": 1}},
        {"status": 3, "value": "không liên quan"},
        {"status": 0, "errorCode": "201"},
    ],
)
def test_a_supplement_without_words_is_told_without(bench: Bench, answer: Any) -> None:
    """Nothing said, or the state is another one by now: the record has no words of it."""
    bench.filed()
    bench.ministry.move(bench.held()["ref"], "2")
    bench.ministry.says("traTrangThaiHoSo", answer)
    (record,) = good(bench.round()[0])
    assert not (record.body.get("traTrangThaiHoSo") or {}).get("value")
    assert record.body["trangThai"] == "2"


def test_a_registered_birth_comes_with_its_entry(bench: Bench) -> None:
    """so, quyenSo, trangSo, ngayDangKy stand in the record; nobody else is asked."""
    bench.filed()
    bench.ministry.move(bench.held()["ref"], "4")
    (record,) = good(bench.round()[0])
    entry = [record.body[name] for name in ("so", "quyenSo", "trangSo", "ngayDangKy")]
    assert entry == ["1", "01/2026", "1", "2026-11-20"]
    assert bench.ministry.calls["ketQuaDangKyHS"] == 0


def test_an_entry_that_the_record_lacks_is_asked_for(bench: Bench) -> None:
    """A record of ours in state 4 without its entry: ``ketQuaDangKyHS`` has it."""
    bench.filed()
    bench.ministry.move(bench.held()["ref"], "4")
    bench.ministry.says(MANY, shown(row(maHoSo=code(), trangThai="4")))
    (record,) = good(bench.round()[0])
    assert (record.body["so"], record.body["ngayDangKy"]) == ("1", "2026-11-20")


def test_an_entry_that_is_not_there_yet_is_no_fault(bench: Bench) -> None:
    """200, not complete: the record says what it says."""
    bench.filed()
    bench.ministry.says(MANY, shown(row(maHoSo=code(), trangThai=4)))
    (record,) = good(bench.round()[0])
    assert record.body["so"] is None


def test_what_was_registered_there_is_not_asked_about(bench: Bench) -> None:
    """Without our code there is nothing to ask by, whatever its state."""
    for state, ref in zip("24", bench.ministry.file_own(2), strict=True):
        bench.ministry.move(ref, state, "Thiếu giấy tờ")
    assert [one.body["maHoSo"] for one in good(bench.round()[0])] == [None, None]
    assert set(bench.ministry.calls) == {"token", LIST, MANY}


# --- past what can't be read ---------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.DUPLICATE, Fault.REORDER])
@pytest.mark.parametrize("operation", [LIST, MANY])
def test_rows_that_come_twice_or_in_disorder_do_no_harm(
    bench: Bench, fault: Fault, operation: str
) -> None:
    """Every record is handed over once."""
    refs = bench.ministry.file_own(5)
    bench.ministry.faults.next(fault, operation=operation)
    pages, _ = bench.round()
    assert sorted(one.ref for one in good(pages)) == refs
    assert len(pages[0].records) == 5


@pytest.mark.parametrize("broken", [{"khong": "phai"}, None, 5, "x", {"id": True}, {"id": "không"}])
def test_a_record_that_cannot_be_read_stops_no_neighbour(bench: Bench, broken: Any) -> None:
    """It is told apart, its neighbours are read, and the one it should have been is named."""
    bench.ministry.says(LIST, listed(91, 92, 93))
    bench.ministry.says(MANY, shown(row(91), broken, row(93)))
    page = bench.adapter.changes(None)
    assert [one.ref for one in good([page])] == ["91", "93"]
    names = [one.name for one in page.records if isinstance(one, Unreadable)]
    assert names == [MANY, "92"]


def test_a_record_that_was_taken_away_is_told(bench: Bench) -> None:
    """Listed and not shown: quarantined by its number, until it is shown again."""
    first, second = bench.ministry.file_own(2)
    bench.ministry.take_away(first)
    page = bench.adapter.changes(None)
    missing, read = page.records
    if isinstance(missing, Record):
        missing, read = read, missing
    assert isinstance(missing, Unreadable)
    assert (missing.name, missing.field) == (first, "id")
    assert isinstance(read, Record)
    assert read.ref == second


def test_rows_of_the_list_that_are_none_are_told_once_a_round(bench: Bench) -> None:
    """A row without a number is told by its place; the others are read."""
    bench.ministry.file_own(60)
    whole = [{"id": one["ref"]} for one in bench.ministry.records()]
    bench.ministry.says(LIST, {"status": 1, "value": orjson.dumps([7, {}, *whole]).decode()})
    pages, _ = bench.round()
    strange = [one.name for page in pages for one in page.records if isinstance(one, Unreadable)]
    assert strange == ["dsHoSoDangKy, row 1", "dsHoSoDangKy, row 2"]
    assert len(good(pages)) == 60


def test_no_reason_shows_a_person(bench: Bench) -> None:
    """What is said of a broken row holds none of its values."""
    bench.ministry.says(LIST, listed(91))
    bench.ministry.says(MANY, shown({"nksHoTen": PERSONAL[0], "id": PERSONAL[2] + "x"}))
    page = bench.adapter.changes(None)
    assert not [one for one in page.records if PERSONAL[0] in repr(one) or PERSONAL[2] in repr(one)]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.LOST_ANSWER, Retryable),
        (Fault.TRUNCATED, Retryable),
        (Fault.ERROR_500, Retryable),
        (Fault.ERROR_502, Retryable),
        (Fault.HTML_200, ContractBroken),
        (Fault.PAGE_503, Maintenance),
        (Fault.TOO_MANY, Retryable),
    ],
)
@pytest.mark.parametrize("operation", [LIST, MANY, "traTrangThaiHoSo"])
def test_a_page_that_cannot_be_had_is_asked_for_again(
    bench: Bench, operation: str, fault: Fault, kind: type[AdapterError]
) -> None:
    """The error is told as what it is, and the same cursor gives the page then."""
    bench.filed()
    bench.ministry.move(bench.held()["ref"], "2", "Thiếu giấy chứng sinh")
    bench.ministry.faults.next(fault, operation=operation)
    with pytest.raises(AdapterError) as caught:
        bench.adapter.changes(None)
    assert type(caught.value) is kind
    (record,) = good([bench.adapter.changes(None)])
    assert record.body["traTrangThaiHoSo"]["value"] == "Thiếu giấy chứng sinh"


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        (LIST, {"status": 1, "value": []}),
        (LIST, {"status": 1, "value": "{}"}),
        (LIST, {"status": 1, "value": "["}),
        (LIST, {"status": 1}),
        (LIST, {"khong": "phai"}),
        (LIST, []),
        (MANY, {"status": 1, "value": "[]"}),
        (MANY, {"status": 1}),
        (LIST, {"status": 0, "errorCode": "500"}),
        (MANY, {"status": 0, "errorCode": "302"}),
    ],
)
def test_a_page_that_breaks_the_contract_is_told_so(
    bench: Bench, operation: str, answer: Any
) -> None:
    """A list that is no text of a list, or a question that is refused, is never an empty page."""
    bench.ministry.file_own()
    bench.ministry.says(operation, answer)
    with pytest.raises(ContractBroken):
        bench.adapter.changes(None)
    assert len(bench.adapter.changes(None).records) == 1


def test_a_unit_the_ministry_does_not_know_holds_the_system(bench: Bench) -> None:
    """106 on a read is the login's fault too, and names the option."""
    bench.filed()
    bench.ministry.move(bench.held()["ref"], "2")
    bench.ministry.refuse("traTrangThaiHoSo", "106")
    with pytest.raises(AuthFailed, match="agency"):
        bench.adapter.changes(None)


def test_two_threads_read_the_feed_at_once(bench: Bench) -> None:
    """Each reads its own round to the end, whole."""
    refs = bench.ministry.file_own(120)
    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(lambda _: good(bench.round()[0]), range(8)))
    assert [[one.ref for one in records] for records in rounds] == [refs] * 8


# --- one record, and a list of days --------------------------------------------------------------


def test_one_record_is_fetched_by_its_number(bench: Bench) -> None:
    """As the feed shows it, with what is asked for."""
    bench.filed()
    ref = bench.held()["ref"]
    bench.ministry.move(ref, "2", "Thiếu giấy chứng sinh")
    assert [bench.adapter.fetch(ref)] == good(bench.round()[0])
    assert bench.ministry.asked("traHoSo") == [{"module": "KS", "maHoSo": 91}]


@pytest.mark.parametrize("ref", ["777", "không", "", "-1", "9.1", "²"])
def test_a_number_nobody_has_is_nothing(bench: Bench, ref: str) -> None:
    """None for a number the ministry does not know, and for what is no number."""
    assert bench.adapter.fetch(ref) is None


@pytest.mark.parametrize("value", [{"id": 92}, {}, [], "x", None])
def test_another_record_than_was_asked_for_is_a_broken_answer(bench: Bench, value: Any) -> None:
    """The number is compared, and what is no record is none."""
    bench.ministry.says("traHoSo", {"status": 1, "value": value})
    with pytest.raises(ContractBroken):
        bench.adapter.fetch("91")


def test_days_are_listed_in_pages(bench: Bench) -> None:
    """All that was created or changed since a day, 50 a page, none left out."""
    refs = bench.ministry.file_own(70)
    since, until = date(2026, 11, 20), date(2026, 11, 20)
    first = bench.adapter.list(since, until, None)
    second = bench.adapter.list(since, until, first.cursor)
    assert [one.ref for one in good([first, second])] == refs
    assert (first.more, second.more) == (True, False)
    assert bench.ministry.asked(LIST)[-1]["ngayCapNhat"] == "20/11/2026"
    assert bench.adapter.list(date(2026, 11, 21), until, None).records == ()


def test_an_answer_of_another_kind_is_no_page(bench: Bench) -> None:
    """A 404 of the gateway is no empty feed."""
    bench.ministry.says(LIST, as_json({"fault": "no such path"}, 404))
    with pytest.raises(Retryable):
        bench.adapter.changes(None)


def test_a_command_and_its_record_are_the_same_birth(bench: Bench) -> None:
    """What was sent stands in the record field by field."""
    bench.filed()
    (record,) = good(bench.round()[0])
    sent = {**command().body}
    sent.pop("ngayTiepNhan")
    assert {name: record.body[name] for name in sent} == sent
