"""Open a journal again: the run that it records, without deciding anything anew."""

from __future__ import annotations

from pathlib import Path

from benchmarks.ledger import Ledger
from benchmarks.replay import Refused, Run, month_of
from benchmarks.simulator.assumptions import published_month
from benchmarks.simulator.redirected import AGAIN
from benchmarks.verify import followed
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.call import Call
from dispatch.domain.ids import IncidentId
from dispatch.domain.incident import IncidentRecord
from dispatch.journal import Entry
from dispatch.ports import TravelTimes
from maps.region import Region


class _Reader:
    """Follows a journal and collects what a replay would have left behind."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.records: dict[IncidentId, IncidentRecord] = {}
        self.telephone: list[Call] = []
        self.refused: list[Refused] = []
        self.reported: list[int] = []

    def see(self, entry: Entry, dispatcher: Dispatcher) -> None:
        self.ledger.see(entry)
        event = entry.event
        if isinstance(event, ev.IncidentReported):
            self.reported.append(event.connected_at_ms)
        elif isinstance(event, ev.EventRejected):
            self.refused.append(Refused(event.subject, event.reason))
        state = dispatcher.state
        if state.closed:
            # An incident that a service gave back ends again: the last record is the one.
            for record in state.take_closed():
                self.records.pop(record.incident, None)
                self.records[record.incident] = record
        if state.calls.ended:
            self.telephone += state.calls.take_ended()


def reopened(path: Path, region: Region, travel: TravelTimes) -> Run:
    """Return the run that a journal records, whether a replay or a live service wrote it.

    Raises
    ------
    OtherVersionError, BrokenJournalError
        When the journal is of other places or roads, or was altered or cut short.
    ValueError
        When it records no incident.
    """
    reader = _Reader()
    header, dispatcher = followed(path, region, travel, reader.see)
    if not reader.reported:
        raise ValueError(f"Expected a journal with incidents, was none in {path}.")
    again = sum(name.endswith(AGAIN) for name in reader.records)
    return Run(
        region=region,
        settings=dispatcher.state.settings,
        world=None,
        month=published_month(month_of(sorted(reader.reported))),
        log_sha256=header.log_sha256 or "",
        travel_version=travel.version,
        engine=header.engine,
        calls=len(reader.reported) + len(reader.refused) - again,
        records=list(reader.records.values()),
        telephone=reader.telephone,
        second_calls=again,
        ledger=reader.ledger,
        refused=reader.refused,
        unfinished=len(dispatcher.state.incidents),
    )
