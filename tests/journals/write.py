"""Write the golden journals anew: ``python -m tests.journals.write``.

Done only when the engine is meant to decide otherwise; the changelog says under *Decisions* why.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.replay import replay
from benchmarks.simulator.settings import HandoverModel, WorldSettings
from dispatch.engine import settings_named
from maps.region import Region
from tests.benchmarks.towns import a_busy_day, a_shift, a_town, a_unit

FOLDER: Final = Path(__file__).parent

RUNS: Final = {
    "b1": WorldSettings(seed=1),
    "b2": WorldSettings(seed=1),
    "b2-bays": WorldSettings(seed=2, handover=HandoverModel.BAYS),
}
"""Golden journals by name; the part before a hyphen is the policy."""


def golden_town() -> Region:
    """Return the town of the golden journals: every kind of unit, shifts, two hospitals."""
    return a_town(
        a_unit("A1", 0),
        a_unit("A2", 3, shifts=(a_shift(7, 19), a_shift(19, 7))),
        a_unit("A3", 6, shifts=(a_shift(8, 20),)),
        a_unit("A4", 4, skill="EMT"),
        a_unit("R1", 3, kind="RRV"),
        a_unit("U1", 5, kind="URGENT_CARE", skill="ECA"),
        a_unit("V1", 6, kind="CFR", skill="RESPONDER"),
        hospitals=(2, 5),
    )


def write(name: str, path: Path) -> None:
    """Write one golden journal."""
    settings = settings_named(name.split("-", maxsplit=1)[0])
    replay(a_busy_day(60), golden_town(), settings, RUNS[name], journal=path)


if __name__ == "__main__":
    for each in RUNS:
        write(each, FOLDER / f"{each}.jsonl.gz")
