"""The fate of each incident of a log: what its patient needs and how long each step will take.

Everything is drawn at once, column by column, before the first event: a draw belongs to an
incident, whoever is sent to it and when. What the log brings is used as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.log import CallLog
from benchmarks.simulator.assumptions import TrustWorld, parts_by_rank, trust_world
from benchmarks.simulator.quantile import lognormal
from benchmarks.simulator.settings import WorldSettings
from benchmarks.simulator.streams import Streams, UInt64s, keys_of
from dispatch.domain.category import RANK, Category
from dispatch.domain.incident import Outcome

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

BY_TELEPHONE: Final = frozenset(
    {Outcome.HEAR_AND_TREAT, Outcome.REFERRED, Outcome.CANCELLED, Outcome.DUPLICATE}
)
"""Outcomes without a response on scene: such incidents never reach the dispatch queue."""

CONVEYED: Final = frozenset({Outcome.CONVEYED_TO_ED, Outcome.CONVEYED_ELSEWHERE})

ELSEWHERE_HANDOVER_S: Final = 540.0
"""Mean time to hand over where there is no queue: the 9 minutes that no handover avoids (NHS
England, AmbModelOpen)."""

ABSENT: Final = -1
"""In columns of milliseconds of a log: nothing is known."""


@dataclass(frozen=True, slots=True)
class Fates:
    """One entry an incident, in the order of the log; durations in milliseconds.

    ``travel_ms`` and ``conveyance_ms`` are what the log brings, `ABSENT` where the roads decide;
    then ``travel_factor`` and ``conveyance_factor`` multiply what routing says.
    """

    trust: list[str]
    outcome: list[Outcome]
    coded_after_ms: list[int]
    mobilisation_ms: list[int]
    road_mobilisation_ms: list[int]
    travel_factor: list[float]
    travel_ms: list[int]
    scene_ms: list[int]
    conveyance_factor: list[float]
    conveyance_ms: list[int]
    handover_ms: list[int]
    clear_ms: list[int]
    service_uniform: Float64s
    """From which the time in a hospital's bay is drawn."""
    leaves_uniform: Float64s
    """From which is drawn whether a crew waits for a bay to the end."""


class _Drawer:
    """The log, its keys and the streams: what every column is drawn from."""

    def __init__(self, log: CallLog, settings: WorldSettings) -> None:
        self.log, self.settings = log, settings
        self.count = len(log)
        self.keys: UInt64s = keys_of(log.incident_id)
        self.streams = Streams(settings.seed)
        categories = [Category(word) if word else Category.C5 for word in log.category.vocabulary]
        self.category = np.array([list(Category).index(c) for c in categories])[log.category.code]
        ranks = np.array([min(RANK[c], 4) - 1 for c in categories])
        self.rank = ranks[log.category.code]

    def uniform(self, name: str) -> Float64s:
        return self.streams.uniform(name, self.keys)

    def column(self, name: str) -> Float64s | None:
        """Return a column of numbers of the log, NaN where it is silent; None when it is absent."""
        if name in self.settings.ignored_columns:
            return None
        return self.log.numbers.get(name)

    def lognormal_s(self, name: str, log_mean: Float64s, log_sd: Float64s) -> Float64s:
        """Return lognormal seconds; their mean when noise is off."""
        if not self.settings.noise:
            return lognormal(np.full(self.count, 0.5), log_mean + log_sd * log_sd / 2.0, 0.0)
        return lognormal(self.uniform(name), log_mean, log_sd)

    def around_s(self, name: str, mean_s: float, log_sd: float) -> Float64s:
        """Return lognormal seconds with a given mean."""
        ones = np.ones(self.count)
        return mean_s * self.lognormal_s(name, -log_sd * log_sd / 2.0 * ones, log_sd * ones)

    def believed_ms(self, name: str, drawn_s: Float64s) -> list[int]:
        """Return whole milliseconds: the log's where it speaks, else the drawn."""
        own = self.column(name)
        seconds = drawn_s if own is None else np.where(np.isnan(own), drawn_s, own)
        return _whole_ms(seconds)

    def own_ms(self, name: str) -> list[int]:
        """Return the log's whole milliseconds, `ABSENT` where it is silent."""
        own = self.column(name)
        if own is None:
            return [ABSENT] * self.count
        return _whole_ms(np.where(np.isnan(own), ABSENT / 1000.0, own))


