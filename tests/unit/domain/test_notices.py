"""What a clerk reads: plain, complete, and without a word about a person."""

from __future__ import annotations

import unicodedata

import pytest

from bridge.domain import notices

NAME = "Nguyễn Thị Mẫu"
ID_NUMBER = "036188000017"


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize(
    "said",
    [
        NAME,
        NAME.upper(),
        NAME.casefold(),
        nfd(NAME),
        nfd(NAME.upper()),
        NAME.replace(" ", "  "),
        NAME.replace(" ", "\n"),
    ],
)
@pytest.mark.parametrize("known", [NAME, nfd(NAME), f" {NAME} "])
def test_a_name_is_masked_however_it_is_written(said: str, known: str) -> None:
    """Upper case, decomposed letters, other blanks: the ministry's words never show the name."""
    masked = notices.mask(f"Họ tên {said} không khớp", [known])
    assert masked == f"Họ tên {notices.MASK} không khớp"


def test_the_longest_value_is_masked_first() -> None:
    """A value inside another leaves no rest of the longer one behind."""
    masked = notices.mask("cư trú tại 12 phố Thử, Hà Nội", ["Hà Nội", "12 phố Thử, Hà Nội"])
    assert masked == f"cư trú tại {notices.MASK}"


def test_every_place_is_masked() -> None:
    """A value that is said twice is masked twice."""
    assert notices.mask(f"{ID_NUMBER} đã có: {ID_NUMBER}", [ID_NUMBER]).count(ID_NUMBER) == 0


def test_a_value_is_text_and_not_a_pattern() -> None:
    """Signs that mean something in a pattern are masked as themselves, and only they."""
    assert notices.mask("số (+84) 9.0", ["(+84) 9.0"]) == f"số {notices.MASK}"
    assert notices.mask("số 9x00", ["9.00"]) == "số 9x00"


@pytest.mark.parametrize("short", ["", " ", "An", " B1"])
def test_short_values_mask_nothing(short: str) -> None:
    """One or two letters are in every sentence: masking them would mask the sense."""
    assert notices.mask("Ban B1 đang xử lý", [short]) == "Ban B1 đang xử lý"


def test_a_refusal_names_the_field_and_says_what_to_do() -> None:
    """The clerk reads which field, in whose words, and that mending is enough."""
    text = notices.refused("NguoiNop/NgaySinh", "sai định dạng", "Giấy phép lái xe")
    assert text == (
        "Giấy phép lái xe không nhận hồ sơ ở trường NguoiNop/NgaySinh: sai định dạng. "
        "Sửa hồ sơ, hệ thống sẽ tự gửi lại."
    )
    assert "ở trường" not in notices.refused(None, "sai", "Giấy phép lái xe")


def test_all_that_must_be_mended_is_said_at_once() -> None:
    """A clerk does not learn of the second missing field only after mending the first."""
    text = notices.unsendable(["thiếu ngày sinh", "thiếu hạng giấy phép"], "Giấy phép lái xe")
    assert "thiếu ngày sinh; thiếu hạng giấy phép" in text


@pytest.mark.parametrize(
    "why",
    [
        "no_owner",
        "illegal_move",
        "not_ours",
        "reopening",
        "never_equal",
        "twice",
        "shared",
        "alike",
        "elsewhere",
    ],
)
def test_every_conflict_has_its_sentence(why: str) -> None:
    """Each reason for a conflict is told in a sentence of its own, with nothing left to fill in."""
    text = notices.conflict("applicant.phone", why, "Giấy phép lái xe")
    others = {"no_owner", "illegal_move", "not_ours", "reopening"} - {why}
    assert text.startswith("Giấy phép lái xe: ")
    assert "{" not in text
    assert text not in {
        notices.conflict("applicant.phone", one, "Giấy phép lái xe") for one in others
    }


def test_a_conflict_on_a_field_names_it() -> None:
    """Where both sides changed a field, the clerk reads which."""
    assert "applicant.phone" in notices.conflict("applicant.phone", "no_owner", "Y tế")


def test_what_has_no_word_there_is_told_by_its_national_name() -> None:
    """A withdrawal or hand-over that can't be told is named as the clerk knows it."""
    assert "Công dân yêu cầu rút hồ sơ" in notices.no_word(7, "yte")
    assert "Đã trả kết quả" in notices.no_word(10, "yte")


def test_what_can_not_be_corrected_is_named_field_by_field() -> None:
    """The clerk reads every field that was changed, and whose ministry does not take it."""
    text = notices.no_corrections(["điện thoại (a)", "ngày khai (b)"], "Lý lịch tư pháp")
    assert text.startswith("Lý lịch tư pháp ")
    assert "điện thoại (a), ngày khai (b)" in text


def test_an_unrouted_procedure_is_named() -> None:
    """A dossier nobody takes says which procedure it has, or that it has none."""
    assert "1.002835" in notices.nobody_handles("1.002835")
    assert "(trống)" in notices.nobody_handles(None)


def test_texts_are_composed_vietnamese() -> None:
    """The one-stop's software gets NFC, whatever our source is saved as."""
    texts = [
        notices.by_hand("yte"),
        notices.supplement("yte", sends=True),
        notices.nobody_handles(None),
        notices.no_word(7, "yte"),
        notices.no_corrections(["điện thoại"], "Lý lịch tư pháp"),
        notices.mask(nfd("Hồ sơ sai"), []),
    ]
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)
