"""What the pretend ministry of transport issues: an invented licence as a TaiLieu without component."""

from __future__ import annotations

from typing import Any

from bridge.sdk.rehearsal_paper import InventedPaper, invented_paper

__all__ = ["as_paper", "licence", "with_paper"]


def licence(ref: str, number: str) -> dict[str, Any]:
    """Return the licence of a record."""
    lines = ("GIẤY PHÉP LÁI XE (MẪU)", f"Số {number}", f"Số tiếp nhận {ref}")
    return as_paper(invented_paper(f"{ref}.pdf", *lines), "Giấy phép lái xe")


def as_paper(paper: InventedPaper, name: str) -> dict[str, Any]:
    """Return a file as the contract shows it."""
    return {
        "Ten": name,
        "TenTep": paper.file_name,
        "LoaiTep": paper.media_type,
        "Sha256": paper.sha256,
        "NoiDung": paper.base64,
    }


def with_paper(body: dict[str, Any], paper: dict[str, Any]) -> dict[str, Any]:
    """Return a HoSo with a file; one of the same TenTep makes way."""
    others = [one for one in body.get("TaiLieu", []) if one["TenTep"] != paper["TenTep"]]
    return {**body, "TaiLieu": [*others, paper]}
