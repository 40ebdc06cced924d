"""The page of a comparison, read as a browser reads it."""

from __future__ import annotations

import io
import re
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from lxml import html
from lxml.html import HtmlElement

from bridge.domain.comparison import Comparison, Kind, Placed
from bridge.reports import Look, write_html
from bridge.reports.page import MOST_DOSSIERS
from bridge.reports.tally import tally
from bridge.reports.words import KINDS, MEANINGS
from tests.discretion import leaks
from tests.unit.reports.invented import (
    EN,
    HOSTILE,
    PEOPLE,
    VI,
    VI_OPEN,
    compared,
    earlier,
    placed,
    rows,
)

ENGLISH = re.compile(
    r"\b(the|and|one-stop|ministry|of|is|not|count|share|field|dossiers?|kind|compared|owner)\b",
    re.IGNORECASE,
)


def text_of(look: Look, found: Sequence[Placed] | None = None, *, trend: bool = True) -> str:
    found = rows() if found is None else found
    out = io.StringIO()
    write_html(out, compared(found), found, look, earlier() if trend else ())
    return out.getvalue()


def page_of(look: Look, found: Sequence[Placed] | None = None) -> HtmlElement:
    return html.document_fromstring(text_of(look, found))


@pytest.fixture(scope="module")
def masked() -> HtmlElement:
    return page_of(VI)


@pytest.fixture(scope="module")
def shown() -> HtmlElement:
    return page_of(VI_OPEN)


def words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def cells(page: HtmlElement, table: str) -> list[list[str]]:
    return [
        [words(cell) for cell in row]
        for row in page.xpath(f'//table[contains(@class, "{table}")]/tbody/tr')
    ]


def field(page: HtmlElement, name: str) -> HtmlElement:
    """Return the row of a field of the first dossier that differs in many."""
    return next(
        row for row in page.xpath('//table[@class="differences"]//tr') if words(row[0]) == name
    )


def test_the_page_needs_nothing_and_may_fetch_nothing(masked: HtmlElement) -> None:
    """No script, no address, no event handler; its own policy forbids what is not in it."""
    policy = masked.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert masked.xpath("//script | //link | //img | //iframe | //a | //form | //base") == []
    assert masked.xpath("//@src | //@href | //@*[starts-with(name(), 'on')]") == []
    assert not re.search(r"url\(|@import", masked.xpath("string(//style)"))


def test_every_value_is_escaped(shown: HtmlElement) -> None:
    """Markup in a value is its text; what steers a terminal or turns the writing is replaced."""
    value = words(field(shown, "cơ quan giải quyết")[2])
    assert value.startswith("=cmd|' /C calc'!A0 <script>alert(1)</script> & \"x\" \ufffd[31m")
    assert "\u202e" not in value
    hostile = replace(VI, titles={"gplx": HOSTILE, "000.11.22.H40": HOSTILE, "1.002835": HOSTILE})
    page = page_of(hostile)
    assert page.xpath("//script") == []
    told = words(page.xpath("//header")[0])
    assert HOSTILE.partition("\x1b")[0].strip() in told
    assert not re.search("[\x1b\u202e]", words(page))


def test_no_personal_value_is_in_a_page_without_values() -> None:
    """Not one name, number, address or date of a person; with values all of them are there."""
    names = [one for one in PEOPLE if not one.startswith("1988")]
    dates = ["03/02/1988", "02/03/1988"]
    text = re.sub(r"</?(ins|del|mark)[^>]*>", "", text_of(VI))
    assert leaks([text], [*names, *dates]) == []
    text = re.sub(r"</?(ins|del|mark)[^>]*>", "", text_of(VI_OPEN))
    assert len({leak for leak in leaks([text], [*names, *dates]) if leak}) >= len(dates)
    assert [one for one in [*names[:6], *dates] if one not in text] == []


def test_a_masked_value_tells_where_it_differs(masked: HtmlElement) -> None:
    """The word of a name, the part of a date; that one side has none; and in what they differ."""
    name, other = field(masked, "họ tên người nộp")[1:3]
    assert (words(name), name.xpath("string(ins)")) == ("••• ••• •••", "•••")
    assert other.xpath("count(del)") == 1
    assert field(masked, "ngày sinh của người nộp")[1].xpath("count(ins)") == 2
    assert words(field(masked, "điện thoại của người nộp")[2]) == "(để trống)"
    assert words(field(masked, "họ tên người nộp")[4]).startswith("vị trí dấu thanh")


def test_what_differs_is_marked_by_who_gives_way(shown: HtmlElement) -> None:
    """The owner's is inserted, the other's deleted; where a person decides both are marked alike."""
    note = field(shown, "ghi chú trạng thái")
    assert note[1].xpath("del/text()") == ["C", "g"]
    assert note[2].xpath("ins/text()") == ["c", "G"]
    assert words(field(shown, "trạng thái")[1]) == "4 Đang xử lý"
    assert [len(cell.xpath("mark")) for cell in field(shown, "trạng thái")[1:3]] == [1, 1]
    assert field(shown, "địa chỉ của người nộp")[2].xpath("string(del[@class='space'])") == "·"
    assert words(field(shown, "ngày hẹn trả")[1]) == "20/11/2026 09:15:00"
    assert "số dòng hai bên giống nhau: 1" in words(field(shown, "giấy tờ kèm theo")[2])
    assert field(shown, "tên thủ tục").xpath(".//ins | .//del | .//mark") == []


