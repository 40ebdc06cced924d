"""What a clerk calls a field, and where in the one-stop database it stands."""

from __future__ import annotations

from collections.abc import Mapping

LABELS: Mapping[str, str] = {
    "code": "mã hồ sơ",
    "procedure.code": "mã thủ tục",
    "procedure.local_code": "mã thủ tục của tỉnh",
    "procedure.name": "tên thủ tục",
    "procedure.sector_code": "mã lĩnh vực",
    "procedure.sector_name": "tên lĩnh vực",
    "agency.code": "mã cơ quan giải quyết",
    "agency.name": "cơ quan giải quyết",
    "reception_agency.code": "mã nơi tiếp nhận",
    "reception_agency.name": "nơi tiếp nhận",
    "channel": "kênh tiếp nhận",
    "submitted_via": "nơi nộp hồ sơ",
    "applicant.kind": "loại đối tượng",
    "applicant.name": "họ tên người nộp",
    "applicant.id_type": "loại giấy tờ của người nộp",
    "applicant.id_number": "số giấy tờ của người nộp",
    "applicant.id_issued_on": "ngày cấp giấy tờ của người nộp",
    "applicant.id_issued_by": "nơi cấp giấy tờ của người nộp",
    "applicant.birth_date": "ngày sinh của người nộp",
    "applicant.sex": "giới tính của người nộp",
    "applicant.phone": "điện thoại của người nộp",
    "applicant.email": "email của người nộp",
    "applicant.vneid": "xác thực VNeID của người nộp",
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
    "documents.id": "tệp giấy tờ",
    "documents.component_code": "mã thành phần hồ sơ",
    "documents.name": "tên giấy tờ",
    "documents.file_name": "tên tệp",
    "documents.media_type": "loại tệp",
    "documents.sha256": "mã băm của tệp",
    "fees": "phí, lệ phí",
    "fees.code": "mã phí, lệ phí",
    "fees.name": "tên phí, lệ phí",
    "fees.kind": "loại phí, lệ phí",
    "fees.stage": "hình thức thu",
    "fees.amount": "số tiền",
    "supplements": "yêu cầu bổ sung",
    "supplements.id": "mã yêu cầu bổ sung",
    "supplements.requested_at": "ngày yêu cầu bổ sung",
    "supplements.requested_by": "người yêu cầu bổ sung",
    "supplements.request": "nội dung bổ sung",
    "supplements.completed_at": "ngày bổ sung xong",
    "supplements.old_due_at": "ngày hẹn trả trước",
    "supplements.new_due_at": "ngày hẹn trả mới",
    "supplements_brought": "giấy tờ đã bổ sung",
    "progress": "tiến độ",
    "at": "thời điểm xử lý",
    "officer_name": "người xử lý",
    "unit_name": "đơn vị xử lý",
    "note": "nội dung xử lý",
    "source": "nguồn",
    "details.licence_class": "hạng giấy phép lái xe",
    "details.old_licence_number": "số giấy phép lái xe cũ",
    "details.new_licence_number": "số giấy phép lái xe mới",
    "details.reason": "lý do",
    "details.practice_scope": "phạm vi chuyên môn",
    "details.degrees": "văn bằng",
    "details.degrees.name": "tên văn bằng",
    "details.degrees.issuer": "nơi cấp văn bằng",
    "details.degrees.year": "năm cấp văn bằng",
    "details.certificate_number": "số chứng chỉ hành nghề",
    "details.journal_no": "số hồ sơ đăng ký kinh doanh",
    "details.document_type": "loại hồ sơ đăng ký kinh doanh",
    "details.enterprise_code": "mã số doanh nghiệp",
    "details.enterprise_name": "tên doanh nghiệp",
}

_COLUMNS: Mapping[str, str] = {
    "procedure.code": "procedure_code",
    "procedure.local_code": "procedure.local_code",
    "procedure.name": "procedure.name",
    "procedure.sector_code": "procedure.sector_code",
    "procedure.sector_name": "procedure.sector_name",
    "agency.code": "agency_code",
    "agency.name": "agency.name",
    "reception_agency.code": "reception_agency_code",
    "reception_agency.name": "agency.name",
    "documents": "dossier_document",
    "fees": "dossier_fee",
    "supplements": "dossier_supplement",
    "supplements_brought": "dossier_supplement.completed_at",
    "progress": "dossier_progress",
    "at": "dossier_progress.at",
    "officer_name": "dossier_progress.officer_name",
    "unit_name": "dossier_progress.unit_name",
    "note": "dossier_progress.note",
    "source": "dossier_progress.source",
}
_ROWS = ("documents", "fees", "supplements", "progress")


def label_of(path: str) -> str:
    """Return what a clerk calls the field at ``path``; the path itself where nobody said."""
    return LABELS.get(path, path)


def column_of(path: str) -> str:
    """Return the one-stop column, or the key of ``details``, that a path stands for."""
    if path in _COLUMNS:
        return _COLUMNS[path]
    if path.startswith("applicant."):
        return path.replace(".", "_")
    table, _, key = path.partition(".")
    if key and table in _ROWS:
        return f"{_COLUMNS[table]}.{key}"
    return path.removeprefix("details.")


def named(path: str) -> str:
    """Return a field by its label and column: ``ngày sinh của người nộp (applicant_birth_date)``."""
    column = column_of(path)
    return f"{LABELS[path]} ({column})" if path in LABELS else column
