"""Judges addresses: plain http only to this machine, no password inside, paths made absolute."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from bridge.i18n import N_

__all__ = ["INSECURE", "absolute_url", "holds_password", "insecure"]

INSECURE = N_("plain http:// goes only to this machine; use https://, or allow_insecure = true")
SQLITE = "sqlite:///"


def insecure(address: str | None) -> bool:
    """Tell whether an address is plain ``http://`` to a machine other than this one."""
    if not address or not address.lower().startswith("http://"):
        return False
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return True
    if host == "localhost":
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True


def holds_password(url: str) -> bool:
    """Tell whether a url carries a password (``user:password@host``, or as a parameter)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.password) or "password=" in parts.query.lower()


def absolute_url(url: str, folder: Path) -> str:
    """Return an SQLite url whose relative path starts at ``folder``; other urls unchanged."""
    if not url.startswith(SQLITE):
        return url
    path, mark, query = url.removeprefix(SQLITE).partition("?")
    if not path or path == ":memory:" or path.startswith("/"):
        return url
    return f"{SQLITE}{(folder / path).as_posix()}{mark}{query}"