def fates(log: CallLog, trust: list[str], month: str, settings: WorldSettings) -> Fates:
    """Return the fate of every incident of a log.

    Parameters
    ----------
    log
        The incidents.
    trust
        Home trust of each.
    month
        Month of the published figures to draw from.
    settings
        Seed and assumptions.
    """
    drawer = _Drawer(log, settings)
    worlds = {name: trust_world(name, month) for name in sorted(set(trust))}
    numbers = {name: i for i, name in enumerate(worlds)}
    trust_number = np.array([numbers[name] for name in trust], np.int64)
    outcome = _outcomes(drawer, list(worlds.values()), trust_number)
    conveyed = np.array([o in CONVEYED for o in outcome], bool)
    ones, sd = np.ones(len(log)), settings.travel_log_sd
    journey = (-sd * sd / 2.0 * ones, sd * ones)
    return Fates(
        trust=trust,
        outcome=outcome,
        coded_after_ms=drawer.believed_ms("coded_after_s", np.zeros(len(log))),
        mobilisation_ms=drawer.believed_ms(
            "mobilisation_s",
            drawer.around_s(
                "mobilisation", settings.mobilisation_mean_s, settings.mobilisation_log_sd
            ),
        ),
        road_mobilisation_ms=drawer.believed_ms(
            "mobilisation_s",
            drawer.around_s(
                "mobilisation", settings.road_mobilisation_mean_s, settings.mobilisation_log_sd
            ),
        ),
        travel_factor=drawer.lognormal_s("travel", *journey).tolist(),
        travel_ms=drawer.own_ms("travel_s"),
        scene_ms=drawer.believed_ms("scene_s", _scene_s(drawer, conveyed)),
        conveyance_factor=drawer.lognormal_s("conveyance", *journey).tolist(),
        conveyance_ms=drawer.own_ms("conveyance_s"),
        handover_ms=drawer.believed_ms(
            "handover_s", _handover_s(drawer, list(worlds.values()), trust_number, outcome)
        ),
        clear_ms=drawer.believed_ms("clear_s", _clear_s(drawer, conveyed)),
        service_uniform=drawer.uniform("bay"),
        leaves_uniform=drawer.uniform("leaves the queue"),
    )


def _outcomes(drawer: _Drawer, worlds: list[TrustWorld], trust: Int64s) -> list[Outcome]:
    """Return how each incident will end: as the log says, else drawn by trust and category."""
    conveyed_share = np.array([[w.conveyed_share[c] for c in Category] for w in worlds])
    ed_share = np.array([w.ed_share for w in worlds])
    is_conveyed = drawer.uniform("conveyed") < conveyed_share[trust, drawer.category]
    is_to_ed = drawer.uniform("destination") < ed_share[trust]
    is_c5 = drawer.category == list(Category).index(Category.C5)
    number = np.where(is_conveyed, np.where(is_to_ed, 0, 1), 2)
    number = np.where(is_c5, 3, number)
    drawn = [_DRAWN[n] for n in number.tolist()]
    said = drawer.log.words.get("outcome")
    if said is None or "outcome" in drawer.settings.ignored_columns:
        return drawn
    words = [Outcome(word) if word else None for word in said.vocabulary]
    return [words[code] or drawn[i] for i, code in enumerate(said.code.tolist())]


_DRAWN: Final = (
    Outcome.CONVEYED_TO_ED,
    Outcome.CONVEYED_ELSEWHERE,
    Outcome.SEE_AND_TREAT,
    Outcome.HEAR_AND_TREAT,
)


def _scene_s(drawer: _Drawer, conveyed: npt.NDArray[np.bool_]) -> Float64s:
    shapes = np.array(
        [parts_by_rank("scene", conveyed=False), parts_by_rank("scene", conveyed=True)]
    )
    chosen = shapes[conveyed.astype(np.int64), drawer.rank]
    return drawer.lognormal_s("scene", chosen[:, 0], chosen[:, 1])


def _clear_s(drawer: _Drawer, conveyed: npt.NDArray[np.bool_]) -> Float64s:
    """Return the time to clear after a handover; a crew that treats on scene is clear at once."""
    chosen = np.array(parts_by_rank("clear", conveyed=True))[drawer.rank]
    drawn = drawer.lognormal_s("clear", chosen[:, 0], chosen[:, 1])
    return np.where(conveyed, drawn, 0.0)


def _handover_s(
    drawer: _Drawer, worlds: list[TrustWorld], trust: Int64s, outcome: list[Outcome]
) -> Float64s:
    uniform = drawer.uniform("handover")
    drawn = np.empty(drawer.count, np.float64)
    mean = np.array([world.handover.mean_s for world in worlds])[trust]
    for number, world in enumerate(worlds):
        rows = trust == number
        drawn[rows] = world.handover.seconds(uniform[rows])
    if not drawer.settings.noise:
        drawn = mean
    # A trust's spread, around the time that is needed where nobody waits.
    elsewhere = np.array([o is Outcome.CONVEYED_ELSEWHERE for o in outcome], bool)
    return np.where(elsewhere, drawn * (ELSEWHERE_HANDOVER_S / mean), drawn)


def _whole_ms(seconds: Float64s) -> list[int]:
    whole: list[int] = np.rint(seconds * 1000.0).astype(np.int64).tolist()
    return whole
