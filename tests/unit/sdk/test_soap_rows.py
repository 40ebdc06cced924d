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


DEEPER = Schema(
    lambda: parse(
        b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x"
            elementFormDefault="qualified"><xs:element name="Kq"><xs:complexType><xs:sequence>
            <xs:element name="Ds" maxOccurs="2"><xs:complexType><xs:sequence>
            <xs:element name="R" type="xs:int" minOccurs="0" maxOccurs="2"/>
            <xs:element name="Het" type="xs:boolean"/></xs:sequence></xs:complexType></xs:element>
            </xs:sequence></xs:complexType></xs:element></xs:schema>"""
    )
)


def test_rows_may_stand_deeper_and_in_several_lists() -> None:
    """Each is judged where it stood, and an answer of two lists is as good as one of one."""
    lists = ("<R>1</R><R>hai</R>", "<R>ba</R><R>4</R>")
    inside = "".join(f"<Ds>{one}<Het>true</Het></Ds>" for one in lists)
    element = parse(f'<Kq xmlns="urn:x">{inside}</Kq>'.encode())
    found = rows(DEEPER, element, "{*}Ds/{*}R")
    assert [row.element.text for row in found] == ["1", "hai", "ba", "4"]
    assert [row.fault is None for row in found] == [True, False, False, True]
    assert DEEPER.violations(element) == []
