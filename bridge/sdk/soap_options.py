"""The ``[options]`` of a system behind SOAP: address, login, the pinned WSDL."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, SecretStr

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.http import HttpClient, server_and_path
from bridge.sdk.soap import SoapClient
from bridge.sdk.trust import HttpOptions

__all__ = ["SoapOptions"]


class SoapOptions(HttpOptions):
    """Where the service is and as whom we call it; certificates come with ``HttpOptions``.

    ``wsdl`` is the pinned contract, by default the one that comes with the adapter; a relative
    path starts at the folder of ``bridge.toml``. The address inside it is not used, ``address``
    is. ``import_procedure`` is the procedure of imported dossiers that name none.

    A subclass says in ``packaged`` which WSDL comes with its adapter.
    """

    packaged: ClassVar[Path]

    wsdl: Path | None = Field(
        default=None,
        description="The pinned WSDL; without it, the one that comes with the adapter.",
    )
    address: str = Field(description="The address of the service.")
    username: Annotated[str, Field(min_length=1)] = Field(description="The user name.")
    password: SecretStr = Field(description="The password, by reference.")
    import_procedure: str | None = None

    def wsdl_file(self, folder: Path) -> Path:
        """Return the path of the WSDL."""
        return self.packaged if self.wsdl is None else folder / self.wsdl

    def client(self, context: AdapterContext, *, writes: Collection[str]) -> SoapClient:
        """Return a client of the service; no input or output happens before its first call.

        ``writes`` are the operations that change something over there.
        """
        server, path = server_and_path(self.address)
        return SoapClient(
            self.wsdl_file(context.folder),
            HttpClient(server, context=context, options=self),
            path,
            username=self.username,
            password=self.password,
            writes=writes,
        )
