"""What a clerk reads in the one-stop software: plain Vietnamese, the field by name, no value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from bridge.domain.status import NAMES

MASK = "•••"
SHORTEST = 3

_CLASHES = {
    "no_owner": "hai bên cùng sửa {field}; cần người quyết định lấy giá trị bên nào",
    "illegal_move": "trạng thái chuyển không đúng quy định; cần người quyết định",
    "not_ours": "phía bộ ghi hồ sơ đã rút hoặc đã trả kết quả mà một cửa chưa ghi; "
    "cần người kiểm tra",
    "reopening": "phía bộ mở lại hồ sơ đã xử lý xong; cần người xác nhận",
    "never_equal": "phía bộ nhận {field} rồi nhưng vẫn ghi khác đi; cần người quyết định",
    "elsewhere": "phía bộ có bản ghi của hồ sơ này, nhưng {field} không thuộc hệ thống này; "
    "cần báo bộ rút bản ghi đó, hoặc kiểm tra lại {field}",
    "withdrawn": "hồ sơ thuộc lại hệ thống này, nhưng bản ghi ở bộ đã rút do đổi mã thủ tục; "
    "cần báo bộ mở lại bản ghi đó, hoặc báo quản trị tách liên kết để gửi mới",
    "twice": "phía bộ có hơn một bản ghi cho hồ sơ này; cần người kiểm tra",
    "shared": "phía bộ cấp cùng một số cho hai hồ sơ khác nhau; cần người kiểm tra",
    "taken_back": "phía bộ không còn ghi {field} (có thể do khôi phục dữ liệu cũ); một cửa giữ nguyên, "
    "cần người kiểm tra",
    "alike": "phía bộ có một hồ sơ giống hồ sơ này; cần người xác nhận có phải là một không",
}


def refused(field: str | None, reason: str, title: str) -> str:
    """Say that the ministry refused a dossier: its words, and the field it named."""
    where = f" ở trường {field}" if field else ""
    return f"{title} không nhận hồ sơ{where}: {reason}. Sửa hồ sơ, hệ thống sẽ tự gửi lại."


def unsendable(problems: Sequence[str], title: str) -> str:
    """Say what must be mended before a dossier can be sent."""
    return f"Chưa gửi được hồ sơ đến {title}: {'; '.join(problems)}. Sửa xong hệ thống sẽ tự gửi."


def unfit(field: str | None, title: str) -> str:
    """Say that a dossier is not as the system wants it, where it gives no words of its own."""
    where = f"trường {field}" if field else "một trường của hồ sơ"
    return unsendable([f"{where} chưa đúng yêu cầu của hệ thống đó"], title)


def no_corrections(fields: Sequence[str], title: str) -> str:
    """Say that the ministry takes no corrections, and which fields were changed all the same."""
    return (
        f"{title} không nhận sửa đổi hồ sơ đã có ở bộ; một cửa đã sửa: {', '.join(fields)}. "
        "Báo cho bộ bằng cách khác; nếu trả lại như cũ, thông báo này tự hết."
    )


def given_up(title: str) -> str:
    """Say that a dossier could not be sent however often it was tried, through no fault of its."""
    return (
        f"Chưa gửi được hồ sơ đến {title} dù đã thử nhiều lần; "
        "báo quản trị kiểm tra hệ thống. Khi hồ sơ được sửa, hệ thống sẽ tự gửi lại."
    )


def bad_file(name: str | None, title: str) -> str:
    """Say that the file of a paper is not there, or is another one than was scanned."""
    which = f" “{name}”" if name else ""
    problem = f"tệp của giấy tờ{which} (dossier_document) không có trong kho hoặc đã bị thay đổi"
    return unsendable([problem], title)


def too_large(name: str, most_mb: float, title: str) -> str:
    """Say that the file of a paper is larger than a system takes, and how large it may be."""
    most = f"{most_mb:g}".replace(".", ",")
    problem = (
        f"tệp của giấy tờ “{name}” (dossier_document) lớn hơn mức {most} MB mà hệ thống đó nhận; "
        "quét lại hoặc nén tệp"
    )
    return unsendable([problem], title)


def unfetchable(name: str, title: str) -> str:
    """Say that a ministry came for the file of a paper and did not get it."""
    return (
        f"{title} đến lấy giấy tờ “{name}” nhưng tệp (dossier_document) không có trong kho hoặc đã "
        "bị thay đổi. Khôi phục tệp hoặc số hóa lại; bên đó lấy lại được ngay."
    )


def conflict(path: str, why: str, title: str) -> str:
    """Say that a person must decide about a field."""
    return f"{title}: {_CLASHES[why].format(field=path)}."


def no_word(status: int, system: str) -> str:
    """Say that a withdrawal or hand-over can't be told to the system."""
    return (
        f"Hệ thống {system} không nhận được trạng thái “{NAMES[status]}”; "
        "nếu cần, báo cho bộ bằng cách khác."
    )


