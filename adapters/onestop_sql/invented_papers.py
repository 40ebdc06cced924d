"""Files small enough to write by the ten thousand, each unlike the others."""

from __future__ import annotations

from random import Random


def tiny_pdf(rng: Random) -> bytes:
    """Return some hundred bytes that begin and end as a PDF does."""
    body = f"%PDF-1.4\n% invented {rng.getrandbits(64):016x}\n1 0 obj<</Type/Catalog>>endobj\n"
    return body.encode() + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def tiny_jpeg(rng: Random) -> bytes:
    """Return some hundred bytes that begin and end as a JPEG does."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + rng.randbytes(120) + b"\xff\xd9"
