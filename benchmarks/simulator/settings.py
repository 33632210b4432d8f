"""What the simulated world is told: its seed, and its assumptions with their sources."""

from __future__ import annotations

from enum import StrEnum
from importlib import resources
from pathlib import Path

import msgspec

from benchmarks.call_log.schema import BY_NAME
from benchmarks.published import months
from benchmarks.simulator.call_behaviour import CallBehaviour, RoomDown
from benchmarks.simulator.care_behaviour import CareBehaviour
from benchmarks.simulator.crew_behaviour import CrewBehaviour
from benchmarks.simulator.hospital_behaviour import HospitalBehaviour
from benchmarks.simulator.staffed_bays import BayFit, fits_from_json


class HandoverModel(StrEnum):
    """Where the time at a hospital comes from."""

    DRAWN = "drawn"
    """Drawn for each patient from the trust's published mean and 90th centile."""
    BAYS = "bays"
    """A queue for the hospital's bays, in which walk-in patients take their turn too."""


class BayAssumptions(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How patients pass through the bays of an emergency department."""

    service_mean_min: float = 15.0
    """Time that a handover takes once a bay is free. The national expectation is 15 minutes;
    9 minutes of it are unavoidable (NHS England, AmbModelOpen). Assumed."""
    service_log_sd: float = 0.5
    """Spread of it. Assumed."""
    walk_ins_per_conveyance: float = 2.8
    """Direct attendances for each arrival by ambulance (NHS England, AmbModelOpen)."""
    walk_in_share_of_bays: float = 0.15
    """Share of walk-in patients who need a place where ambulance patients are received. Assumed."""
    walk_in_service_mean_min: float = 25.0
    """How long such a patient holds the place. Assumed."""
    fits: dict[str, BayFit] = {}
    """Bays fitted to published months, by trust; without, the region's bays (assumed)."""


class WorldSettings(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Assumptions of the simulated world, all changeable; durations in the unit of their name."""

    seed: int = 0
    noise: bool = True
    """False: every drawn duration is its mean, journeys take what routing says."""
    month: str | None = None
    """Month (``2026-03``) whose published figures set conveyance and handover; None: the month of
    the log, or the newest one bundled."""
    handover: HandoverModel = HandoverModel.DRAWN
    ignored_columns: tuple[str, ...] = ()
    """Columns of the log that are not believed: the world draws instead."""
    mobilisation_mean_s: float = 60.0
    """From a station; board norm of 30 to 60 s on standby, 60 to 90 s at night (background)."""
    road_mobilisation_mean_s: float = 15.0
    """For a crew in its vehicle. Assumed."""
    mobilisation_log_sd: float = 0.4
    """Assumed."""
    travel_log_sd: float = 0.25
    """Spread of a journey's time around routing's; coefficients of variation of 0.2 on long and
    0.4 on short journeys are published (Budge, Ingolfsson and Zerom, 2010)."""
    responder_stays_s: float = 600.0
    """How long a first responder stays after the conveying crew has come. Assumed."""
    drain_h: float = 24.0
    """How long after the last call the world goes on until every incident has ended."""
    bays: BayAssumptions = BayAssumptions()
    hospital: HospitalBehaviour = HospitalBehaviour()
    crew: CrewBehaviour = CrewBehaviour()
    care: CareBehaviour = CareBehaviour()
    calls: CallBehaviour = CallBehaviour()


def world_settings(  # noqa: PLR0913 -- each assumption by name
    *,
    seed: int = 0,
    noise: bool = True,
    month: str | None = None,
    handover: str = "drawn",
    ignored_columns: tuple[str, ...] = (),
    hospital: HospitalBehaviour | None = None,
    crew: CrewBehaviour | None = None,
    care: CareBehaviour | None = None,
    calls: CallBehaviour | None = None,
    bays: BayAssumptions | None = None,
) -> WorldSettings:
    """Return settings from a person's words.

    Raises
    ------
    ValueError
        When a word is not one that is known; the message lists those that are.
    """
    models = [model.value for model in HandoverModel]
    if handover not in models:
        raise ValueError(f"Expected handover of {', '.join(models)}, was {handover!r}.")
    hospital = HospitalBehaviour() if hospital is None else hospital
    if (hospital.releases or hospital.halo) and handover != HandoverModel.BAYS:
        raise ValueError(
            f"Expected handover of bays for release or HALO (--handover bays), was {handover!r}."
        )
    if bays is not None and bays.fits and handover != HandoverModel.BAYS:
        raise ValueError(
            f"Expected handover of bays with fitted bays (--handover bays), was {handover!r}."
        )
    if month is not None and month not in months():
        known = months()
        raise ValueError(f"Expected a month from {known[0]} to {known[-1]}, was {month!r}.")
    foreign = sorted(set(ignored_columns) - set(BY_NAME))
    if foreign:
        raise ValueError(f"Expected columns of a call log, was {', '.join(foreign)}.")
    return WorldSettings(
        seed=seed,
        noise=noise,
        month=month,
        handover=HandoverModel(handover),
        ignored_columns=ignored_columns,
        hospital=hospital,
        crew=CrewBehaviour() if crew is None else crew,
        care=CareBehaviour() if care is None else care,
        calls=CallBehaviour() if calls is None else calls,
        bays=BayAssumptions() if bays is None else bays,
    )


def care_behaviour(*, redirection: bool, services: str | None = None) -> CareBehaviour:
    """Return how patients are redirected, from a person's words.

    Raises
    ------
    ValueError
        When a directory is named although nobody is redirected.
    """
    if services is not None and not redirection:
        raise ValueError("Expected --redirection with --services, was without.")
    return CareBehaviour(is_on=redirection, directory=services)


def call_behaviour(
    *,
    answering: bool,
    handlers: float = 1.0,
    buddies_after_s: int | None = None,
    down: str | None = None,
) -> CallBehaviour:
    """Return how calls are answered, from a person's words; ``down`` as in ``RRU:6:9``.

    Raises
    ------
    ValueError
        When call answering is not simulated and something of it is asked for, or an outage is not
        a trust and two hours.
    """
    if not answering and (buddies_after_s is not None or down is not None or handlers != 1.0):
        raise ValueError("Expected --call-answering with handlers, buddies or a room down.")
    outages: tuple[RoomDown, ...] = ()
    if down is not None:
        parts = down.split(":")
        try:
            trust, from_h, until_h = parts[0], float(parts[1]), float(parts[2])
        except (IndexError, ValueError):
            raise ValueError(
                f"Expected a trust and two hours such as RRU:6:9, was {down!r}."
            ) from None
        outages = (RoomDown(trust=trust, from_h=from_h, until_h=until_h),)
    return CallBehaviour(
        is_on=answering, handlers_factor=handlers, buddies_after_s=buddies_after_s, down=outages
    )


def bay_assumptions(fitted: Path | None) -> BayAssumptions:
    """Return how patients pass through bays: as fitted in a file, or as assumed.

    ``fitted`` is a file, or the name of a region whose bays come with the package.

    Raises
    ------
    ValueError
        When there is no such file, or it is not one of fitted bays.
    """
    if fitted is None:
        return BayAssumptions()
    bundled = resources.files("benchmarks.calibration").joinpath(f"{fitted}-bays.json")
    found = fitted if fitted.exists() else bundled
    if not found.is_file():
        raise ValueError(f"Expected a file of fitted bays, or england, was {str(fitted)!r}.")
    try:
        return BayAssumptions(fits=dict(fits_from_json(found.read_bytes())))
    except ValueError as error:
        raise ValueError(f"{fitted}: {error}") from error


def in_month(world: WorldSettings, month: str) -> WorldSettings:
    """Return a world whose fitted bays are those of a month, where a fit answers to it."""
    from benchmarks.calibration.bays_months import at_month

    fits = {trust: at_month(fit, month) for trust, fit in world.bays.fits.items()}
    return msgspec.structs.replace(world, bays=msgspec.structs.replace(world.bays, fits=fits))
