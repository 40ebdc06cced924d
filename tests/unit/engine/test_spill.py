from __future__ import annotations

from random import Random

import orjson

from bridge.engine.reconcile.spill import Laid, Spill
from bridge.sdk.records import Record


def laid(number: int, code: str | None, version: int | None = None) -> Laid:
    body = {"TrangThai": "TN", "n": number}
    return Laid(code, Record(f"r{number:03d}", body, version), orjson.dumps(body))


def test_records_come_back_as_they_were_by_the_dossier_they_are_of() -> None:
    """Whatever order they came in; what is taken up is not left over."""
    records = [laid(n, f"c{n % 40:02d}") for n in range(120)]
    Random(3).shuffle(records)
    with Spill() as spill:
        spill.put(records[:50])
        spill.put(records[50:])
        found = spill.take(["c07", "c39", "nobody's"])
        assert {code: [one.ref for one in of_code] for code, of_code in found.items()} == {
            "c07": ["r007", "r047", "r087"],
            "c39": ["r039", "r079", "r119"],
        }
        assert found["c07"][0].body == {"TrangThai": "TN", "n": 7}
        assert spill.take(["c07"]) == {}


def test_what_is_left_comes_page_by_page_and_no_dossier_is_cut_in_two() -> None:
    """Three records of each code and pages of four: each code is whole on its page."""
    left = [laid(n, f"c{n % 9}") for n in range(27)] + [laid(90 + n, None) for n in range(5)]
    with Spill() as spill:
        spill.put(left)
        pages = list(spill.rest(4))
    assert sorted(one.record.ref for page in pages for one in page) == sorted(
        one.record.ref for one in left
    )
    for code in {one.code for one in left if one.code}:
        assert [sum(one.code == code for one in page) for page in pages].count(3) == 1


def test_of_a_record_that_is_listed_twice_the_newest_version_stays() -> None:
    """A list moves while it is read; without versions the later row is the newer."""
    with Spill() as spill:
        spill.put([laid(1, "a", 5), laid(1, "b", 4), laid(2, "x"), laid(2, "y")])
        assert list(spill.take(["a", "b", "x", "y"])) == ["a", "y"]
