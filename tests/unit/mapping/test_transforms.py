"""Each transform goes both ways as its table says, and refuses without showing the value."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping.errors import Unfit
from bridge.mapping.gathers import KINDS
from bridge.mapping.listed import LISTED
from bridge.mapping.transforms import Codes, Transform

CODES = {
    "sex": Codes({"Nam": "male", "Nữ": "female"}, {"male": "Nam", "female": "Nữ"}, partial=False),
    "some": Codes({"1": 2}, {7: "HUY"}, partial=True),
}

BOTH_WAYS: list[tuple[str, Any, Any, Any]] = [
    ("trim", None, "a", "a"),
    ("nfc", None, "ă", "ă"),
    ("code", "sex", "female", "Nữ"),
    ("partial_date", "%d/%m/%Y", "1990-02-01", "01/02/1990"),
    ("partial_date", "%d/%m/%Y", "1990-02", "02/1990"),
    ("partial_date", "%d/%m/%Y", "1990", "1990"),
    ("partial_date", "%Y%m%d", "1990-02", "199002"),
    ("partial_date", "%Y%m%d", "1990", "1990"),
    ("partial_date", "%Y-%m-%d", "2000-02-29", "2000-02-29"),
    ("date", "%d/%m/%Y", "2026-02-28", "28/02/2026"),
    ("datetime", "%Y%m%d%H%M%S", "2026-11-20T09:15:00.000+07:00", "20261120091500"),
    ("datetime", "%d/%m/%Y %H:%M", "2026-11-20T09:15:00.000+07:00", "20/11/2026 09:15"),
    ("datetime", "%d/%m/%Y", "2026-11-20T00:00:00.000+07:00", "20/11/2026"),
    ("datetime", "iso", "2026-11-20T09:15:00.250+07:00", "2026-11-20T09:15:00.250+07:00"),
    ("number", None, 7, "7"),
    ("flag", None, True, "1"),
    ("flag", None, False, "0"),
    ("amount", None, 115000, "115000"),
    ("amount", None, "115000.5", "115000.5"),
    ("max_length", 3, "Nữa", "Nữa"),
    ("cut", 3, "abc", "abc"),
]

OUTWARD: list[tuple[str, Any, Any, Any]] = [
    ("datetime", "%Y%m%d%H%M%S", "2026-11-20T02:15:00Z", "20261120091500"),
    ("datetime", "%Y%m%d%H%M%S", "2026-11-20T09:15:59.999+07:00", "20261120091559"),
    ("datetime", "iso", "2026-11-20T09:15:00", "2026-11-20T09:15:00.000+07:00"),
    ("code", "some", 4, None),
    ("code", "some", [1], None),
    ("cut", 5, "abcd efg", "abcd"),
    ("amount", None, 1000000000000000000000, "1000000000000000000000"),
    ("content", None, "d1", {"document": "d1"}),
    ("address", None, "d1", {"address": "d1"}),
    ("const", "x", [], "x"),
    ("first_of", None, [None, "b", "c"], "b"),
    ("first_of", None, [None, None], None),
    ("or_status_name", None, [None, 5], "Yêu cầu bổ sung giấy tờ"),
    ("or_status_name", None, ["ghi chú", 5], "ghi chú"),
    ("or_status_name", None, [None, None], None),
    ("present", None, ["x"], "1"),
    ("present", None, [None], "0"),
    ("any", None, [[{}]], "1"),
    ("any", None, [[]], "0"),
    ("any", None, [None], "0"),
    ("first", "a", [[{"a": None}, {"a": 2}]], 2),
    ("first", "a", [None], None),
    ("total", "a", [[{"a": 100000}, {"a": "0.5"}, {}]], "100000.5"),
    ("total", "a", [[{"a": 100000}, {"a": 900000}]], "1000000"),
    ("total", "a", [[]], None),
]

INWARD: list[tuple[str, Any, Any, Any]] = [
    ("datetime", "iso", "2026-11-20T02:15:00Z", "2026-11-20T09:15:00.000+07:00"),
    ("datetime", "iso", "2026-11-20T09:15:00", "2026-11-20T09:15:00.000+07:00"),
    ("datetime", "iso", "2026-11-20T09:15:00.1239999+07:00", "2026-11-20T09:15:00.123+07:00"),
    ("code", "some", 1, 2),
    ("flag", None, "True", True),
    ("amount", None, "115000.00", 115000),
    ("number", None, "-3", -3),
]

SECRET = "Nguyễn Bí Mật 036"
REFUSED: list[tuple[str, Any, str, Any]] = [
    *(("partial_date", "%d/%m/%Y", "lift", bad) for bad in
      ("31/02/2026", "1/2/1990", "01-02-1990", "13/1990", "0000", "90", "٠١/٠٢/١٩٩٠", SECRET)),
    *(("partial_date", "%d/%m/%Y", "lower", bad) for bad in
      ("199", "1990-2", "1990-13", "2026-02-31", "01/02/1990", SECRET)),
    *(("date", "%d/%m/%Y", "lift", bad) for bad in ("31/02/2026", "02/2026", "2026")),
    *(("date", "%d/%m/%Y", "lower", bad) for bad in ("20260228", "2026-02-31", "2026-02")),
    *(("datetime", "%Y%m%d%H%M%S", "lift", bad) for bad in
      ("2026112009150", "20261131091500", "20261120251500", "20261120240000", "2026-11-20T09:15:00", SECRET)),
    *(("datetime", "%Y%m%d%H%M%S", "lower", bad) for bad in ("2026-11-20", SECRET, "20261120")),
    *(("datetime", "iso", "lift", bad) for bad in
      ("2026-11-20", "20261120", "2026-W47-5", "2026-11-20T24:00:00", "9999-12-31T23:59:59-12:00", SECRET)),
    ("code", "sex", "lift", SECRET),
    ("code", "sex", "lower", SECRET),
    ("code", "sex", "lower", [SECRET]),
    *(("number", None, "lift", bad) for bad in (True, 2.5, "1.0", "１", "", "1-", "9" * 5000, SECRET)),
    ("number", None, "lower", SECRET),
    *(("flag", None, "lift", bad) for bad in ("2", SECRET)),
    ("flag", None, "lower", SECRET),
    *(("amount", None, "lift", bad) for bad in ("NaN", "Infinity", "1e999999", "1e-999999", SECRET)),
    ("amount", None, "lower", SECRET),
    ("max_length", 3, "lower", SECRET),
    ("total", "a", "lower", [[{"a": SECRET}]]),
]  # fmt: skip


def _made(name: str, argument: Any) -> Transform:
    return KINDS[name].make(argument, CODES)


@pytest.mark.parametrize(("name", "argument", "ours", "theirs"), BOTH_WAYS)
def test_both_ways(name: str, argument: Any, ours: Any, theirs: Any) -> None:
    """A value goes out as the contract writes it, and comes back as it was."""
    made = _made(name, argument)
    assert made.lower is not None
    assert made.lift is not None
    assert made.lower(ours) == theirs
    assert made.lift(theirs) == ours


@pytest.mark.parametrize(("name", "argument", "ours", "theirs"), OUTWARD)
def test_outward(name: str, argument: Any, ours: Any, theirs: Any) -> None:
    """What does not come back the same, or not at all, still goes out as declared."""
    made = _made(name, argument)
    assert made.lower is not None
    assert made.lower(ours) == theirs


@pytest.mark.parametrize(("name", "argument", "theirs", "ours"), INWARD)
def test_inward(name: str, argument: Any, theirs: Any, ours: Any) -> None:
    """What a ministry writes otherwise than we would is read all the same."""
    made = _made(name, argument)
    assert made.lift is not None
    assert made.lift(theirs) == ours


@pytest.mark.parametrize(("name", "argument", "way", "value"), REFUSED)
def test_what_does_not_fit_is_refused_without_the_value(
    name: str, argument: Any, way: str, value: Any
) -> None:
    """A refusal says what was expected, in both languages, and never what was found."""
    step = getattr(_made(name, argument), way)
    with pytest.raises(Unfit) as caught:
        step(value)
    reason = caught.value.reason
    assert reason.text
    assert reason.text_vi
    assert SECRET not in f"{caught.value} {reason} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_every_transform_is_in_the_tables_above() -> None:
    """No transform goes untested; those of code lists are in ``test_listed``."""
    tables = [*BOTH_WAYS, *OUTWARD, *INWARD]
    assert {one[0] for one in tables} | set(LISTED) == set(KINDS)


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("datetime", "%H:%M"),
        ("datetime", "%Y%m"),
        ("datetime", "%Y%Y%m%d"),
        ("datetime", "%Y%m%d%Z"),
        ("date", "soon"),
        ("partial_date", "%Y%m%d%H"),
        ("partial_date", "%Y"),
        ("max_length", 0),
        ("max_length", "3"),
        ("cut", True),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused_when_it_is_read(
    name: str, argument: Any
) -> None:
    """A mapping with a form or a limit that can't work does not compile."""
    with pytest.raises(ValueError, match=r"."):
        _made(name, argument)


