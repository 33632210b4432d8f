"""Verify a journal: the recorded events, decided anew, must give the recorded decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.journal_file import engine_version, opened_journal
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.decision import Decision
from dispatch.engine import open_dispatcher
from dispatch.journal import Entry, Header
from dispatch.ports import TravelTimes
from maps.region import Region
from routing.live import roads_from

DIFFERENCES_KEPT: Final = 10

_TOLD_ONLY: Final = (ev.PictureOpened,)
"""Events that bring their own world: they are followed, there is nothing to decide."""


class OtherVersionError(ValueError):
    """A journal belongs to another region, or to other travel times, than the ones at hand."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry that is decided otherwise today."""

    seq: int
    now_ms: int
    event: str
    recorded: tuple[Decision, ...]
    decided: tuple[Decision, ...] | str
    """What is decided today; the words of the error when the event is refused today."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a journal: how many entries and decisions agree, and the first that do not.

    ``engine`` wrote the journal, ``verified_by`` read it.
    """

    engine: str
    verified_by: str
    entries: int
    decisions: int
    different: int
    first: tuple[Difference, ...]


def verify(
    path: Path,
    region: Region,
    travel: TravelTimes,
    *,
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Decide every event of a journal anew and compare with what was decided then.

    After a difference the recorded decisions are carried on with, so that each difference is
    counted once and not again in everything that follows from it.

    Raises
    ------
    OtherVersionError
        When the journal names another version of the region or of the travel times.
    BrokenJournalError
        When the file was altered or cut short.
    """
    with opened_journal(path) as (header, entries):
        check_versions(header, region, travel, path)
        compared = _Compared(open_dispatcher(travel, region=region, roads=roads_from(travel)))
        for entry in entries:
            compared.see(entry)
            if progress is not None and entry.seq % 4096 == 0:
                progress(entry.seq)
    return Verification(
        engine=header.engine,
        verified_by=engine_version(),
        entries=compared.entries,
        decisions=compared.decisions,
        different=compared.different,
        first=tuple(compared.first),
    )


def check_versions(header: Header, region: Region, travel: TravelTimes, path: Path) -> None:
    """Refuse a journal of another region or other roads.

    Raises
    ------
    OtherVersionError
        When it is.
    """
    asked = (
        ("region", header.region, region.name),
        ("region version", header.region_version, region.version),
        ("travel times", header.travel_version, travel.version),
    )
    for what, recorded, here in asked:
        if recorded != here:
            raise OtherVersionError(f"{path}: expected {what} {recorded}, was {here}.")


class _Compared:
    """A fresh dispatcher that follows a journal while deciding everything for itself."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self.entries = self.decisions = self.different = 0
        self.first: list[Difference] = []

    def see(self, entry: Entry) -> None:
        """Decide one entry's event, compare, and go on with what was recorded."""
        self.entries += 1
        self.decisions += len(entry.decisions)
        if not isinstance(entry.event, _TOLD_ONLY):
            decided = self._decided(entry)
            if decided != entry.decisions:
                self._note(entry, decided)
        self._dispatcher.follow(entry)

    def _decided(self, entry: Entry) -> tuple[Decision, ...] | str:
        try:
            return self._dispatcher.recommend(entry.event, entry.now_ms)
        except Exception as error:  # noqa: BLE001 - whatever refuses the event today is the finding
            return f"{type(error).__name__}: {error}"

    def _note(self, entry: Entry, decided: tuple[Decision, ...] | str) -> None:
        self.different += 1
        if len(self.first) < DIFFERENCES_KEPT:
            name = type(entry.event).__name__
            self.first.append(Difference(entry.seq, entry.now_ms, name, entry.decisions, decided))


def followed(
    path: Path, region: Region, travel: TravelTimes, watch: Callable[[Entry, Dispatcher], None]
) -> tuple[Header, Dispatcher]:
    """Carry a journal into a picture without deciding anew; ``watch`` sees every entry after it.

    Raises
    ------
    OtherVersionError, BrokenJournalError
        As `verify` does.
    """
    dispatcher = open_dispatcher(travel, roads=roads_from(travel))
    with opened_journal(path) as (header, entries):
        check_versions(header, region, travel, path)
        for entry in entries:
            dispatcher.follow(entry)
            watch(entry, dispatcher)
    return header, dispatcher
