"""One bad row of a SOAP answer spoils only itself."""

from __future__ import annotations

import pytest

from bridge.sdk.errors import ContractBroken
from bridge.sdk.soap_rows import rows
from bridge.sdk.xml import Schema, parse

SCHEMA = Schema(
    lambda: parse(
        b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x"
            elementFormDefault="qualified"><xs:element name="Ds"><xs:complexType><xs:sequence>
            <xs:element name="Ngay" type="xs:date"/>
            <xs:element name="R" type="xs:int" minOccurs="0" maxOccurs="unbounded"/>
            <xs:element name="ConNua" type="xs:boolean"/>
            </xs:sequence></xs:complexType></xs:element></xs:schema>"""
    )
)


def answer(inside: str, day: str = "2026-11-26") -> bytes:
    more = "<ConNua>true</ConNua>"
    return f'<Ds xmlns="urn:x"><Ngay>{day}</Ngay>{inside}{more}</Ds>'.encode()


@pytest.mark.parametrize(
    ("inside", "sound"),
    [
        ("", []),
        ("<R>1</R><R>2</R>", [True, True]),
        ("<R>1</R><R>hai</R><R>3</R>", [True, False, True]),
        ("<R>một</R>", [False]),
    ],
)
def test_each_row_is_judged_alone(inside: str, sound: list[bool]) -> None:
    """Rows come in their order, wherever they stand; what is wrong with one is said without its value."""
    element = parse(answer(inside))
    found = rows(SCHEMA, element, "{urn:x}R")
    assert [row.fault is None for row in found] == sound
    assert all("hai" not in (row.fault or "") and "một" not in (row.fault or "") for row in found)
    assert [str(one.tag) for one in element] == ["{urn:x}Ngay", "{urn:x}ConNua"]


@pytest.mark.parametrize("content", [answer("<R>1</R>", day="hôm qua"), answer("<S>1</S><R>1</R>")])
def test_an_answer_that_breaks_elsewhere_is_none(content: bytes) -> None:
    """What is wrong beside the rows makes the whole answer unreadable."""
    with pytest.raises(ContractBroken):
        rows(SCHEMA, parse(content), "{urn:x}R")


NESTED = Schema(
    lambda: parse(
        b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x"
            elementFormDefault="qualified"><xs:element name="Ds"><xs:complexType><xs:sequence>
            <xs:element name="Nhom" maxOccurs="unbounded"><xs:complexType><xs:sequence>
            <xs:element name="Ten" type="xs:string"/>
            <xs:element name="R" type="xs:int" minOccurs="0" maxOccurs="unbounded"/>
            </xs:sequence></xs:complexType></xs:element>
            </xs:sequence></xs:complexType></xs:element></xs:schema>"""
    )
)


def test_rows_of_several_groups_are_judged_each_in_its_own() -> None:
    """What is wrong in one group spoils no row of another, nor the answer."""
    groups = [("a", ("1", "x", "2")), ("b", ()), ("c", ("y", "3"))]
    inside = "".join(
        f"<Nhom><Ten>{name}</Ten>{''.join(f'<R>{one}</R>' for one in held)}</Nhom>"
        for name, held in groups
    )
    element = parse(f'<Ds xmlns="urn:x">{inside}</Ds>'.encode())
    found = rows(NESTED, element, "{*}Nhom/{*}R")
    assert [(one.element.text, one.fault is None) for one in found] == [
        ("1", True), ("x", False), ("2", True), ("y", False), ("3", True),
    ]  # fmt: skip
    assert NESTED.violations(element) == []
