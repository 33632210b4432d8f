"""Configuration of the server, from the command line, the environment, or defaults."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServerSettings(BaseSettings):
    """What a server is started with; each field is also read from ``BLUELIGHT_`` and its name.

    What decides about patients is not here: that is `dispatch.domain.settings.Settings`, which
    the journal records.
    """

    model_config = SettingsConfigDict(env_prefix="BLUELIGHT_", extra="forbid", frozen=True)

    region: str = "isle-of-wight"
    """Name of a bundled region, or path of a region file."""
    store: Path = Path("bluelight.sqlite")
    """File of the journal; made when it does not exist."""
    policy: str | None = None
    """Name of a configuration. None keeps what the journal says, and starts a new one with b2."""
    forecast: Path | None = None
    """File of `bluelight forecast fit` to put into force; None leaves what the journal says."""
    host: str = "127.0.0.1"
    port: int = Field(default=8099, ge=0, le=65_535)
    sign_on_fleet: bool = False
    """Sign on the crews of the region's fleet that are on shift and not on duty yet."""
    body_max_bytes: int = Field(default=1_000_000, ge=1_000)
    """Largest request body; a batch of 1,000 positions is 120 kB."""
    queue_max: int = Field(default=2_000, ge=10)
    """Requests that may wait for the engine; a quarter of it is kept for emergencies."""
    batch_max: int = Field(default=256, ge=1)
    """Requests that share one flush to disk."""
    idempotency_kept_h: int = Field(default=72, ge=1)
    """How long a repeated request is recognised, in hours."""
    stream_kept: int = Field(default=8_192, ge=16)
    """Entries kept in memory for streams; who falls further behind is told to start afresh."""
    heartbeat_s: float = Field(default=10.0, gt=0.0)
    """How often a silent stream shows that it lives."""
    console: bool = True
    """Whether the control-room page is served."""
