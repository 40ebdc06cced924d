"""The configuration as it is written: the keys of ``bridge.toml`` and ``systems/*.toml``.

The descriptions here are the comments of the generated example and the settings reference.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints

from bridge.i18n import _
from bridge.settings.addresses import insecure
from bridge.settings.forms import Closed, Hours, Seconds, Secret, Text, Url, hours
from bridge.settings.reconciling import Reconcile
from bridge.settings.watching import Alerts, Mail

__all__ = [
    "BridgeFile",
    "CeilingsTable",
    "Console",
    "OneStopTable",
    "Payloads",
    "StoreTable",
    "SystemFile",
    "Workers",
]

RESERVED = frozenset({"onestop", "bridge"})
"""Names the journal and the progress rows use for ourselves."""

LAST_PORT = 65535
KEPT_DAYS = 90


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(_("no such time zone; expected a name like Asia/Ho_Chi_Minh")) from None
    return name


def _listen(address: str) -> str:
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isdigit() and int(port) <= LAST_PORT):
        raise ValueError(_("expected host:port, for example 127.0.0.1:8470"))
    return address


def _web_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(_("expected an address such as https://bridge.example.vn"))
    return address.rstrip("/")


def _system_name(name: str) -> str:
    if name in RESERVED:
        raise ValueError(_("this name is the bridge's own; choose another"))
    return name


def _procedures(given: tuple[str, ...]) -> tuple[str, ...]:
    if "*" in given and len(set(given)) > 1:
        raise ValueError(_('"*" means every procedure and stands alone'))
    return tuple(dict.fromkeys(given))


class StoreTable(Closed):
    """The bridge's own state."""

    url: Url = Field(
        default="sqlite:///var/bridge.db",
        description="An SQLite file, or PostgreSQL: postgresql+psycopg://user@host/database. "
        'A url that holds a password is given as a reference: { env = "BRIDGE_STORE_URL" }.',
        examples=["sqlite:///var/bridge.db"],
    )


class OneStopTable(Closed):
    """The one-stop database; keys not named here are the options of its adapter."""

    model_config = ConfigDict(extra="allow", frozen=True, arbitrary_types_allowed=True)

    adapter: Text = Field(
        default="onestop_sql",
        description="The adapter that reads and writes it (dossier-bridge adapter list).",
        examples=["onestop_sql"],
    )
    url: Url = Field(
        default="sqlite:///var/onestop.db",
        description="Where it is: an SQLite file, or PostgreSQL: "
        "postgresql+psycopg://user@host/database, the password beside it as a reference.",
        examples=["sqlite:///var/onestop.db"],
    )
    documents: Text = Field(
        default="var/documents",
        description="The folder the paths of documents start at.",
        examples=["var/documents"],
    )
    poll_seconds: Seconds = Field(
        default=2, description="How often it is asked what changed.", examples=[2]
    )


