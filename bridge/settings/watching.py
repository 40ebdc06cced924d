"""Who is told what waits too long, from when on, and where the daily mails to the offices go."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from bridge.domain.alerts import TABLE
from bridge.i18n import _
from bridge.settings.forms import Clock, Closed, Hours, MailAddress, Secret, Text, Url, hours

__all__ = ["Alerts", "Mail", "Receiver"]

_DEFAULTS = {row.key: row.defaults for row in TABLE}
"""The thresholds stand in one place, with the rules."""

_Threshold = Annotated[float, Field(ge=0)]


class Receiver(Closed):
    """Who is told of alerts: an address of a program, or of a mailbox."""

    webhook: Url | None = None
    token: Secret | None = None
    ca_file: Text | None = None
    mail: MailAddress | None = None
    language: Literal["vi", "en"] | None = None
    least: Literal["warning", "critical"] = "warning"
    allow_insecure: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.webhook is None) == (self.mail is None):
            raise ValueError(_("expected either webhook or mail"))
        return self


class Alerts(Closed):
    """What waits too long, and who is told. A threshold of 0 switches its rule off."""

    receivers: dict[str, Receiver] = Field(
        default_factory=dict,
        description="Who is told when an alert opens and when it is over, by a name of your own, "
        "as [alerts.receivers.NAME]: webhook (an address that takes JSON by POST; with token, sent "
        "as a bearer) or mail (an address; needs [mail]), language, and least (critical: not of "
        "warnings).",
        examples=[{"duty": {"mail": "quantri@example.vn", "language": "vi", "least": "warning"}}],
    )
    quiet: Annotated[Hours | None, BeforeValidator(hours)] = Field(
        default=None,
        description="When nobody is told of warnings: they wait for its end, and are not told if "
        "they are over by then. What is critical is told at any time.",
        examples=["22:00-06:00"],
    )
    pending_hours: _Threshold = Field(
        default=_DEFAULTS["pending_hours"][0],
        description="A delivery waits to be sent for so long, though its system may be called.",
    )
    accepted_hours: _Threshold = Field(
        default=_DEFAULTS["accepted_hours"][0],
        description="A delivery was taken and is not confirmed for so long.",
    )
    in_doubt_hours: _Threshold = Field(
        default=_DEFAULTS["in_doubt_hours"][0],
        description="Nobody knows for so long whether a delivery was applied.",
    )
    dead_hours: _Threshold = Field(
        default=_DEFAULTS["dead_hours"][0],
        description="A dead letter waits for a person for so long.",
    )
    conflict_hours: _Threshold = Field(
        default=_DEFAULTS["conflict_hours"][0],
        description="A conflict waits for a person for so long.",
    )
    quarantined_hours: _Threshold = Field(
        default=_DEFAULTS["quarantined_hours"][0],
        description="A record that can't be read is set aside for so long.",
    )
    closed_hours: _Threshold = Field(
        default=_DEFAULTS["closed_hours"][0],
        description="A system can't be called for so long: login refused, maintenance, away. "
        "Critical.",
    )
    paused_hours: _Threshold = Field(
        default=_DEFAULTS["paused_hours"][0],
        description="A person paused a system so long ago, and may have forgotten it.",
    )
    feed_hours: _Threshold = Field(
        default=_DEFAULTS["feed_hours"][0],
        description="A system's changes could not be read for so long, though it may be called. "
        "Critical.",
    )
    onestop_minutes: _Threshold = Field(
        default=_DEFAULTS["onestop_minutes"][0],
        description="The one-stop database can't be reached for so long. Critical.",
    )
    differing: _Threshold = Field(
        default=_DEFAULTS["differing"][0],
        description="Both sides differ in so many dossiers, as the last nightly comparison found.",
    )
    unaccounted: _Threshold = Field(
        default=_DEFAULTS["unaccounted"][0],
        description="So many deliveries that were posted are in no state. Critical.",
    )
    disk_free_mb: _Threshold = Field(
        default=_DEFAULTS["disk_free_mb"][0],
        description="So little is left on a disk the bridge writes to. Critical.",
    )
    certificate_days: tuple[_Threshold, ...] = Field(
        default=_DEFAULTS["certificate_days"],
        description="So many days before a certificate ends: told at each, the last one critical.",
    )

    @property
    def thresholds(self) -> dict[str, tuple[float, ...]]:
        """The threshold of each rule by its key, mildest first."""
        given = {key: getattr(self, key) for key in _DEFAULTS}
        return {key: one if isinstance(one, tuple) else (one,) for key, one in given.items()}


class Mail(Closed):
    """The server mails are handed in at, and the daily mail to each office."""

    host: Text | None = Field(
        default=None,
        description="The server (SMTP). Without it no mail is sent.",
        examples=["mail.example.vn"],
    )
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=587, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description='"starttls", "tls" (usual at port 465), or "none": only to this machine, '
        "elsewhere with allow_insecure = true.",
    )
    sender: MailAddress | None = Field(
        default=None, description="The address mails come from.", examples=["caunoi@example.vn"]
    )
    username: Text | None = Field(
        default=None, description="The login, if the server asks for one.", examples=["caunoi"]
    )
    password: Secret | None = Field(
        default=None, description="Its password.", examples=[{"env": "MAIL_PASSWORD"}]
    )
    ca_file: Text | None = Field(
        default=None,
        description="Certificates of authorities to trust, beside the machine's.",
        examples=["certificates/authority.pem"],
    )
    allow_insecure: bool = Field(
        default=False, description="Allow mails to another machine in the clear."
    )
    digest_at: Clock = Field(
        default="07:30",
        description="When each office is sent, once a day, what its clerks must mend.",
    )
    other: MailAddress | None = Field(
        default=None,
        description="Where the mail goes of offices that agencies does not name. Without it they "
        "get none.",
        examples=["motcua@example.vn"],
    )
    agencies: dict[str, MailAddress] = Field(
        default_factory=dict,
        description="Where the mail of each office goes, by the code of the agency that receives "
        "dossiers (reception_agency_code), as in [mail.agencies].",
        examples=[{"000.00.01.H40": "motcua1@example.vn"}],
    )

    @property
    def at(self) -> time:
        """The local time of the daily mail."""
        return time.fromisoformat(self.digest_at)

    @property
    def in_the_clear(self) -> bool:
        """Whether mails would go to another machine readable for everybody on the way."""
        here = self.host in {"localhost", "127.0.0.1", "::1"}
        return self.security == "none" and not self.allow_insecure and not here
