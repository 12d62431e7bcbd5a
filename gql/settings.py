"""Settings: read once from the environment, frozen. The README's table of settings is checked against this file."""

import re
import secrets
from email.utils import parseaddr
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gql.domain.data_keys import DataKey, new_key, parse_keys
from gql.kept_secrets import kept_secret

EMBEDDED_DATABASE = "sqlite+aiosqlite:///var/lenddesk.db"


class Settings(BaseSettings):
    """Everything that differs between two installations. Each name is the environment variable, in lower case."""

    model_config = SettingsConfigDict(frozen=True, env_file=None, extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, description="Port to listen on.")
    database_url: str = Field(
        default=EMBEDDED_DATABASE,
        description="SQLAlchemy URL; `postgresql://…` in production, embedded SQLite otherwise.",
    )
    database_pool_size: int = Field(default=10, ge=1, description="Database connections a process keeps at most.")
    var_dir: Path = Field(
        default=Path("var"), description="Folder for what the server writes: mails, the demo's secret."
    )
    secret_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Key that signs access tokens, 32 characters or more. Left out, one is made and kept in VAR_DIR.",
    )
    data_keys: SecretStr | None = Field(
        default=None,
        description=(
            "Keys that seal BVNs, NINs, account numbers: 32 random bytes each in base64 (`lenddesk keys new`), newest "
            "first, with commas between; the same on all servers. Left out, one is made and kept in VAR_DIR."
        ),
    )
    access_token_minutes: int = Field(default=10, ge=1, description="Life of an access token.")
    refresh_token_days: int = Field(default=14, ge=1, description="Life of a session that is not used.")
    password_hash_concurrency: int = Field(default=2, ge=1, description="Passwords hashed at a time; 64 MiB each.")
    sign_in_failures_per_account: int = Field(
        default=5, ge=1, description="Failed sign-ins to one account from one address before it is locked there."
    )
    sign_in_failures_per_account_minutes: int = Field(default=15, ge=1, description="The time in which they count.")
    sign_in_failures_per_address: int = Field(
        default=50, ge=1, description="Failed sign-ins from one address, to any account, before it is locked."
    )
    sign_in_failures_per_address_minutes: int = Field(default=60, ge=1, description="The time in which they count.")
    password_resets_per_account: int = Field(
        default=5, ge=1, description="Mails to reset the password of one account that can be asked for in an hour."
    )
    password_resets_per_address: int = Field(
        default=20, ge=1, description="The same from one address, for any accounts."
    )
    contact_changes_per_account: int = Field(
        default=10, ge=1, description="Tries of a customer to change their own email or phone in an hour."
    )
    console_url: str = Field(
        default="http://localhost:3000",
        description="Where the admin console is: links in mails to admins lead to `/reset-password` and `/invitation`.",
    )
    console_origins: str = Field(
        default="",
        description=(
            "Origins, with commas between, that may use sessions in cookies besides this server's own: where the "
            "console's site passes `/graphql` on to here under another host name."
        ),
    )
    customer_app_url: str = Field(
        default="http://localhost:3001",
        description="Where the customers' web app is: links in mails to customers lead to its `/reset-password`.",
    )
    trusted_proxies: str = Field(
        default="",
        description=(
            "Addresses or networks, with commas between, of the proxies whose `X-Forwarded-For` tells the client's "
            "address. Left out, the client is whoever connects."
        ),
    )
    assignment_scope: Literal["any", "office", "ancestors", "assigner"] = Field(
        default="any",
        description=(
            "Which offices an account manager may come from: any active one, the customer's own, the customer's and "
            "those above it, or those in the assigner's own sight."
        ),
    )
    lookups_per_minute: int = Field(
        default=30,
        ge=1,
        description="Exact look-ups of a withheld email, phone, identifier or account number by an admin in a minute.",
    )
    reveals_per_minute: int = Field(
        default=10, ge=1, description="Identifiers and account numbers that one admin may have revealed in a minute."
    )
    cover_days_max: int = Field(default=90, ge=1, le=366, description="Days for which a book can be covered.")
    break_glass_minutes_max: int = Field(default=480, ge=1, description="Minutes for which a customer can be opened.")
    identifiers_per_minute: int = Field(default=10, ge=1, description="Identifiers one may try to record a minute.")
    default_region: str = Field(
        default="NG", description="Country whose phone numbers may be written without a prefix."
    )
    audit_keys: SecretStr | None = Field(
        default=None,
        description=(
            "Keys that seal the audit trail, 32 characters or more each, with commas between: the first seals, all "
            "verify. Left out, it is SECRET_KEY; put that here before you change it."
        ),
    )
    audit_seal_seconds: float = Field(
        default=10.0, gt=0, description="How often audit events are sealed: what an alteration could go unnoticed for."
    )
    denials_per_minute: int = Field(
        default=30, ge=1, description="Denied attempts of an account or address on record a minute; more are counted."
    )
    document_store: str = Field(
        default="",
        description=(
            "`s3://bucket/prefix` of an S3-compatible service, whose credentials are in AWS's own variables; the same "
            "on all servers. Left out, documents are in VAR_DIR/documents."
        ),
    )
    document_link_minutes: int = Field(
        default=5, ge=1, description="Life of a link to send a document to or fetch it from."
    )
    max_document_bytes: int = Field(default=10_000_000, ge=1_000, description="Largest document.")
    max_import_bytes: int = Field(default=20_000_000, ge=1_000, description="Largest file of customers for a group.")
    document_seconds: float = Field(default=120, gt=0, description="Time that a client has to send a document or file.")
    smtp_url: SecretStr | None = Field(
        default=None,
        description="`smtp://user:password@host:587` or `smtps://…`. Left out, mails are written to VAR_DIR/mail.",
    )
    mail_from: str = Field(default="LendDesk <no-reply@lenddesk.example>", description="Sender of the mails.")
    outbox_poll_seconds: float = Field(default=1.0, gt=0, description="How often the dispatcher looks for messages.")
    outbox_in_server: bool = Field(
        default=True,
        description="Whether `serve` does what `worker` always does: mails, jobs, scheduled starts, sealing, upkeep.",
    )
    job_poll_seconds: float = Field(default=1.0, gt=0, description="How often new jobs are looked for.")
    job_tries: int = Field(default=6, ge=1, description="How often a job's next customers are tried before it FAILED.")
    job_undo_hours: int = Field(default=24, ge=1, description="How long a job that has ended can be taken back.")
    group_unused_days: int = Field(default=365, ge=30, description="Disuse until a group is suggested for archive.")
    notifications_kept_days: int = Field(default=180, ge=1, description="How long a notification is kept.")
    ended_sessions_kept_days: int = Field(default=30, ge=1, description="How long an ended session is kept.")
    idempotency_keys_kept_hours: int = Field(
        default=48, ge=24, description="How long a mutation sent again with its idempotency key repeats its answer."
    )
    allowed_hosts: str = Field(
        default="localhost,127.0.0.1,[::1]",
        description=(
            "Host names that clients reach the server by, separated by commas; `*` for any. HOST is one besides, and "
            "probes may use any."
        ),
    )
    served_over_tls: bool = Field(
        default=False,
        description="Whether clients come by HTTPS, which a proxy may end: answers then say never to come without.",
    )
    max_body_bytes: int = Field(default=100_000, ge=1_000, description="Largest request body.")
    max_url_bytes: int = Field(default=8_192, ge=100, description="Longest address of a request.")
    max_header_bytes: int = Field(default=16_384, ge=1_000, description="Largest headers of a request, all together.")
    header_seconds: float = Field(default=10, gt=0, description="Time that a client has to send its request's headers.")
    body_seconds: float = Field(default=10, gt=0, description="Time that it then has to send the body.")
    write_seconds: float = Field(
        default=10, gt=0, description="Time in which a client must take its answer, or 64 KiB of it each time."
    )
    keep_alive_seconds: int = Field(default=5, ge=1, description="How long an idle connection is kept.")
    request_seconds: float = Field(default=10, gt=0, description="Time that a request may be worked on.")
    stop_seconds: int = Field(default=15, ge=1, description="Time that a stop leaves to what has begun.")
    limit_concurrency: int = Field(
        default=1_000,
        ge=1,
        description="Connections that a process takes at a time, each with a request at a time; others get a 503.",
    )
    limit_characters: int = Field(default=15_000, ge=1, description="Characters of a document.")
    limit_tokens: int = Field(default=1_000, ge=1, description="Tokens of a document.")
    limit_depth: int = Field(default=15, ge=1, description="Depth of an operation, not counting `edges` and `node`.")
    limit_aliases: int = Field(default=30, ge=0, description="Aliases of an operation, fragments spread.")
    limit_root_fields: int = Field(default=10, ge=1, description="Root fields of an operation.")
    limit_directives: int = Field(default=10, ge=0, description="Directives of an operation, fragments spread.")
    limit_operations: int = Field(default=5, ge=1, description="Operations of a document.")
    limit_fields: int = Field(default=300, ge=1, description="Fields of an operation, fragments spread.")
    limit_typenames: int = Field(default=300, ge=1, description="`__typename`s of an operation, fragments spread.")
    limit_repeats: int = Field(
        default=20, ge=1, description="How often one selection set may ask for the same key, inline fragments included."
    )
    limit_nodes: int = Field(default=5_000, ge=1, description="Nodes that an operation may return, by its page sizes.")
    limit_mutations: int = Field(default=5, ge=1, description="Mutations of an operation.")
    max_response_bytes: int = Field(default=1_000_000, ge=10_000, description="Largest answer of an operation.")
    points_per_minute: int = Field(
        default=2_000,
        ge=0,
        description="What a user may ask of a process in a minute, a point for 100 nodes; 0 for no bound.",
    )
    only_registered_documents: bool = Field(
        default=False, description="Whether nothing runs but what `lenddesk documents register` was given."
    )
    log_level: Literal["debug", "info", "warning", "error", "critical"] = Field(
        default="info", description="Least level that is logged."
    )

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        backend, _, place = url.partition("://")
        if backend.partition("+")[0] not in ("sqlite", "postgresql", "postgres") or not place.strip("/"):
            raise ValueError("Write postgresql://user:password@host/database, or sqlite:///path/of/a/file")
        return url

    @field_validator("document_store")
    @classmethod
    def _is_a_store(cls, url: str) -> str:
        if url and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/[A-Za-z0-9._/-]+)?", url):
            raise ValueError("Write s3://bucket or s3://bucket/prefix")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not re.match(r"smtps?://[^/]+", url.get_secret_value()):
            raise ValueError("Write smtp://user:password@host:587, or smtps://user:password@host")
        return url

    @field_validator("audit_keys")
    @classmethod
    def _are_audit_keys(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is not None and any(len(key.strip()) < 32 for key in keys.get_secret_value().split(",")):
            raise ValueError("Write keys of 32 characters or more, with commas between")
        return keys

    @field_validator("data_keys")
    @classmethod
    def _are_data_keys(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is not None:
            parse_keys(keys.get_secret_value())
        return keys

    @field_validator("console_url", "customer_app_url")
    @classmethod
    def _is_a_site(cls, url: str) -> str:
        if not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", url):
            raise ValueError("Write the address of a site, such as https://console.lender.example")
        return url.rstrip("/")

    @field_validator("console_origins")
    @classmethod
    def _are_origins(cls, origins: str) -> str:
        for origin in filter(None, map(str.strip, origins.split(","))):
            if not re.fullmatch(r"https?://[^/?#\s@*]+", origin):
                raise ValueError("Write origins such as https://console.lender.example, with commas between")
        return origins

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, proxies: str) -> str:
        try:
            for proxy in filter(None, map(str.strip, proxies.split(","))):
                ip_network(proxy)
        except ValueError:
            raise ValueError("Write addresses or networks (10.0.0.7, 10.0.0.0/24), with commas between") from None
        return proxies

    @field_validator("mail_from")
    @classmethod
    def _is_a_sender(cls, sender: str) -> str:
        if "@" not in parseaddr(sender)[1]:
            raise ValueError("Write an address, or a name and an address in angle brackets")
        return sender

    @property
    def audit_key_list(self) -> list[str]:
        """AUDIT_KEYS, one by one; none where it is left out."""
        return [] if self.audit_keys is None else [key.strip() for key in self.audit_keys.get_secret_value().split(",")]

    @property
    def console_origin_list(self) -> list[str]:
        """CONSOLE_ORIGINS, one by one."""
        return [origin.strip() for origin in self.console_origins.split(",") if origin.strip()]

    @cached_property
    def signing_key(self) -> str:
        """The configured key, or one that is made at the first start and kept, readable by the owner only."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        return kept_secret(self.var_dir / "secret.key", lambda: secrets.token_urlsafe(48))

    @cached_property
    def data_key_ring(self) -> tuple[DataKey, ...]:
        """The configured data keys, newest first; or one that is made and kept in the same way."""
        if self.data_keys is not None:
            return parse_keys(self.data_keys.get_secret_value())
        return parse_keys(kept_secret(self.var_dir / "data.keys", new_key))
