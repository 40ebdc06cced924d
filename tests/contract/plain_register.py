"""The pretend ministry that ``adapter new`` writes, described by a definition in place of code."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from bridge.cli.scaffold import Spoken, package_files

NAME = "so_mau"
PACKAGE = "plain_register_of_the_template"
PAGE = 50
FILES = package_files(NAME, Spoken.REST)
BODY = {
    "MaHoSo": "",
    "NguoiNop": {"HoTen": "Nguyễn Thị Mẫu", "NgaySinh": "01/02/1990", "SoGiayTo": "036190000001"},
    "NgayTiepNhan": "2026-11-20T09:15:00.000+07:00",
}
SENT = {"method": "POST", "path": "/{values.nop}", "request": "{body}"}


def mapping_in(folder: Path) -> Path:
    """Write the mapping of the template into a folder."""
    (text,) = [text for path, text in FILES.items() if path.endswith("dossier.v1.yaml")]
    file = folder / "dossier.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def rehearsal() -> Any:
    """Return the ministry of the template, under the names of the rest adapter's options."""
    package = sys.modules[PACKAGE] = ModuleType(PACKAGE)
    package.__path__ = []
    for name in ("rehearsal_register", "rehearsal"):
        module = ModuleType(f"{PACKAGE}.{name}")
        module.__package__ = PACKAGE
        sys.modules[module.__name__] = module
        text = FILES[f"dossier_bridge_{NAME}/{name}.py"]
        exec(compile(text, f"{name}.py", "exec"), vars(module))

    class Register(module.MinistryRehearsal):  # type: ignore[misc, name-defined]
        def options(self) -> Mapping[str, Any]:
            return {"base_url": self.address, "client_id": super().options()["username"]}

        def secrets(self) -> Mapping[str, str]:
            return {"client_secret": super().secrets()["password"]}

    return Register()


def definition(mapping: Path) -> dict[str, Any]:
    """Return how this ministry speaks."""
    return {
        "title": "Sổ mẫu",
        "mappings": {"dossier": str(mapping)},
        "submit": "idempotent",
        "login": {"kind": "basic"},
        "answers": {"code": "MaLoi"},
        "record": {
            "ref": "SoTiepNhan",
            "code": "MaHoSo",
            "theirs": ["TrangThai", "GhiChu"],
        },
        "faults": [
            {
                "status": 400,
                "becomes": "rejected",
                "field": "Truong",
                "reason": "LyDo",
                "only": ["create", "update"],
            }
        ],
        "feed": {"kind": "version", "paging": {"limit": PAGE}},
        "operations": {
            "create": {**SENT, "ref": "SoTiepNhan"},
            "update": SENT,
            "find": {
                "method": "GET",
                "path": "/theoMa",
                "parameters": {"ma": "{code}"},
                "rows": "HoSo",
            },
            "fetch": {
                "method": "GET",
                "path": "/theoSo",
                "parameters": {"so": "{ref}"},
                "rows": "HoSo",
            },
            "changes": {
                "method": "GET",
                "path": "/thayDoi",
                "parameters": {"sau": "{after}"},
                "rows": "HoSo",
                "version": "PhienBan",
                "at": "CapNhat",
                "more": "ConNua",
            },
        },
    }
