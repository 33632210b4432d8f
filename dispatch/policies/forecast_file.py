"""A fitted forecast as JSON: named by its content, checked when it is read, put into force."""

from __future__ import annotations

import hashlib

import msgspec

from dispatch.domain.demand_model import Forecast
from dispatch.domain.event_feed import ForecastGiven


def named(forecast: Forecast) -> Forecast:
    """Return the forecast with the version that its content gives it."""
    plain = msgspec.structs.replace(forecast, version="")
    digest = hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()[:12]
    return msgspec.structs.replace(forecast, version=f"forecast-{digest}")


def forecast_from_json(data: bytes, region: str) -> Forecast:
    """Return a forecast from JSON.

    Raises
    ------
    ValueError
        When it is not a forecast, was altered since it was fitted, or is of another region.
    """
    try:
        found = msgspec.json.decode(data, type=Forecast)
    except msgspec.DecodeError as error:
        raise ValueError(f"Expected a forecast, was not: {error}") from error
    if named(found).version != found.version:
        raise ValueError("Expected a forecast as it was fitted, was altered.")
    if found.region != region:
        raise ValueError(f"Expected a forecast of {region}, was {found.region}.")
    return found


def given(forecast: Forecast, now_ms: int) -> ForecastGiven:
    """Return the event that puts a fitted forecast into force, for as long as it is valid."""
    return ForecastGiven(
        forecast=forecast,
        issued_at_ms=now_ms,
        stale_after_s=forecast.valid_days * 86_400,
    )
