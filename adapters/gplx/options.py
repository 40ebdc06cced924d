"""The ``[options]`` of a gplx system's file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from bridge.sdk.http import HttpOptions

__all__ = ["GplxOptions"]

PACKAGED = Path(__file__).with_name("gplx.wsdl")


class GplxOptions(HttpOptions):
    """Where the service is and as whom we call it.

    ``wsdl`` is the pinned contract, by default the one that comes with the adapter; a relative
    path starts at the folder of ``bridge.toml``. The address inside it is not used, ``address``
    is. ``import_procedure`` is the procedure of imported dossiers that name none.
    """

    wsdl: Path | None = None
    address: str
    username: Annotated[str, Field(min_length=1)]
    password: SecretStr
    import_procedure: str | None = None

    def wsdl_file(self, folder: Path) -> Path:
        """Return the path of the WSDL."""
        return PACKAGED if self.wsdl is None else folder / self.wsdl
