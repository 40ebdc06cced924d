"""XML without trust: what is refused, what is said about it, and the way to dicts and back."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from lxml import etree

from bridge.sdk.errors import ContractBroken
from bridge.sdk.xml import Schema, Unwritable, from_plain, parse, to_plain
from bridge.sdk.xml_stream import stream

NS = "urn:test"
SECRET = "Nguyễn Thị Bí Mật"
XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:test"
 targetNamespace="urn:test" elementFormDefault="qualified">
 <xs:complexType name="Base"><xs:sequence><xs:element name="code" type="xs:string"/></xs:sequence>
 </xs:complexType>
 <xs:element name="note" type="xs:string"/>
 <xs:element name="list"><xs:complexType><xs:sequence>
  <xs:element name="item" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:complexContent>
   <xs:extension base="t:Base"><xs:sequence>
    <xs:element name="day" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
     <xs:pattern value="[0-9]{8}"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="sex" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
     <xs:enumeration value="M"/><xs:enumeration value="F"/></xs:restriction></xs:simpleType>
    </xs:element>
    <xs:element name="year" type="xs:gYear" minOccurs="0" nillable="true"/>
    <xs:element name="short" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
     <xs:maxLength value="3"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="paper" minOccurs="0" maxOccurs="3"><xs:complexType><xs:simpleContent>
     <xs:extension base="xs:base64Binary"><xs:attribute name="kind" use="required"/>
     </xs:extension></xs:simpleContent></xs:complexType></xs:element>
    <xs:element ref="t:note" minOccurs="0"/>
    <xs:element name="local" type="xs:string" form="unqualified" minOccurs="0"/>
   </xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:element>
 </xs:sequence><xs:attribute name="unit" type="xs:string"/></xs:complexType></xs:element>
</xs:schema>"""


@pytest.fixture(scope="module")
def schema() -> Schema:
    return Schema(lambda: parse(XSD.encode()))


def document(*items: str, unit: str = "") -> bytes:
    inside = "".join(f"<item><code>c</code>{item}</item>\n" for item in items)
    return f'<list xmlns="{NS}"{unit}> {inside}</list>'.encode()


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<?xml version="1.0"?><!DOCTYPE a><a/>',
        '<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>'.encode("utf-16"),
    ],
)
def test_a_doctype_is_refused(content: bytes) -> None:
    """A document with a DOCTYPE is refused, whatever stands in it and however it is encoded."""
    with pytest.raises(ContractBroken, match="DOCTYPE"):
        parse(content)
    with pytest.raises(ContractBroken, match="DOCTYPE"):
        list(stream(io.BytesIO(content), "b"))


def test_an_entity_bomb_is_refused_without_being_built() -> None:
    """Entities that would grow to gigabytes end in a refusal, whole or streamed."""
    steps = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 20}">' for n in range(1, 12))
    for use in ("<r>&a11;</r>", '<r x="&a11;"/>', "<r><item>&a11;</item></r>"):
        bomb = f'<!DOCTYPE r [<!ENTITY a0 "{"x" * 50}">{steps}]>{use}'.encode()
        with pytest.raises(ContractBroken) as whole:
            parse(bomb)
        with pytest.raises(ContractBroken):
            list(stream(io.BytesIO(bomb), "item"))
        assert "xxxx" not in str(whole.value)


def test_a_byte_order_mark_is_tolerated() -> None:
    """A BOM before the declaration, or before nothing at all, changes nothing."""
    for start in (b"", b'<?xml version="1.0" encoding="UTF-8"?>'):
        assert parse(b"\xef\xbb\xbf" + start + "<a>ế</a>".encode()).text == "ế"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (f"<a>\n<{SECRET.split(maxsplit=1)[0]}></a>", "line 2: not well-formed XML"),
        (f"<a>{SECRET}", "line 1: not well-formed XML"),
        (f"<a b={SECRET}/>", "line 1: not well-formed XML"),
        (f"<a>{SECRET}</a>{SECRET}", "line 1: not well-formed XML"),
        (f"<a>&{SECRET.split()[1]};</a>", "undeclared entity"),
        ("<a><x:b/></a>", "undefined namespace"),
        (SECRET, "document empty"),
        ("", "document empty"),
    ],
)
def test_what_is_not_well_formed_is_said_by_line_and_rule(content: str, rule: str) -> None:
    """A broken document is named by its line and libxml2's rule, never by its content."""
    with pytest.raises(ContractBroken, match=rule) as refused:
        parse(content.encode())
    assert not set(SECRET.split()) & set(str(refused.value).replace(":", " ").split())


