"""What a clerk calls a field, and where in the one-stop database it stands."""

from __future__ import annotations

from collections.abc import Mapping

LABELS: Mapping[str, str] = {
    "code": "mã hồ sơ",
    "procedure.code": "mã thủ tục",
    "procedure.name": "tên thủ tục",
    "procedure.sector_code": "mã lĩnh vực",
    "procedure.sector_name": "tên lĩnh vực",
    "agency.code": "mã cơ quan giải quyết",
    "agency.name": "cơ quan giải quyết",
    "channel": "kênh tiếp nhận",
    "submitted_via": "nơi nộp hồ sơ",
    "applicant.kind": "loại đối tượng",
    "applicant.name": "họ tên người nộp",
    "applicant.id_type": "loại giấy tờ của người nộp",
    "applicant.id_number": "số giấy tờ của người nộp",
    "applicant.id_issued_on": "ngày cấp giấy tờ",
    "applicant.id_issued_by": "nơi cấp giấy tờ",
    "applicant.birth_date": "ngày sinh của người nộp",
    "applicant.sex": "giới tính của người nộp",
    "applicant.phone": "điện thoại của người nộp",
    "applicant.email": "email của người nộp",
    "applicant.vneid": "xác thực VNeID",
    "applicant.address": "địa chỉ của người nộp",
    "applicant.commune_code": "mã xã của người nộp",
    "summary": "trích yếu",
    "submitted_at": "ngày nộp",
    "received_at": "ngày tiếp nhận",
    "due_at": "ngày hẹn trả",
    "refused_at": "ngày từ chối",
    "finished_at": "ngày kết thúc xử lý",
    "returned_at": "ngày trả kết quả",
    "result_delivery": "hình thức trả kết quả",
    "status": "trạng thái",
    "status_note": "ghi chú trạng thái",
    "ministry_ref": "số tiếp nhận của bộ",
    "documents": "giấy tờ kèm theo",
    "fees": "phí, lệ phí",
    "supplements": "yêu cầu bổ sung",
    "progress": "tiến độ",
    "details.licence_class": "hạng giấy phép lái xe",
    "details.old_licence_number": "số giấy phép lái xe cũ",
    "details.reason": "lý do",
    "details.practice_scope": "phạm vi chuyên môn",
    "details.degrees": "văn bằng",
}

_COLUMNS: Mapping[str, str] = {
    "procedure.code": "procedure_code",
    "agency.code": "agency_code",
    "reception_agency.code": "reception_agency_code",
}


def label_of(path: str) -> str:
    """Return what a clerk calls the field at ``path``; the path itself where nobody said."""
    return LABELS.get(path, path)


def column_of(path: str) -> str:
    """Return the one-stop column, or the key of ``details``, that a path stands for."""
    if path in _COLUMNS:
        return _COLUMNS[path]
    if path.startswith("applicant."):
        return path.replace(".", "_")
    return path.removeprefix("details.")
