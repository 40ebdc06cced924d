"""Claims on texts: what Vietnamese clerks and other people's software put into a field."""

from __future__ import annotations

import unicodedata

from bridge.sdk.conformance.needs import WRITES, concerns
from bridge.sdk.conformance.rig import Rig
from bridge.sdk.conformance.verdict import require, settled, told
from bridge.sdk.errors import Rejected
from bridge.sdk.records import Receipt

__all__ = ["Texts"]

NAME = "Nguyễn Thị Ưu Đãi"
TEXTS = {
    "decomposed Unicode (NFD)": unicodedata.normalize("NFD", NAME),
    "a byte order mark": f"\ufeff{NAME}",
    "quotes": 'Y\'Brai "Kpă" “Êban” `Niê`',
    "an ampersand": "Nguyễn & Trần &amp; Lê",
    "a bracket": "Trần <b>Thị</b> ]]> Thử",
    "an emoji": "Lê Văn Vui 🙂🇻🇳",
    "10,000 characters": "Đặng " * 2000,
}


class Texts:
    """Claims of this page."""

    @concerns(WRITES)
    def test_every_text_survives_or_is_refused(self, rig: Rig) -> None:
        """NFD, a byte order mark, quotes, &, <, an emoji and 10,000 characters arrive, or are refused with the field named."""
        adapter = rig.adapter()
        for number, (what, text) in enumerate(TEXTS.items(), start=1):
            command = rig.command(number, text=text)
            answer = settled(rig, adapter, command)
            if isinstance(answer, Rejected):
                require(answer.field, f"{what}: refused without its field: {told(answer)}")
                require(rig.applied(command) == 0, f"{what}: refused, and there all the same")
                continue
            require(isinstance(answer, Receipt), f"{what}: {told(answer)}")
            held = rig.held(command) or ""
            require(_plain(held) == _plain(text), f"{what}: it arrives as another text")


def _plain(text: str) -> str:
    """Return a text as people read it: composed, without marks and blanks at its edges."""
    return unicodedata.normalize("NFC", text).replace("\ufeff", "").strip()
