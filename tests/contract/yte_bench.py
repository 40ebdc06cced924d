"""What the tests of yte share: a body as the mapping lowers it, commands, folders and a clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.yte import plugin
from adapters.yte.adapter import YteAdapter
from adapters.yte.rehearsal import YteRehearsal
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.documents import Document
from bridge.sdk.records import Action, Command, Record

NS = "urn:onestop:yte:v1"
CODE = "H40.09-261120-0001"
PERSONAL = ("Nguyễn Thị Bình An", "036190000001", "0912000001")


def body(**changes: Any) -> dict[str, Any]:
    """Return a HoSo as the mapping lowers it, in an order that is not the schema's."""
    person = {
        "SoDinhDanh": PERSONAL[1],
        "HoTen": PERSONAL[0],
        "GioiTinh": "F",
        "NgaySinh": "19900207",
        "DienThoai": PERSONAL[2],
    }
    whole = {
        "PhamViChuyenMon": "Điều dưỡng viên",
        "VanBang": [{"NamCap": "2012", "Ten": "Cử nhân", "NoiCap": "Đại học Y"}],
        "NgayTiepNhan": "20261120081500",
        "NguoiHanhNghe": person,
        "MaTTHC": "1.003709",
    }
    for name, value in changes.items():
        (person if name in {*person, "Email", "DiaChi"} else whole)[name] = value
    return whole


def command(code: str = CODE, version: int = 1, **changes: Any) -> Command:
    """Return a command; ``changes`` are its fields."""
    action = Action.CREATE if version == 1 else Action.UPDATE
    given = {"ref": None, "body": body(), **changes}
    return Command(key=f"{code}/{version}", action=action, code=code, version=version, **given)


def paper(folder: Path, document_id: str, content: bytes) -> tuple[Document, Mapping[str, Any]]:
    """Return a document on disk and the TepDinhKem that names it."""
    path = folder / f"{document_id}.pdf"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    kind = "application/pdf"
    document = Document(document_id, "Bằng", path.name, kind, len(content), digest, path)
    named = {"@ten": path.name, "@loai": kind, "@sha256": digest}
    return document, {**named, "#text": {"document": document_id}}


@dataclass
class Bench:
    """A rehearsal that moves only when told, the adapter against it, and a clock."""

    ministry: YteRehearsal
    now: datetime = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    options: dict[str, Any] = field(default_factory=dict)
    timeout: float = 5.0

    def __post_init__(self) -> None:
        """Build the adapter."""
        self.adapter = self.another()

    def another(self) -> YteAdapter:
        """Return an adapter as a process started now would build it."""
        options = plugin.options.model_validate({**self.ministry.options(), **self.options})
        context = AdapterContext("yte", Path("/"), self.timeout, 4, lambda: self.now)
        built = plugin.build(options, context)
        assert isinstance(built, YteAdapter)
        return built

    def wait(self, seconds: float) -> None:
        """Let the engine's clock go on."""
        self.now += timedelta(seconds=seconds)

    def path(self, *parts: str) -> Path:
        """Return a path below the root."""
        return self.ministry.root.joinpath(*parts)

    def listing(self, *parts: str) -> list[str]:
        """Return the names of the files in a folder, sorted."""
        return sorted(each.name for each in self.path(*parts).iterdir() if each.is_file())

    def refs(self) -> list[str]:
        """Read and acknowledge the whole feed; return the refs in order."""
        found: list[str] = []
        cursor, more = None, True
        while more:
            page = self.adapter.changes(cursor)
            found += [each.ref for each in page.records if isinstance(each, Record)]
            self.adapter.acknowledge(page.token)
            cursor, more = page.cursor, page.more
        return found