BREACHES = [
    (f"<day>{SECRET}</day>", "list/item[2]/day: not of the form [0-9]{8}"),
    (f"<sex>{SECRET}</sex>", "list/item[2]/sex: not one of 'M', 'F'"),
    ("<sex>set {'X'</sex>", "list/item[2]/sex: not one of 'M', 'F'"),
    ("<day>the pattern 'X'</day>", "list/item[2]/day: not of the form [0-9]{8}"),
    (f"<year>{SECRET}</year>", "list/item[2]/year: not a valid xs:gYear"),
    (f"<short>{SECRET}</short>", "list/item[2]/short: breaks the rule cvc maxlength valid"),
    (f"<other>{SECRET}</other>", "list/item[2]/other: not expected here, where day, sex"),
    (f"<paper>{SECRET}</paper>", "list/item[2]/paper: lacks the attribute kind"),
    (f'<sex q="{SECRET}">M</sex>', "list/item[2]/sex: "),
    (SECRET, "list/item[2]: holds text between its elements"),
]


@pytest.mark.parametrize(("item", "said"), BREACHES)
def test_a_breach_is_placed_and_named_without_its_value(
    schema: Schema, item: str, said: str
) -> None:
    """A breach of the schema is told with line, path and rule; the value stays unsaid."""
    content = document("", item, "")
    found = schema.violations(parse(content))
    assert str(found[0]).startswith(f"line 2: {said}")
    with pytest.raises(ContractBroken) as streamed:
        list(stream(io.BytesIO(content), f"{{{NS}}}item", schema))
    assert str(streamed.value).startswith(f"line 2: {said}")
    for text in (*map(str, found), str(streamed.value)):
        assert SECRET not in text
        assert "'X'" not in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"<list xmlns='{NS}'/>", None),
        (f"<list xmlns='{NS}'><x/></list>", "list/x: not expected here"),
        (f"<list xmlns='{NS}'>{{}}<x/></list>", "list/x: not expected here"),
        (f"<list xmlns='{NS}'><x/>{{}}</list>", "list/x: not expected here"),
        (f"<list xmlns='{NS}'>{{}}<x>{{}}</x></list>", "list/x: not expected here"),
        (f"<list xmlns='{NS}'>{SECRET}{{}}</list>", "list: holds text between its elements"),
        (f"<list xmlns='{NS}'>{{}}{SECRET}</list>", "list: holds text between its elements"),
        (f"<list xmlns='{NS}' u='{SECRET}'>{{}}</list>", "has the attribute u"),
        (f"<list xmlns='{NS}' x:u='{SECRET}'>{{}}</list>", "undefined namespace"),
        (f"<list xmlns='{NS}'>{{}}<item x={SECRET}></list>", "not well-formed"),
        (f"<list xmlns='{NS}'>{{}}</list>{SECRET}", "not well-formed"),
        (f"<other xmlns='{NS}'>{{}}</other>", "not a document of this schema"),
    ],
)
def test_a_stream_checks_what_is_around_its_elements(
    schema: Schema, content: str, said: str | None
) -> None:
    """Root, strangers, loose text and whatever follows are checked as in a whole document."""
    item = "<item><code>c</code></item>"
    many = content.replace("{}", item + " " * 70_000, 1).replace("{}", item).encode()
    for each in (many, content.replace("{}", item).encode()):
        reading = stream(io.BytesIO(each), f"{{{NS}}}item", schema)
        if said is None:
            assert list(reading) == []
            assert schema.violations(parse(each)) == []
            continue
        with pytest.raises(ContractBroken, match=said) as refused:
            list(reading)
        assert SECRET not in str(refused.value)


