"""The ``[options]`` of a yte system's file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from bridge.sdk import Said

__all__ = ["ServerAddress", "YteOptions", "server_address"]

PORT = 22
WITH_SFTP = ("key", "known_hosts")
ONLY_WITH_SFTP = (*WITH_SFTP, "passphrase")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where an SFTP server is, as whom we log in, and the folder that holds the three."""

    user: str
    host: str
    port: int
    path: str

    @property
    def place(self) -> str:
        """Host and port, for people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def server_address(text: str) -> ServerAddress:
    """Read ``sftp://user@host:port/path``; the port is 22 where none is given.

    The path is absolute on the server. What a URL can't hold as it is stands as ``%20`` in it.

    Raises:
        ValueError: it is no such address, or it holds a password.
    """
    form = Said("expected an address such as sftp://user@host:port/path")
    try:
        parts = urlsplit(text)
        port = PORT if parts.port is None else parts.port
    except ValueError:
        raise ValueError(form) from None
    if parts.password is not None:
        raise ValueError(Said("no password in the address: the login is by key"))
    whole = parts.scheme == "sftp" and parts.hostname and parts.username and port
    if not whole or parts.query or parts.fragment:
        raise ValueError(form)
    path = unquote(parts.path).rstrip("/") or "/"
    return ServerAddress(unquote(parts.username or ""), parts.hostname or "", port, path)


def _address(text: str) -> str:
    server_address(text)
    return text


class YteOptions(BaseModel):
    """Where the three folders are, and in whose name files are laid down.

    Exactly one of ``root`` and ``sftp`` says where ``den/``, ``di/`` and ``xacnhan/`` are; relative
    paths start at the folder of ``bridge.toml``. ``agency`` is ``maDonVi`` of what goes out.
    ``import_procedure`` is the procedure of imported dossiers that name none. A file without its
    closing tag is waited for ``half_written_seconds``, then it counts as broken. ``page_size`` is
    the most dossiers a page of the feed holds, unless one file alone holds more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    root: Annotated[Path | None, Field(examples=["/srv/yte"])] = None
    sftp: Annotated[
        str | None,
        AfterValidator(_address),
        Field(
            description="Or, instead of root, the SFTP server that has the three folders; with key "
            "and known_hosts.",
            examples=["sftp://motcua@sftp.example.vn:22/yte"],
        ),
    ] = None
    key: Annotated[
        SecretStr | None,
        Field(
            description="Our private key at the SFTP server (ed25519, ecdsa or rsa), by reference.",
            examples=[{"file": "keys/yte_ed25519"}],
        ),
    ] = None
    passphrase: Annotated[
        SecretStr | None,
        Field(
            description="The passphrase of the key, by reference, if it has one.",
            examples=[{"env": "YTE_PASSPHRASE"}],
        ),
    ] = None
    known_hosts: Annotated[
        Path | None,
        Field(
            description="The file with the server's own key, as ssh keeps it (ssh-keyscan writes "
            "such lines; compare the key with the one the ministry tells). To a server that is "
            "not in it nothing is sent.",
            examples=["keys/yte_known_hosts"],
        ),
    ] = None
    agency: Annotated[str, Field(min_length=1)]
    import_procedure: Annotated[str | None, Field(examples=["1.003709"])] = None
    half_written_seconds: Annotated[float, Field(gt=0)] = 600.0
    page_size: Annotated[int, Field(ge=1)] = 500

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.root is None) == (self.sftp is None):
            message = Said(
                'name either root, the folder that holds den, di and xacnhan: root = "/srv/yte", or '
                'sftp, the server that has them: sftp = "sftp://user@host:port/path"'
            )
            raise ValueError(message)
        given = [name for name in ONLY_WITH_SFTP if getattr(self, name) is not None]
        if self.sftp is None and given:
            raise ValueError(Said("{key}: goes with sftp, not with root", key=given[0]))
        missing = [name for name in WITH_SFTP if name not in given]
        if self.sftp is not None and missing:
            raise ValueError(Said("{key}: is required with sftp", key=missing[0]))
        return self
