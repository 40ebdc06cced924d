"""Writes configuration files with every setting explained, from the models that read them.

What is written here is what ``init`` gives a new user and what ``config/`` shows; a setting can't
be missing from it, because the models are asked.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bridge.settings.explain import Model, fields_of, nested, toml_value
from bridge.settings.models import BridgeFile, SystemFile
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
    "mapping": "Tệp ánh xạ khác với tệp có sẵn.",
    "options": "Tham số riêng của hệ thống này.",
}

#: Options several adapters share, in words; an adapter's own description comes first.
WORDS: Mapping[str, str] = {
    "address": "The address of the service.",
    "agency": "Our identifier at this system.",
    "base_url": "The address all paths start at.",
    "batch_size": "The most dossiers in one call.",
    "ca_file": "Certificates to trust instead of the machine's (PEM).",
    "client_cert": "Our certificate, where the system asks for one (PEM).",
    "client_key": "The key of our certificate (PEM).",
    "client_id": "Our name at the token service.",
    "client_secret": "Our secret at the token service.",
    "dstcode": "The routing code some gateways want.",
    "dstcode_in": "Where the gateway wants dstcode: header or query.",
    "half_written_seconds": "How long a file without its end is waited for.",
    "import_procedure": "The procedure of dossiers that were keyed only there and name none; "
    "without it, the first of procedures.",
    "login_path": "The path of the login, after base_url.",
    "page_size": "The most dossiers read at once.",
    "password": "The password, by reference.",
    "root": "The folder that holds den/, di/ and xacnhan/.",
    "service_path": "The path of the service, after base_url.",
    "tables": 'Other names of tables or views: { dossier = "motcua.ho_so" }.',
    "token_url": "The address of the token service.",
    "username": "The user name.",
    "verify": "false: the system's certificate is not looked at (needs allow_insecure = true).",
    "wsdl": "The pinned WSDL; without it, the one that comes with the adapter.",
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
    title: str, summary: str, options: Model, values: Mapping[str, Any], given: Mapping[str, Any]
) -> str:
    """Return one ``systems/*.toml``.

    ``title`` and ``summary`` (Vietnamese) head it, ``values`` are its own settings, ``given`` the
    options a new user fills in; what is not given is shown as a comment.
    """
    lines = [f"# {title}", *_comment(summary), ""]
    lines += _entries(SystemFile, values, skip=("mapping", "options"))
    lines += ["", _rule("[options]", SECTIONS["options"])]
    lines += _entries(options, given, as_comments=True)
    lines += ["", *_comment(f"{SECTIONS['mapping']} {_description('mapping', SystemFile)}")]
    lines += ["# [mapping]", f'# dossier = "mappings/{values["name"]}/dossier.v2.yaml"']
    return "\n".join(lines) + "\n"


def _entries(
    model: Model, values: Mapping[str, Any], *, skip: Any = (), as_comments: bool = False
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
            yield f"# {key} = {_sample(key, field, secret=key in secrets)}"
        else:
            yield f"{key} = {toml_value(_shown(field))}"


def _description(key: str, model: Model) -> str:
    return fields_of(model)[key].description or WORDS.get(key, "")


def _sample(key: str, field: FieldInfo, *, secret: bool) -> str:
    if secret:
        return toml_value({"env": key.upper()})
    for candidate in (_shown(field), *(field.examples or ())):
        if candidate is not None:
            return toml_value(candidate)
    return '""'


def _shown(field: FieldInfo) -> Any:
    """Return a field's default as a person would write it, ``None`` when there is none."""
    default = field.get_default(call_default_factory=False)
    return None if default is PydanticUndefined else default


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, WIDTH)]


def _rule(header: str, summary: str) -> str:
    return f"{header}{' ' * max(2, 40 - len(header))}# {summary}"
