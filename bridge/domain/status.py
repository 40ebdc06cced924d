"""The national status of a dossier and the moves between its values.

Source: contracts/systems.md, "Status": codes, legal moves, and the skips over steps nobody saw.
"""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[int, str] = {
    1: "Mới đăng ký",
    2: "Được tiếp nhận",
    3: "Không được tiếp nhận",
    4: "Đang xử lý",
    5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu thực hiện nghĩa vụ tài chính",
    7: "Công dân yêu cầu rút hồ sơ",
    8: "Dừng xử lý",
    9: "Đã xử lý xong",
    10: "Đã trả kết quả",
}

MOVES: Mapping[int, frozenset[int]] = {
    1: frozenset({2, 3, 5, 6, 7, 4, 8, 9}),
    2: frozenset({4, 5, 6, 7, 8, 9, 10}),
    3: frozenset(),
    4: frozenset({5, 6, 7, 8, 9, 10}),
    5: frozenset({1, 2, 4, 7, 8, 6, 9, 10}),
    6: frozenset({2, 4, 7, 8, 5, 9, 10}),
    7: frozenset(),
    8: frozenset({4, 9, 10}),
    9: frozenset({10}),
    10: frozenset(),
}

FINAL = frozenset(status for status, moves in MOVES.items() if not moves)

OVER = frozenset({7, 8, 9, 10})
"""Withdrawn, refused, done, handed over: the ministry has nothing more to say."""


def legal(old: int | None, new: int) -> bool:
    """Tell whether a dossier may go from ``old`` (``None``: unknown) to ``new``."""
    return old is None or old == new or new in MOVES.get(old, frozenset())


def reopening(old: int | None, new: int) -> bool:
    """Tell whether the move reopens a finished dossier: only a person may confirm that."""
    return (old, new) == (9, 4)


def state_diagram() -> str:
    """Draw the moves as a mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    lines += [f"    s{code}: {code} {name}" for code, name in NAMES.items()]
    lines += [f"    s{old} --> s{new}" for old, moves in MOVES.items() for new in sorted(moves)]
    lines += [f"    s{final} --> [*]" for final in sorted(FINAL)]
    return "\n".join(lines)
