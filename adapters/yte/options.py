"""The ``[options]`` of a yte system's file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bridge.sdk import Said

__all__ = ["YteOptions"]

LATER = ("sftp", "key", "known_hosts")


class YteOptions(BaseModel):
    """Where the three folders are, and in whose name files are laid down.

    ``root`` holds ``den/``, ``di/`` and ``xacnhan/``; a relative path starts at the folder of
    ``bridge.toml``. ``agency`` is ``maDonVi`` of what goes out. ``import_procedure`` is the
    procedure of imported dossiers that name none. A file without its closing tag is waited for
    ``half_written_seconds``, then it counts as broken. ``page_size`` is the most dossiers a page
    of the feed holds, unless one file alone holds more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    root: Path
    agency: Annotated[str, Field(min_length=1)]
    import_procedure: Annotated[str | None, Field(examples=["1.003709"])] = None
    half_written_seconds: Annotated[float, Field(gt=0)] = 600.0
    page_size: Annotated[int, Field(ge=1)] = 500

    @model_validator(mode="before")
    @classmethod
    def _folder_only(cls, given: Any) -> Any:
        named = [name for name in LATER if isinstance(given, dict) and name in given]
        if named:
            message = Said(
                "{key}: the exchange over SFTP is not in this release; name the folder"
                ' that holds den, di and xacnhan: root = "/srv/yte"',
                key=named[0],
            )
            raise ValueError(message)
        return given
