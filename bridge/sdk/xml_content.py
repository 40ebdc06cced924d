"""Files inside XML: base64 found by the hash beside it, and decoded piece by piece.

libxml2 refuses a text of more than 10 million characters in a tree. Handed on in pieces and never
kept, a text may be of any length.
"""

from __future__ import annotations

import io
from binascii import a2b_base64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, BinaryIO, cast

from lxml import etree

from bridge.domain.said import Said
from bridge.sdk.documents import CHUNK
from bridge.sdk.errors import ContractBroken
from bridge.sdk.xml import SAFE, local_name
from bridge.sdk.xml_words import parse_rule

__all__ = ["blocks_of", "decoded", "pieces", "shortened", "shown_content"]

LONGEST_TEXT = 8_000_000
"""The most characters of one text that are handed to a parser: a multiple of four."""


def shown_content(blocks: Iterable[bytes], element: str, mark: str, sha256: str) -> Iterator[bytes]:
    """Yield the decoded content of the first ``element`` that claims this sha256.

    It claims it in its attribute ``mark``, or in an element of that name before it.

    Raises:
        ContractBroken: there is none, it is no base64, or the document is not well formed.
    """
    return decoded(_texts(blocks, _Finder(element, mark, sha256.lower())))


def decoded(texts: Iterable[str]) -> Iterator[bytes]:
    """Yield what base64 in pieces stands for; blanks in it do not count.

    Raises:
        ContractBroken: it is no base64, or ends in the middle.
    """
    rest, ended = "", False
    for text in texts:
        joined = rest + "".join(text.split())
        whole = len(joined) - len(joined) % 4
        rest = joined[whole:]
        if whole:
            if ended:
                raise ContractBroken(Said("the content of the file is no base64"))
            yield _plain(joined[:whole])
            ended = joined[whole - 1] == "="
    if rest:
        raise ContractBroken(Said("the content of the file is no base64"))


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file in pieces; raises ``OSError``."""
    while block := file.read(CHUNK):
        yield block


def pieces(content: bytes) -> Iterator[bytes]:
    """Yield what is in memory in pieces, so that a parser holds no more than one."""
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


def shortened(file: BinaryIO) -> BinaryIO:
    """Return the file with every very long text cut, so that a parser takes its neighbours.

    What is cut of base64 is base64. Only a text that libxml2 would refuse is cut; a file in UTF-16
    is left as it is.
    """
    return cast("BinaryIO", _Shortened(file))


def _plain(text: str) -> bytes:
    try:
        return a2b_base64(text, strict_mode=True)
    except ValueError:
        raise ContractBroken(Said("the content of the file is no base64")) from None


class _Finder:
    """Hands out the text of the one element that is looked for, as the parser comes upon it."""

    def __init__(self, element: str, mark: str, sha256: str) -> None:
        self._element = element
        self._mark = mark
        self._sha256 = sha256
        self._claimed: list[str] = []
        self._in_mark = False
        self._taking = False
        self._pieces: list[str] = []
        self.found = False
        self.ended = False
        self.has_doctype = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        name = local_name(tag)
        self._in_mark = name == self._mark
        if self._in_mark:
            self._claimed = []
        if name == self._element and not self.found:
            claimed = attributes.get(self._mark, "".join(self._claimed))
            self._taking = self.found = claimed.strip().lower() == self._sha256

    def end(self, tag: str) -> None:
        """End an element."""
        self._in_mark = False
        if self._taking and local_name(tag) == self._element:
            self._taking, self.ended = False, True

    def data(self, text: str) -> None:
        """Take a piece of text."""
        if self._taking:
            self._pieces.append(text)
        elif self._in_mark:
            self._claimed.append(text)

    def doctype(self, *_: object) -> None:
        """Note a DOCTYPE."""
        self.has_doctype = True

    def close(self) -> None:
        """Do nothing: there is no tree."""

    def taken(self) -> list[str]:
        """Return the pieces since the last call."""
        pieces, self._pieces = self._pieces, []
        return pieces


def _texts(blocks: Iterable[bytes], finder: _Finder) -> Iterator[str]:
    """Yield what is found as it comes.

    The parser is closed however that ends, and nothing is raised inside ``feed``: else lxml (6.1) never
    lets go of the empty document it has for a target.
    """
    target: Any = finder
    parser = etree.XMLParser(target=target, **SAFE)
    try:
        for block in blocks:
            parser.feed(block)
            if finder.has_doctype:
                raise ContractBroken("line 1: a DOCTYPE is not allowed")
            yield from finder.taken()
            if finder.ended:
                return
        parser.close()
    except etree.XMLSyntaxError as error:
        raise ContractBroken(parse_rule(error)) from None
    finally:
        with suppress(etree.XMLSyntaxError):  # closed before its end
            parser.close()
    raise ContractBroken(Said("the ministry shows no file with this sha256 any more"))


class _Shortened(io.RawIOBase):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._run = 0
        self._in_text = False
        self._as_is: bool | None = None

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next piece, shorter than asked for where something was cut."""
        while block := self._file.read(size if size > 0 else CHUNK):
            if self._as_is is None:
                self._as_is = b"\0" in block[:4] or block[:2] in {b"\xff\xfe", b"\xfe\xff"}
            kept = block if self._as_is else self._kept(block)
            if kept:
                return kept
        return b""

    def _kept(self, block: bytes) -> bytes:
        """Cut the text a block begins with; one that is short enough stays within its block."""
        first = block.find(b"<")
        head, rest = (block, b"") if first < 0 else (block[:first], block[first:])
        if not self._in_text:
            head, rest = b"", block
        kept = self._cut(head)
        opened, closed = rest.rfind(b"<"), rest.rfind(b">")
        if closed > opened:
            self._in_text, self._run = True, len(_significant(rest[closed + 1 :]))
        elif opened >= 0:
            self._in_text = False
        return kept + rest

    def _cut(self, text: bytes) -> bytes:
        significant = _significant(text)
        room = LONGEST_TEXT - self._run
        self._run += min(room, len(significant))
        return text if len(significant) <= room else significant[:room]


def _significant(text: bytes) -> bytes:
    return text.translate(None, b" \t\r\n")
