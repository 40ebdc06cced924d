"""The folders of the exchange (contracts/systems.md, yte)."""

from __future__ import annotations

from bridge.sdk.folders import Layout

__all__ = ["LAYOUT"]

LAYOUT = Layout(
    outgoing="den", receipts="xacnhan", incoming="di", done="di/da_xu_ly", broken="di/loi"
)
