"""Secrets by reference: the configuration says where a secret is, never what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bridge.i18n import _, of_system

__all__ = ["Reference", "ReferenceFault", "is_reference", "read_reference"]

KINDS = ("env", "file", "keyring")
SERVICE = "dossier-bridge"
"""The service name under which ``{ keyring = "name" }`` is looked up."""


class ReferenceFault(ValueError):  # noqa: N818 - a fault of the configuration
    """A reference is malformed, or leads to nothing. Names the place, never a secret."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret is kept: an environment variable, a file, or the system's keyring."""

    kind: Literal["env", "file", "keyring"]
    name: str

    def resolve(self, environment: Mapping[str, str], folder: Path) -> str:
        """Return the secret; a relative file starts at ``folder``, its last newline is dropped.

        Raises:
            ReferenceFault: there is none, or it is empty, or it can't be read.
        """
        match self.kind:
            case "env":
                secret = environment.get(self.name, "")
                missing = _("the environment variable {name} is not set", name=self.name)
            case "file":
                secret = self._from_file(folder)
                missing = _("the file {name} is empty", name=self.name)
            case "keyring":
                secret = self._from_keyring()
                missing = _(
                    "the keyring has no {name}; store it with: keyring set {service} {name}",
                    name=self.name,
                    service=SERVICE,
                )
        if not secret:
            raise ReferenceFault(missing)
        return secret

    def _from_file(self, folder: Path) -> str:
        try:
            return (folder / self.name).read_text(encoding="utf-8-sig").rstrip("\r\n")
        except OSError as error:
            detail = of_system(error)
            raise ReferenceFault(
                _("the file {name} can't be read: {detail}", name=self.name, detail=detail)
            ) from None
        except UnicodeDecodeError:
            raise ReferenceFault(_("the file {name} is not UTF-8 text", name=self.name)) from None

    def _from_keyring(self) -> str:
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            raise ReferenceFault(
                _("the package keyring is not installed; use a variable or a file")
            ) from None
        try:
            return keyring.get_password(SERVICE, self.name) or ""
        except KeyringError as error:
            raise ReferenceFault(
                _("the keyring can't be opened: {detail}", detail=type(error).__name__)
            ) from None


def is_reference(given: object) -> bool:
    """Tell whether a TOML value looks like a reference (an inline table)."""
    return isinstance(given, Mapping)


def read_reference(given: object) -> Reference:
    """Return the reference in a TOML value.

    Raises:
        ReferenceFault: not exactly one of env, file, keyring with a name.
    """
    if isinstance(given, Mapping) and len(given) == 1:
        [(kind, name)] = given.items()
        if kind in KINDS and isinstance(name, str) and name:
            return Reference(kind, name)
    raise ReferenceFault(
        _('expected a reference: { env = "NAME" }, { file = "PATH" } or { keyring = "NAME" }')
    )
