"""The ``.txt`` that lies beside a broken file and tells the ministry's engineer what is wrong."""

from __future__ import annotations

import re

__all__ = ["note"]

_VIETNAMESE: tuple[tuple[str, str], ...] = (
    (r"^line (\d+): ", r"dòng \1: "),
    (r"not well-formed XML", "không phải XML đúng cú pháp"),
    (r"a DOCTYPE is not allowed", "không được có DOCTYPE"),
    (r"not one of ", "không thuộc các giá trị cho phép "),
    (r"not of the form ", "không đúng dạng "),
    (r"not a valid ", "không đúng kiểu "),
    (r"lacks the attribute ", "thiếu thuộc tính "),
    (r"lacks ", "thiếu phần tử "),
    (r"not expected here, where (.*) should stand", r"không được ở đây; ở đây phải là \1"),
    (r"not expected here", "không được ở đây"),
    (r"has the attribute (\S+), which is not allowed", r"có thuộc tính \1 không được phép"),
    (r"holds text between its elements", "có chữ nằm giữa các phần tử"),
    (r"is not a document of this schema", "không phải tài liệu theo lược đồ này"),
    (r"breaks the rule ", "vi phạm quy tắc "),
    (r"no closing tag for (\d+) seconds", r"không có thẻ đóng sau \1 giây"),
    (r"more than (\d+) of them", r"nhiều hơn \1 lần"),
    (r"the bridge may not read this file", "không có quyền đọc tệp này"),
    (r"attribute ", "thuộc tính "),
)


def note(name: str, reason: str) -> str:
    """Return the text about the broken file ``name``; ``reason`` holds no values."""
    translated = reason
    for english, vietnamese in _VIETNAMESE:
        translated = re.sub(english, vietnamese, translated)
    return (
        f"Tệp: {name}\n"
        "Không đọc được tệp này; chưa hồ sơ nào trong tệp được tiếp nhận.\n"
        f"Lý do: {translated}\n"
        "Đề nghị sửa lỗi và gửi lại toàn bộ các hồ sơ trong một tệp có tên mới.\n"
        "\n"
        f"File: {name}\n"
        "This file could not be read; none of its dossiers was taken.\n"
        f"Reason: {reason}\n"
        "Please mend it and send all of its dossiers again in a file with a new name.\n"
    )
