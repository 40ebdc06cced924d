"""Writes configuration files with every setting explained, from the models that read them.

What is written here is what ``init`` gives a new user and what ``config/`` shows; a setting can't
be missing from it, because the models are asked.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bridge.sdk.adapter import Plugin
from bridge.settings.explain import Model, fields_of, nested, toml_value
from bridge.settings.models import BridgeFile, CeilingsTable, SystemFile
from bridge.settings.options import secret_options

__all__ = ["bridge_text", "system_text"]

WIDTH = 96

BRIDGE_HEAD = """\
# The configuration of dossier-bridge. Paths start at the folder of this file. Every value can be
# overridden by the environment: DOSSIER_BRIDGE__STORE__URL for url of [store]. A secret is never
# written here, only where it is: { env = "NAME" }, { file = "/run/secrets/name" } or
# { keyring = "name" }. One file a ministry system lies beside it, in systems/.
#
# Cấu hình của dossier-bridge. Đường dẫn tính từ thư mục chứa tệp này. Mật khẩu không ghi vào tệp,
# chỉ ghi nơi lưu: biến môi trường (env), tệp (file) hoặc kho khóa (keyring). Mỗi hệ thống của bộ,
# ngành có một tệp riêng trong thư mục systems/. Sửa xong, chạy: dossier-bridge check
"""

SECTIONS: Mapping[str, str] = {
    "store": "Cơ sở dữ liệu riêng của cầu nối.",
    "onestop": "Cơ sở dữ liệu một cửa điện tử.",
    "console": "Trang theo dõi, kiểm tra sức khỏe, số đo.",
    "workers": "Cách chia việc.",
    "payloads": "Nội dung đã gửi và câu trả lời, lưu có mã hóa; không có khóa thì không lưu.",
    "ceilings": "Khi nào thôi gửi lại một hồ sơ cứ lỗi mãi.",
    "alerts": "Cảnh báo: việc gì chờ quá lâu, báo cho ai.",
    "mail": "Máy chủ thư, và thư hằng ngày gửi bộ phận một cửa.",
    "reconcile": "Đối soát hai bên hằng đêm.",
    "mapping": "Tệp ánh xạ khác với tệp có sẵn.",
    "options": "Tham số riêng của hệ thống này.",
}

#: What each option looks like that has no default to show.
SAMPLES: Mapping[str, Any] = {
    "ca_file": "certificates/authority.pem",
    "client_cert": "certificates/bridge.pem",
    "client_key": "certificates/bridge.key",
    "columns": {"dossier": {"code": "ma_ho_so"}},
    "dstcode": "VN:GOV:000.00.00.G22:vpcp",
    "import_procedure": "1.002835",
    "tables": {"dossier": "motcua.ho_so"},
    "wsdl": "contracts/gplx.wsdl",
}

#: Options in words, for adapters whose own model says nothing about them.
WORDS: Mapping[str, str] = {
    "agency": "Our identifier at this system.",
    "half_written_seconds": "How long a file without its end is waited for.",
    "import_procedure": "The procedure of dossiers that were keyed only there and name none; "
    "without it, the first of procedures.",
    "page_size": "The most dossiers read at once.",
    "root": "The folder that holds den/, di/ and xacnhan/.",
}


def bridge_text(onestop: Model | None = None, url: str | None = None) -> str:
    """Return ``bridge.toml``; ``onestop`` is the model of the one-stop adapter's options."""
    values = {} if url is None else {"url": url}
    lines = [BRIDGE_HEAD]
    tables = {key: nested(field) for key, field in BridgeFile.model_fields.items()}
    lines += _entries(
        BridgeFile, {"agency": "000.00.00.H40"}, skip=[k for k, m in tables.items() if m]
    )
    for key, model in tables.items():
        if model is None:
            continue
        lines += ["", _rule(f"[{key}]", SECTIONS[key])]
        lines += _entries(model, values if key == "onestop" else {})
        if key == "onestop" and onestop is not None:
            lines += _entries(onestop, {}, skip=fields_of(model), as_comments=True)
    return "\n".join(lines) + "\n"


def system_text(
    title: str,
    summary: str,
    plugin: Plugin,
    values: Mapping[str, Any],
    given: Mapping[str, Any],
) -> str:
    """Return one ``systems/*.toml``.

    ``title`` and ``summary`` (Vietnamese) head it, ``values`` are its own settings, ``given`` the
    options a new user fills in; what is not given follows as a comment.
    """
    options = plugin.options
    lines = [f"# {title}", "#", *_comment(summary), ""]
    own = {"max_document_mb": plugin.max_document_mb}
    lines += _entries(SystemFile, values, skip=("ceilings", "mapping", "options"), samples=own)
    lines += ["", _rule("[ceilings]", SECTIONS["ceilings"]), *_entries(CeilingsTable, {})]
    lines += ["", _rule("[options]", SECTIONS["options"])]
    lines += _entries(options, given, skip=set(fields_of(options)) - set(given))
    lines += _entries(options, {}, skip=given, as_comments=True)
    mapping = plugin.mappings.get("dossier", f"{plugin.name}/dossier")
    lines += ["", *_comment(f"{SECTIONS['mapping']} {_description('mapping', SystemFile)}")]
    lines += ["# [mapping]", f'# dossier = "mappings/{mapping}.v2.yaml"']
    return "\n".join(lines) + "\n"


def _entries(
    model: Model,
    values: Mapping[str, Any],
    *,
    skip: Collection[str] = (),
    as_comments: bool = False,
    samples: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[str]:
    """Yield each setting with its comment; what nobody set is shown with its default."""
    secrets = secret_options(model)
    for key, field in fields_of(model).items():
        if key in skip:
            continue
        yield from _comment(_description(key, model))
        if key in values:
            yield f"{key} = {toml_value(values[key])}"
        elif as_comments or _shown(field) is None:
            yield f"# {key} = {_sample(key, field, samples, secret=key in secrets)}"
        else:
            yield f"{key} = {toml_value(_shown(field))}"


def _description(key: str, model: Model) -> str:
    words = fields_of(model)[key].description or WORDS.get(key, "")
    return words if words.endswith(".") or not words else f"{words}."


def _sample(key: str, field: FieldInfo, samples: Mapping[str, Any], *, secret: bool) -> str:
    if secret and not field.examples:
        return toml_value({"env": key.upper()})
    own = (_shown(field), samples.get(key))
    for candidate in (*own, *(field.examples or ()), SAMPLES.get(key)):
        if candidate not in (None, {}):
            return toml_value(candidate)
    return '"…"'


def _shown(field: FieldInfo) -> Any:
    """Return a field's default as a person would write it, ``None`` when there is none."""
    default = field.get_default(call_default_factory=False)
    return None if default is PydanticUndefined else default


def _comment(text: str) -> list[str]:
    """Return ``text`` as comments; a setting inside it stays on one line."""
    whole = text.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
    lines = textwrap.wrap(whole, WIDTH, break_on_hyphens=False)
    return [f"# {line}".replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _rule(header: str, summary: str) -> str:
    return f"{header}{' ' * max(2, 40 - len(header))}# {summary}"