def test_the_counts_are_those_of_the_comparison(masked: HtmlElement) -> None:
    """By kind, by unit, by procedure and by day the same sums, and what is to be done is counted."""
    found = compared(rows())
    kinds = {row[0]: int(row[1]) for row in cells(masked, "kinds")}
    assert kinds == {VI.say(KINDS[kind]): count for kind, count in found.counts.items()}
    for table in ("units", "procedures", "days"):
        assert sum(int(row[1]) for row in cells(masked, table)) == found.compared
    assert ["Bộ chưa có", "gửi lại cho bộ như gửi lần đầu", "cầu nối", "2"] in cells(
        masked, "deeds"
    )
    assert "14 hồ sơ (6,2%)" in words(masked.xpath('//p[@class="verdict"]')[0])
    assert "Lần đối soát trước (21:30 ngày 26/11/2026): 11" in words(masked)
    assert len(cells(masked, "times")) == 6
    bars = masked.xpath('//section[@id="days"]//*[name()="g"]/*[name()="title"]/text()')
    assert len(bars) == 28
    assert bars[-1] == "(không rõ): 0 trong 1 chưa khớp"


@pytest.mark.parametrize("look", [VI, EN])
def test_the_page_is_whole_in_its_language(look: Look) -> None:
    """Its ``lang``, its title, every kind with its meaning; no word of the other language."""
    page = page_of(look)
    assert page.get("lang") == look.language
    assert len(page.xpath("//h1")) == 1
    told = words(page)
    assert [kind for kind in Kind if look.say(MEANINGS[kind]) not in told] == []
    if look is VI:
        strange = [one for one in ours(page) if ENGLISH.search(one)]
        assert strange == []
    else:
        assert "2026-11-27" in told
        assert "6.2%" in told
        assert "khớp" not in told


def ours(page: HtmlElement) -> Iterator[str]:
    """Yield the texts of a page that are its own: no values, no codes."""
    for text in page.xpath('//body//text()[not(ancestor::td[@class="value"] | ancestor::code)]'):
        yield re.sub(r"\(gplx\)|\b(name|date)\b", "", str(text))


def test_tables_have_heads_for_those_who_hear_them(masked: HtmlElement) -> None:
    """Each table has a caption, each head its scope, the page its landmarks, a drawing its words."""
    for table in masked.xpath("//table"):
        assert words(table.find("caption"))
    assert {th.get("scope") for th in masked.xpath("//th")} == {"col", "row"}
    assert len(masked.xpath("//main")) == len(masked.xpath("//header")) == 1
    drawings = masked.xpath('//*[name()="svg"]')
    assert len(drawings) == 2
    assert all(one.get("role") == "img" and one.get("aria-label") for one in drawings)


def test_much_is_cut_to_what_a_person_can_read() -> None:
    """Of a kind so many are shown and the rest is counted; of units those that differ most."""
    different = [row for row in rows() if getattr(row.finding, "fields", ())][1]
    many = [
        replace(different, place=replace(different.place, unit=f"000.{n:02d}.22.H40"))
        for n in range(60)
    ] * 10
    page = page_of(VI, many)
    assert len(page.xpath('//details[@id="different"]/details')) == MOST_DOSSIERS
    assert page.xpath('//details[@id="different"]/@open') == []
    assert "400 hồ sơ còn lại xem trong tệp CSV" in words(page)
    units = cells(page, "units")
    assert (len(units), units[-1][0], units[-1][1]) == (41, "Nơi khác (20)", "200")


def test_a_long_period_is_drawn_by_months_and_an_empty_one_says_so() -> None:
    """Two years are months, nothing compared is a sentence; neither breaks the page."""
    counts = {Kind.DIFFERENT: 1, Kind.IN_STEP: 9}
    days = {f"2026-{month:02d}-{day:02d}": counts for month in range(1, 8) for day in (1, 15)}
    base = compared(rows())
    long = replace(base, since=base.since.replace(month=1), by_day=days)
    out = io.StringIO()
    write_html(out, long, [], VI)
    page: HtmlElement = html.document_fromstring(out.getvalue())
    bars = page.xpath('//*[name()="g"]/*[name()="title"]/text()')
    assert bars[:2] == [
        "01/2026: 2 trong 20 chưa khớp",
        "02/2026: 2 trong 20 chưa khớp",
    ]
    empty = Comparison("gplx", base.since, base.until, base.made_at, {})
    out = io.StringIO()
    write_html(out, empty, iter(()), EN)
    assert "There was nothing to compare on these days." in out.getvalue()


def test_many_rows_take_no_more_memory_than_some_hundreds() -> None:
    """Rows are read once and let go: what is left of them are the first of each kind and counters."""
    found = [row for row in rows() if getattr(row.finding, "fields", ())]

    def left(count: int) -> int:
        fresh = (replace(found[n % len(found)]) for n in range(count))
        tracemalloc.start()
        gathered = tally(fresh, most=200)
        now, _most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert gathered.seen[Kind.DIFFERENT] == count
        return now

    left(300)  # what is made once is made here
    assert left(10_000) < 1.2 * left(1_000)


def test_findings_in_no_place_are_told(masked: HtmlElement) -> None:
    """What nobody knows the day or unit of is counted under a name of its own."""
    found = list(placed(row.finding for row in rows()[-1:]))
    page = page_of(VI, found)
    assert cells(page, "units")[0][0] == "(không rõ)"
    assert "thủ tục của hồ sơ không thuộc hệ thống này" in words(masked)