def test_a_refusal_is_made_anew_each_time() -> None:
    """An exception that is kept grows a traceback with every record refused, for years."""
    lift = _made("number", None).lift
    assert lift is not None
    raised = []
    for _ in range(2):
        with pytest.raises(Unfit) as caught:
            lift("x")
        raised.append(caught.value)
    assert raised[0] is not raised[1]


FORMS = st.sampled_from(["%d/%m/%Y", "%Y%m%d", "%Y-%m-%d", "%d.%m.%Y"])
DAYS = st.dates(min_value=date(1, 1, 1))


@given(form=FORMS, day=DAYS, known=st.sampled_from([4, 7, 10]))
def test_any_birth_date_comes_back(form: str, day: date, known: int) -> None:
    """As much of a date as is known goes out and comes back, in every form."""
    made = _made("partial_date", form)
    value = day.isoformat()[:known]
    assert made.lower is not None
    assert made.lift is not None
    assert made.lift(made.lower(value)) == value


@given(moment=st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 1, 1)))  # noqa: DTZ001
def test_any_second_comes_back(moment: datetime) -> None:
    """A time goes out in 14 digits and comes back to the second, the same as strftime writes it."""
    made = _made("datetime", "%Y%m%d%H%M%S")
    value = f"{moment.isoformat(timespec='milliseconds')}+07:00"
    assert made.lower is not None
    assert made.lift is not None
    assert made.lower(value) == moment.strftime("%Y%m%d%H%M%S")
    assert made.lift(made.lower(value)) == f"{value[:19]}.000+07:00"


@given(
    moment=st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9998, 1, 1)),  # noqa: DTZ001
    offset=st.integers(-12, 14),
)
def test_an_offset_is_an_offset(moment: datetime, offset: int) -> None:
    """A time in any offset is the same instant in Vietnam's."""
    made = _made("datetime", "iso")
    sign = "-" if offset < 0 else "+"
    assert made.lift is not None
    read = made.lift(f"{moment.isoformat()}{sign}{abs(offset):02}:00")
    local = moment + timedelta(hours=7 - offset)
    assert read == f"{local.isoformat(timespec='milliseconds')}+07:00"


@given(st.text())
def test_no_text_crashes_a_reader(text: str) -> None:
    """Whatever a ministry writes where a date or a number is due, it is read or refused."""
    for name, argument in (
        ("partial_date", "%d/%m/%Y"),
        ("date", "%Y%m%d"),
        ("datetime", "iso"),
        ("datetime", "%Y%m%d%H%M%S"),
        ("number", None),
        ("flag", None),
        ("amount", None),
        ("code", "sex"),
    ):
        made = _made(name, argument)
        for way in (made.lift, made.lower):
            try:
                assert way is not None
                way(text)
            except Unfit:
                continue