class Console(Closed):
    """The web console, the health checks and the metrics."""

    listen: Annotated[Text, AfterValidator(_listen)] = Field(
        default="127.0.0.1:8470",
        description="The address and port of the console, /healthz and /metrics.",
        examples=["127.0.0.1:8470"],
    )
    public_url: Annotated[Text, AfterValidator(_web_address)] | None = Field(
        default=None,
        description="Where ministries fetch documents: a proxy leads /files/ from here to listen. "
        "Without it no document links are sent.",
        examples=["https://bridge.example.vn"],
    )
    address_days: Annotated[int, Field(ge=1, le=365)] = Field(
        default=7,
        description="How many days an address of a document is good for; it ends with a day.",
        examples=[7],
    )
    allow_insecure: bool = Field(
        default=False,
        description="Allow a public_url of plain http:// that is not this machine.",
        examples=[False],
    )

    @property
    def host(self) -> str:
        """The host to listen on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])

    @property
    def is_insecure(self) -> bool:
        """Whether ``public_url`` is plain http to another machine and nobody allowed it."""
        return not self.allow_insecure and insecure(self.public_url)


class Workers(Closed):
    """Who does the work."""

    engine: Literal["embedded", "procrastinate"] = Field(
        default="embedded",
        description='"embedded": threads of this process. "procrastinate": several machines '
        "over one PostgreSQL.",
        examples=["embedded"],
    )
    start_patience_seconds: Annotated[float, Field(ge=0, le=86_400)] = Field(
        default=60.0,
        description="How long the daemon waits at its start for a database that is away, which "
        "may be starting too; then it ends, with code 3. A login that is refused, or a store of a later "
        "release, ends it at once.",
        examples=[60],
    )


class Payloads(Closed):
    """What was sent and answered, kept encrypted. Nothing is kept without a key."""

    key: Secret | None = Field(
        default=None,
        description="The secret they are encrypted with, 32 characters or more, as from: "
        "openssl rand -base64 32. Whoever has it can read them: dossier CODE --payloads.",
        examples=[{"file": "/run/secrets/payloads"}],
    )
    keep_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=KEPT_DAYS,
        description="For how many days they are kept; older ones are deleted within the hour.",
        examples=[KEPT_DAYS],
    )


class BridgeFile(Closed):
    """``bridge.toml``."""

    locale: Literal["vi", "en"] = Field(
        default="vi", description="The language of messages: vi or en.", examples=["vi"]
    )
    timezone: Annotated[Text, AfterValidator(_timezone)] = Field(
        default="Asia/Ho_Chi_Minh",
        description="The time zone of reports and opening hours.",
        examples=["Asia/Ho_Chi_Minh"],
    )
    agency: Text | None = Field(
        default=None,
        description="The identifier of the province or department that runs the bridge.",
        examples=["000.00.00.H40"],
    )
    store: StoreTable = StoreTable()
    onestop: OneStopTable = OneStopTable()
    console: Console = Console()
    workers: Workers = Workers()
    payloads: Payloads = Payloads()
    alerts: Alerts = Alerts()
    mail: Mail = Mail()
    reconcile: Reconcile = Reconcile()


Times = Annotated[int, Field(ge=1)]


class CeilingsTable(Closed):
    """When a dossier that fails on and on is given up: a dead letter, and a person decides.

    The system itself being away or closed counts for none of them.
    """

    hours: Annotated[float, Field(gt=0, le=8760)] = Field(
        default=24,
        description="How long it may go on failing, in whatever way.",
        examples=[24],
    )
    not_applied: Times | None = Field(
        default=None,
        description="How often in a row the system may say that it did not apply it; without it, "
        "as often as the hours allow.",
        examples=[500],
    )
    lost: Times | None = Field(
        default=None,
        description="How often in a row its answer may be lost (500, no answer in time) and it is "
        "found not to be there.",
        examples=[20],
    )
    contract: Times | None = Field(
        default=None,
        description="How often in a row the answer may break the contract.",
        examples=[10],
    )
    unexpected: Times | None = Field(
        default=None,
        description="How often in a row it may fail in a way nobody foresaw.",
        examples=[10],
    )
    crashes: Times = Field(
        default=5,
        description="How often the bridge itself may break off in the middle of sending it.",
        examples=[5],
    )


class SystemFile(Closed):
    """One ``systems/*.toml``."""

    name: Annotated[
        str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$"), AfterValidator(_system_name)
    ] = Field(
        description="The system's name in commands, the journal and metrics: a-z, 0-9 and _.",
        examples=["gplx"],
    )
    adapter: Text = Field(
        description="The adapter that speaks to it (dossier-bridge adapter list).",
        examples=["gplx"],
    )
    enabled: bool = Field(
        default=True, description="false: the system is left alone.", examples=[True]
    )
    procedures: Annotated[tuple[Text, ...], AfterValidator(_procedures)] = Field(
        default=(),
        description='Dossiers of these procedures go to this system; ["*"] for all.',
        examples=[["1.002835"]],
    )
    poll_seconds: Seconds = Field(
        default=30, description="How often its changes are asked for.", examples=[30]
    )
    max_result_mb: Annotated[float, Field(gt=0, le=4096)] = Field(
        default=50,
        description="The largest file it issues that is taken in, in MB (1,048,576 bytes); a "
        "larger one is set aside.",
        examples=[50],
    )
    max_in_flight: Annotated[int, Field(ge=1, le=64)] = Field(
        default=4,
        description="The most deliveries on their way at the same time; beside them as many doubts "
        "are asked about.",
        examples=[4],
    )
    rate_per_second: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="The most calls a second; without it, no limit.", examples=[10]
    )
    timeout_seconds: Seconds = Field(
        default=30, description="The longest wait for one answer.", examples=[30]
    )
    open_hours: Annotated[Hours | None, BeforeValidator(hours)] = Field(
        default=None,
        description="Outside them nothing is sent; it waits. Without it, always open.",
        examples=["06:00-22:00"],
    )
    doubt_grace_seconds: Seconds | None = Field(
        default=None,
        description='How long after a lost answer the system\'s "there is no such dossier" '
        "starts to count. Without it, twice timeout_seconds.",
        examples=[60],
    )
    answer_deadline_hours: Annotated[float, Field(gt=0, le=8760)] = Field(
        default=24,
        description="How long a receipt, or what became of a lost answer, is waited for before a "
        "person is told. It is asked on, and never sent again on silence.",
        examples=[24],
    )
    max_document_mb: Annotated[float, Field(gt=0, le=4096)] | None = Field(
        default=None,
        description="The largest file this system is sent, in MB (1,048,576 bytes). A dossier with "
        "a larger one is refused before anything is read, and the notice names the paper. Without "
        "it, what the adapter can take.",
        examples=[20],
    )
    allow_insecure: bool = Field(
        default=False,
        description="Allow plain http:// to another machine, and verify = false.",
        examples=[False],
    )
    onboard: bool | None = Field(
        default=None,
        description="true: it begins with reading only, and is let in by dossier-bridge onboard. "
        "false: it sends and takes in from its first day. Without it, false in an office without a "
        "past, and true for a system that is added later or finds years of dossiers.",
        examples=[True],
    )
    successor: Text | None = Field(
        default=None,
        description="The system that takes its procedures over: both may name them, and they go "
        "there once this one is retired (dossier-bridge retire).",
        examples=["gplx_cong_an"],
    )
    ceilings: CeilingsTable = CeilingsTable()
    mapping: dict[str, Text] = Field(
        default_factory=dict,
        description="Other mappings than the adapter's own, by record type: a mapping's name or "
        "the path of a file.",
        examples=[{"dossier": "mappings/gplx/licence.v2.yaml"}],
    )
    options: dict[str, Any] = Field(
        default_factory=dict, description="The adapter's own.", examples=[]
    )