def supplement(title: str, *, sends: bool) -> str:
    """Say that the ministry asks for more papers; ``sends`` when they go out by themselves."""
    then = ", hệ thống sẽ tự gửi" if sends else ""
    return (
        f"{title} yêu cầu bổ sung giấy tờ; nội dung ở mục yêu cầu bổ sung (dossier_supplement). "
        f"Khi đã nhận đủ, ghi ngày bổ sung xong (completed_at){then}."
    )


def by_hand(title: str) -> str:
    """Say that supplement documents go to this ministry by hand."""
    return f"{title} không nhận giấy tờ bổ sung qua hệ thống; gửi trực tiếp cho bộ."


def bad_result(title: str, *, large: bool) -> str:
    """Say that a file the ministry issued could not be taken in; the dossier goes on."""
    why = "lớn quá mức cho phép" if large else "không đúng mã băm hoặc không đọc được"
    return (
        f"{title} có trả tệp kết quả, nhưng tệp {why} nên chưa lưu vào kho. "
        "Báo bộ gửi lại tệp; hồ sơ vẫn xử lý bình thường, khi có tệp đúng hệ thống sẽ tự lưu."
    )


def results_by_hand(title: str) -> str:
    """Say that the one-stop has no place for the files a ministry issued."""
    return (
        f"{title} có trả tệp kết quả, nhưng một cửa được cấu hình không lưu tệp kết quả; "
        "lấy tệp trực tiếp ở hệ thống của bộ."
    )


def overdue(step: int | None, title: str, hours: float, *, accepted: bool) -> str:
    """Say that no answer came past the deadline: a person asks the ministry.

    ``step`` is the status of a progress step, ``None`` for the dossier as a whole.
    """
    what = "hồ sơ" if step is None else f"bước “{NAMES[step]}” của hồ sơ"
    known = (
        f"{title} đã nhận {what} nhưng quá {hours:g} giờ chưa xác nhận"
        if accepted
        else f"Đã gửi {what} đến {title}, quá {hours:g} giờ chưa rõ bên đó đã ghi nhận hay chưa"
    )
    return (
        f"{known}. Cần hỏi trực tiếp bên đó; hệ thống không gửi lại, vẫn tiếp tục hỏi "
        "và tự ghi khi có trả lời."
    )


def unanswered(title: str, words: str | None) -> str:
    """Say that it can't be learnt whether the ministry has a dossier; ``words`` are its own, if it gave any."""
    said = f"bên đó trả lời: {words}" if words else "câu trả lời của bên đó không đọc được"
    return (
        f"Chưa gửi hồ sơ đến {title}: phải hỏi trước xem bên đó đã có hồ sơ này chưa, nhưng {said}. "
        "Hệ thống sẽ tự hỏi lại và gửi khi đã rõ; nếu kéo dài, báo quản trị."
    )


def unreadable(column: str | None) -> str:
    """Say that a dossier can't be read, and in which column."""
    where = f" ở cột {column}" if column else ""
    return f"Không đọc được hồ sơ: dữ liệu{where} sai dạng. Sửa xong hệ thống sẽ tự đọc lại."


def nobody_handles(procedure: str | None) -> str:
    """Say that no configured system takes the procedure."""
    return (
        f"Chưa có hệ thống nào nhận thủ tục {procedure or '(trống)'}; "
        "kiểm tra mã thủ tục của hồ sơ, hoặc báo quản trị."
    )


def mask(text: str, values: Collection[str]) -> str:
    """Replace every personal value in ``text``, in NFC or NFD, any case and spacing, by dots."""
    masked = unicodedata.normalize("NFC", text)
    known = {unicodedata.normalize("NFC", value).strip() for value in values}
    for value in sorted(known, key=len, reverse=True):
        if len(value) >= SHORTEST:
            words = r"\s+".join(re.escape(word) for word in value.split())
            masked = re.sub(words, MASK, masked, flags=re.IGNORECASE)
    return masked