@pytest.mark.parametrize("before", ["", " ", " " * 20])
def test_text_between_elements_may_be_read_in_any_pieces(schema: Schema, before: str) -> None:
    """Blanks that fall on the borders of the parser's blocks never mix with one another."""
    item = "<item><code>c</code></item>"
    for gap in range(32_600, 32_900, 7):
        content = f"<list xmlns='{NS}'>{before}{(item + ' ' * gap) * 4}{item}</list>".encode()
        assert _streamed(content, schema) == 5
    loose = f"<list xmlns='{NS}'>{before}{(item + ' ' * 40_000) * 2}{SECRET}{item}</list>".encode()
    with pytest.raises(ContractBroken, match="holds text between"):
        _streamed(loose, schema)


def test_streaming_finds_the_same_as_reading_whole(schema: Schema) -> None:
    """Whatever is cut, doubled or flipped in a document, both ways agree whether it is good."""
    rng = Random(7)
    parts = [b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&#0;", b"<![CDATA[", b"]]>", b"<!--"]
    agreed = {True: 0, False: 0}
    long = f"<note>{'word ' * 60}</note>"
    for _ in range(3000):
        content = bytearray(document("<sex>F</sex>", long, "<year>2001</year>"))
        for _ in range(rng.choice((1, 1, 2))):
            at, to = rng.randrange(len(content)), rng.randrange(len(content))
            change = rng.randrange(4)
            if change == 0:
                content[at:at] = rng.choice(parts)
            elif change == 1:
                del content[at : at + rng.randint(1, 30)]
            elif change == 2:
                content[at] = rng.randrange(256)
            else:
                content[at:at] = content[to : to + rng.randint(1, 60)]
        good = []
        for read in (_whole, _streamed):
            try:
                good.append(read(bytes(content), schema))
            except ContractBroken:
                good.append(-1)
        assert good[0] == good[1], bytes(content)
        agreed[good[0] >= 0] += 1
    assert min(agreed.values()) > 100


def _whole(content: bytes, schema: Schema) -> int:
    root = parse(content)
    schema.require(root)
    return len(root)


def _streamed(content: bytes, schema: Schema) -> int:
    return sum(1 for _ in stream(io.BytesIO(content), f"{{{NS}}}item", schema))


def test_a_part_of_a_document_can_be_checked_alone() -> None:
    """An element inside another document is checked, and placed from itself."""
    schema = Schema(lambda: parse(XSD.encode()))
    outer = parse(b"<soap>" + document("", "<sex>x</sex>") + b"</soap>")
    assert schema.violations(outer[0])[0].path == "list/item[2]/sex"


def test_the_place_is_right_far_into_a_long_file(schema: Schema) -> None:
    """The number of the element at fault is right when thousands were read and forgotten."""
    content = document(*["<sex>F</sex>"] * 3000, "<sex>x</sex>", *["<sex>F</sex>"] * 3000)
    with pytest.raises(ContractBroken, match=r"^line 3001: list/item\[3001\]/sex"):
        list(stream(io.BytesIO(content), f"{{{NS}}}item", schema))


def test_a_prefixed_document_is_placed_by_names_too(schema: Schema) -> None:
    """Prefixes, which change how libxml2 writes a path, do not change ours."""
    content = document("", "<sex>x</sex>").decode()
    prefixed = content.replace("<", "<p:").replace("<p:/", "</p:").replace("xmlns=", "xmlns:p=")
    assert schema.violations(parse(prefixed.encode()))[0].path == "list/item[2]/sex"


def test_a_streamed_file_is_forgotten_as_it_is_read(schema: Schema) -> None:
    """While a long file is read, only a few of its elements are in memory."""
    content = io.BytesIO(document(*["<sex>F</sex>"] * 20_000))
    most = 0
    for element in stream(content, f"{{{NS}}}item", schema):
        parent = element.getparent()
        assert parent is not None
        most = max(most, len(parent))
    assert most < 2_000  # the parser reads 32 KiB ahead


def test_a_schema_is_compiled_when_it_is_first_asked(tmp_path: Path) -> None:
    """Making a Schema reads nothing; a missing file is told when it is used."""
    missing = Schema(tmp_path / "missing.xsd")
    with pytest.raises(FileNotFoundError):
        missing.compile()


def test_threads_share_a_schema(schema: Schema) -> None:
    """Threads that check at once each get their own findings."""
    good, bad = document("<sex>M</sex>"), document("", "<sex>x</sex>")

    def check(number: int) -> bool:
        found = schema.violations(parse(bad if number % 2 else good))
        return [v.path for v in found] == (["list/item[2]/sex"] if number % 2 else [])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(check, range(400)))


