"""Files inside XML: found by their hash, decoded in pieces, cut where a parser would choke."""

from __future__ import annotations

import gc
import io
from base64 import b64encode, encodebytes
from collections.abc import Iterator
from contextlib import suppress
from ctypes import CDLL, Structure, c_size_t
from random import Random

import pytest

from bridge.sdk.errors import ContractBroken
from bridge.sdk.xml import parse
from bridge.sdk.xml_content import (
    LONGEST_TEXT,
    blocks_of,
    decoded,
    pieces,
    shortened,
    shown_content,
)

PLAIN = Random(3).randbytes(100_000)
SOAP = "<A><TaiLieu><Sha256> AB </Sha256><NoiDung>{}</NoiDung></TaiLieu></A>"


def in_pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


@pytest.mark.parametrize("size", [1, 3, 7, 4096])
def test_base64_in_any_pieces_is_decoded(size: int) -> None:
    """Wrapped or not, padded or not, blanks among it; an empty file is one too."""
    for length in (0, 1, 2, 3, 600):
        for text in (b64encode(PLAIN[:length]).decode(), encodebytes(PLAIN[:length]).decode()):
            assert b"".join(decoded(in_pieces(text, size))) == PLAIN[:length]


@pytest.mark.parametrize("text", ["QUJ", "QUI=QUJD", "QUJ*", "====", "QÝJD", "Q=JD", "QUJDQ"])
@pytest.mark.parametrize("size", [1, 4, 100])
def test_what_is_no_base64_is_told_without_a_word_of_it(text: str, size: int) -> None:
    """A strange letter, padding in the middle, an end in the middle."""
    with pytest.raises(ContractBroken, match=r"^the content of the file is no base64$"):
        list(decoded(in_pieces(text, size)))


def test_the_content_that_claims_the_hash_is_found() -> None:
    """By an element before it or by an attribute, the first that claims it, and no other's."""
    by_element = SOAP.format("QUJD") + SOAP.format("REVG").replace("AB", "CD")
    whole = f"<B>{by_element}</B>".encode()
    assert b"".join(shown_content(pieces(whole), "NoiDung", "Sha256", "cd")) == b"DEF"
    assert b"".join(shown_content([whole[:70], whole[70:]], "NoiDung", "Sha256", "ab")) == b"ABC"
    by_attribute = b'<D xmlns="urn:x"><T ten="a" sha256="1"/><T sha256="2">Q<!-- -->UJD</T></D>'
    assert b"".join(shown_content([by_attribute], "T", "sha256", "2")) == b"ABC"
    assert b"".join(shown_content([by_attribute], "T", "sha256", "1")) == b""


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"<A/>", "no file with this sha256"),
        (b"<A><T sha256='2'>QUJD", "Premature end|not well-formed"),
        (b"<!DOCTYPE A><A/>", "DOCTYPE"),
        (b"", "not well-formed|no element"),
    ],
)
def test_a_document_without_it_is_told(document: bytes, reason: str) -> None:
    """Not there, cut off, hostile or empty: said in words, and not taken for a file."""
    with pytest.raises(ContractBroken, match=reason):
        list(shown_content([document], "T", "sha256", "2"))


@pytest.mark.skipif(not hasattr(CDLL(None), "mallinfo2"), reason="only glibc 2.33 tells")
@pytest.mark.parametrize(
    "document",
    [
        b"<A><T sha256='2'>QUJD</T>" + b"<B/>" * 30 + b"</A>",
        b"<A><T sha256='2'>QUJD</T><B>",
        b"<A><T sha256='2'>?</T></A>",
        b"<A><T sha256='1'/></A>",
        b"<A><T></A>",
        b"<!DOCTYPE A><A/>",
        b"",
    ],
    ids=["found", "cut off", "no base64", "not there", "not well formed", "hostile", "empty"],
)
def test_nothing_is_left_in_memory_however_it_ends(document: bytes) -> None:
    """A daemon reads a file for each decision: 350 bytes of each were never given back."""

    def read(times: int) -> int:
        for _ in range(times):
            with suppress(ContractBroken):
                list(shown_content([document], "T", "sha256", "2"))
        gc.collect()
        return in_use()

    before = read(500)
    assert read(1000) - before < 100 * 1000


def in_use() -> int:
    """Return how many bytes the C library has handed out."""

    class MallInfo(Structure):
        _fields_ = (
            [(f"_{n}", c_size_t) for n in range(7)] + [("used", c_size_t)] + [("__", c_size_t * 2)]
        )

    told = CDLL(None).mallinfo2
    told.restype = MallInfo
    return int(told().used)


def test_a_text_past_the_parsers_limit_is_read_and_cut() -> None:
    """Twelve million characters are decoded whole; in a tree they are cut, and are base64 still."""
    large = Random(5).randbytes(9_000_000)
    text = encodebytes(large).decode()
    assert len(text) > 10_000_000
    whole = f"<A><T sha256='1'>{text}</T><T sha256='2'>QUJD</T><X>y &gt; z</X></A>".encode()
    assert b"".join(shown_content(pieces(whole), "T", "sha256", "1")) == large
    assert b"".join(shown_content(pieces(whole), "T", "sha256", "2")) == b"ABC"
    first, second, third = parse(b"".join(blocks_of(shortened(io.BytesIO(whole)))))
    kept = (first.text or "").split()
    assert sum(map(len, kept)) == LONGEST_TEXT
    assert large.startswith(b"".join(decoded(kept)))
    assert (second.text, third.text) == ("QUJD", "y > z")


def test_what_is_short_is_left_as_it_is() -> None:
    """Ordinary documents, and those in UTF-16, pass unchanged."""
    for content in (b"<A b='>'>x &lt; y</A>" * 9_000, "<A>đ</A>".encode("utf-16"), b"", b"plain"):
        assert b"".join(blocks_of(shortened(io.BytesIO(content)))) == content
