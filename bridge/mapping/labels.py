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
    "details.register": "loại việc hộ tịch",
    "details.child.name": "họ tên trẻ",
    "details.child.sex": "giới tính của trẻ",
    "details.child.born_on": "ngày sinh của trẻ",
    "details.child.place": "nơi sinh của trẻ",
    "details.child.ethnic_group": "dân tộc của trẻ",
    "details.child.nationality": "quốc tịch của trẻ",
    "details.mother.name": "họ tên mẹ",
    "details.mother.born_on": "ngày sinh của mẹ",
    "details.mother.id_number": "số giấy tờ của mẹ",
    "details.father.name": "họ tên cha",
    "details.father.born_on": "ngày sinh của cha",
    "details.father.id_number": "số giấy tờ của cha",
    "details.relation": "quan hệ của người yêu cầu với trẻ",
    "details.entry.number": "số đăng ký hộ tịch",
    "details.entry.book": "quyển số",
    "details.entry.page": "trang số",
    "details.entry.registered_on": "ngày đăng ký hộ tịch",
    "details.nationality": "quốc tịch",
    "details.ethnic_group": "dân tộc",
    "details.birth_place": "nơi sinh",
    "details.form_type": "loại phiếu lý lịch tư pháp",
    "details.quantity": "số phiếu yêu cầu",
    "details.declared_on": "ngày khai",
    "details.declared_by": "hình thức khai",
    "details.requester": "đối tượng yêu cầu",
    "details.purpose": "mục đích yêu cầu",
    "details.ban_from_office": "yêu cầu về cấm đảm nhiệm chức vụ",
    "details.father.born": "ngày sinh của cha",
    "details.mother.born": "ngày sinh của mẹ",
    "details.spouse.name": "họ tên vợ hoặc chồng",
    "details.spouse.born": "ngày sinh của vợ hoặc chồng",
    "details.residences": "quá trình cư trú",
    "details.residences.from": "cư trú từ ngày",
    "details.residences.to": "cư trú đến ngày",
    "details.residences.place": "nơi cư trú",
    "details.residences.job": "nghề nghiệp",
    "details.residences.workplace": "nơi làm việc",
    "details.proxy.name": "họ tên người được ủy quyền",
    "details.proxy.sex": "giới tính của người được ủy quyền",
    "details.proxy.birth_date": "ngày sinh của người được ủy quyền",
    "details.proxy.address": "địa chỉ của người được ủy quyền",
    "details.proxy.id_type": "loại giấy tờ của người được ủy quyền",
    "details.proxy.id_number": "số giấy tờ của người được ủy quyền",
    "details.proxy.id_issued_on": "ngày cấp giấy tờ của người được ủy quyền",
    "details.proxy.id_issued_by": "nơi cấp giấy tờ của người được ủy quyền",
    "details.proxy.relation": "quan hệ với người được ủy quyền",
    "details.proxy.authorised_on": "ngày ủy quyền",
    "details.certificate.approved_on": "ngày duyệt phiếu lý lịch tư pháp",
    "details.certificate.issued_on": "ngày cấp phiếu lý lịch tư pháp",
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