def test_plain_values_go_there_and_back(schema: Schema) -> None:
    """``from_plain`` undoes ``to_plain``, whatever the order of the keys, and is valid."""
    plain = {
        "item": [
            {"local": "l", "note": "n", "sex": "F", "code": "một",
             "paper": [{"#text": "QQ==", "@kind": "a"}, {"@kind": "b", "#text": ""}]},
            {"code": "hai"},
        ],
        "@unit": "u",
    }  # fmt: skip
    shape = schema.shape("list")
    assert shape.lists == {"item", "paper"}
    element = from_plain(shape, plain)
    assert schema.violations(element) == []
    assert to_plain(parse(etree.tostring(element)), shape.lists) == plain


def test_absent_nil_and_empty_differ(schema: Schema) -> None:
    """None is left out, nil is read as None, an empty element is an empty text."""
    element = from_plain(schema.shape("list"), {"item": [{"code": "", "sex": None}]})
    assert to_plain(element, {"item"}) == {"item": [{"code": ""}]}
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    nil = document(f'<year {xsi} xsi:nil="true"/>')
    assert to_plain(parse(nil), {"item"})["item"][0]["year"] is None


def test_comments_and_cdata_do_not_cut_a_text() -> None:
    """A comment, an instruction or CDATA inside a text leaves the text whole."""
    assert to_plain(parse(b"<a>x<!-- c -->y<?p q?><![CDATA[<z>]]></a>")) == "xy<z>"


def test_an_unknown_name_is_shown_to_the_schema_not_dropped(schema: Schema) -> None:
    """A key the schema does not know is written, so that the check names it."""
    element = from_plain(schema.shape("list"), {"item": [{"code": "c", "colour": "red"}]})
    assert schema.violations(element)[0].path == "list/item/colour"


def test_an_element_twice_where_one_is_expected_is_a_broken_contract() -> None:
    """A repeated element that is not listed as such is told, not half read."""
    with pytest.raises(ContractBroken, match="b stands more than once"):
        to_plain(parse(b"<a><b>1</b><b>2</b></a>"))


@pytest.mark.parametrize("where", ["code", "@unit", "co de"])
def test_a_control_character_is_named_by_its_place(schema: Schema, where: str) -> None:
    """What XML can't carry is told with its path, before anything is written."""
    item = {"code": "c"} if where == "@unit" else {where: "a\x00b"}
    plain = {"item": [item], "@unit": "a\x00b" if where == "@unit" else "u"}
    with pytest.raises(Unwritable) as refused:
        from_plain(schema.shape("list"), plain)
    assert refused.value.path == ("list/@unit" if where == "@unit" else f"list/item/{where}")


def test_numbers_and_flags_are_written_as_xml_writes_them(schema: Schema) -> None:
    """An int is its digits, a bool true or false."""
    element = from_plain(schema.shape("list"), {"item": [{"code": 7}, {"code": True}]})
    assert to_plain(element, {"item"}) == {"item": [{"code": "7"}, {"code": "true"}]}
