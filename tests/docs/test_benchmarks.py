"""What the benchmarks measure beside one another does the same work."""

from __future__ import annotations

import pytest

from benchmarks import by_hand, mapping, match, with_glom, with_jsonata
from benchmarks.mapping import Way

LENS = mapping.portal()


@pytest.mark.parametrize(
    ("lower", "lift"),
    [
        (lambda fields: LENS.lower(fields).body, LENS.lift),
        (with_glom.lower, with_glom.lift),
        (with_jsonata.lower, with_jsonata.lift),
    ],
    ids=["lens", "glom", "jsonata"],
)
def test_each_way_of_the_mapping_benchmark_makes_the_same_record(lower: Way, lift: Way) -> None:
    """The lens and either library make what the function written by hand makes, both ways."""
    ours = mapping.record(LENS)
    body = by_hand.lower(ours)
    assert mapping.leaves(body) == mapping.FIELDS
    assert mapping.proved(lower, ours, body) is lower
    assert mapping.proved(lift, body, by_hand.lift(body)) is lift


def test_the_matching_benchmark_says_what_it_could_not_measure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without the libraries it measures the bridge alone, and says so; nor is their absence a failure."""
    assert match.main(["--size", "300"]) == 0
    us, forms, splink, dedupe = capsys.readouterr().out.splitlines()[1:]
    assert us.startswith("bridge")
    assert "precision 1.00000" in us
    assert "comparable form" in forms
    assert "splink   not measured: --rivals names no" in splink
    assert "dedupe   not measured: --rivals names no" in dedupe
