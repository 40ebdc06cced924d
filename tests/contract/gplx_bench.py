"""What the tests of gplx share: a body as the mapping lowers it, commands, and a ministry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.gplx import plugin
from adapters.gplx.adapter import GplxAdapter
from adapters.gplx.rehearsal import GplxRehearsal
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.documents import Document
from bridge.sdk.records import Action, Command, Receipt, Record

CODE = "H40.05-261120-0001"
PERSONAL = ("Nguyễn Thị Bình An", "036190000001", "0912000001", "12 Trần Hưng Đạo")


def body(**changes: Any) -> dict[str, Any]:
    """Return a HoSo as the mapping lowers it; the applicant's fields go by their own names."""
    person = {
        "HoTen": PERSONAL[0],
        "NgaySinh": "07/02/1990",
        "GioiTinh": "Nữ",
        "LoaiGiayTo": "CCCD",
        "SoGiayTo": PERSONAL[1],
        "DienThoai": PERSONAL[2],
        "DiaChi": PERSONAL[3],
    }
    whole = {
        "MaHoSoMotCua": CODE,
        "MaThuTuc": "1.002835",
        "NguoiNop": person,
        "HangGPLX": "B",
        "NgayTiepNhan": "2026-11-20T09:15:00+07:00",
        "NgayHenTra": "2026-11-27T17:00:00+07:00",
        "LePhi": "135000",
    }
    for name, value in changes.items():
        (person if name in person or name in {"Email", "MaXa"} else whole)[name] = value
    return whole


def command(action: Action = Action.CREATE, /, ref: str | None = None, **given: Any) -> Command:
    """Return a command with the body above, or with ``body`` or ``code`` as given."""
    code = given.pop("code", CODE)
    lowered = given.pop("body", None) or body(MaHoSoMotCua=code)
    return Command(f"key-{code}", action, code, ref, lowered, **given)


def update(ref: str, **given: Any) -> Command:
    """Return a command that replaces the record ``ref``."""
    return command(Action.UPDATE, ref, **given)


def paper(
    folder: Path, name: str, content: bytes = b"%PDF scan"
) -> tuple[Document, dict[str, Any]]:
    """Lay down a file; return it as the one-stop knows it, and as the mapping lowers it."""
    path = folder / name
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    document = Document(name, "Đơn", name, "application/pdf", len(content), digest, path)
    lowered = {
        "MaThanhPhan": "TP01",
        "Ten": "Đơn",
        "TenTep": name,
        "LoaiTep": "application/pdf",
        "Sha256": digest,
        "NoiDung": {"document": name},
    }
    return document, lowered


def built(
    options: Mapping[str, Any], *, timeout: float = 5.0, folder: Path | None = None
) -> GplxAdapter:
    """Return an adapter as the engine builds it."""
    context = AdapterContext(
        "gplx", folder or Path(), timeout, 4, lambda: datetime.now(UTC), allow_insecure=False
    )
    adapter = plugin.build(plugin.options.model_validate(dict(options)), context)
    assert isinstance(adapter, GplxAdapter)
    return adapter


@dataclass
class Bench:
    """A ministry that serves, and an adapter that speaks to it."""

    ministry: GplxRehearsal
    adapter: GplxAdapter = field(init=False)

    def __post_init__(self) -> None:
        """Build the adapter."""
        self.adapter = built(self.options)

    @property
    def options(self) -> dict[str, Any]:
        """The options under which the ministry is reached."""
        return {**self.ministry.options(), **self.ministry.secrets()}

    def send(self, sent: Command) -> object:
        """Return the answer to one command."""
        (answer,) = self.adapter.submit([sent])
        return answer

    def filed(self, **given: Any) -> str:
        """File a dossier; return its number."""
        answer = self.send(command(**given))
        assert isinstance(answer, Receipt)
        assert answer.ref is not None
        return answer.ref

    def held(self, ref: str) -> dict[str, Any]:
        """Return the body of a record as the ministry holds it."""
        (found,) = [one["body"] for one in self.ministry.records() if one["ref"] == ref]
        return dict(found)

    def feed(self, cursor: Any = None) -> list[Record]:
        """Return the good records of the page after ``cursor``."""
        page = self.adapter.changes(cursor)
        return [one for one in page.records if isinstance(one, Record)]

    def close(self) -> None:
        """Let go of the connections."""
        self.adapter.close()
