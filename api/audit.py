"""Look at a journal afterwards: is it whole, would the same be decided, and take it out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.ground import Ground, open_ground, roads_of
from api.restart import check_header
from api.store.sqlite import JournalReader
from dispatch.domain.event import PictureOpened
from dispatch.engine import open_dispatcher
from dispatch.journal import Chain, to_line

DIFFERENCES_MAX: Final = 10
"""How many differing entries a report names."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found: entries read, the numbers of those decided otherwise, digest."""

    entries: int
    differences: tuple[int, ...]
    digest: str

    def words(self) -> str:
        """Return the finding in a sentence or two."""
        if not self.differences:
            return (
                f"{self.entries} entries: the chain is whole and not one decision differs. "
                f"State digest {self.digest}."
            )
        first = ", ".join(map(str, self.differences[:DIFFERENCES_MAX]))
        return (
            f"{self.entries} entries: the chain is whole, but {len(self.differences)} would be "
            f"decided otherwise; the first are {first}. State digest {self.digest}."
        )


def verify(store: Path, region: str | None = None, *, ground: Ground | None = None) -> Verified:
    """Check a journal's chain and decide each of its events anew, on the picture of its time.

    Raises
    ------
    BrokenStoreError, ForeignStoreError
        When the journal is damaged, or belongs to other places or roads.
    ValueError
        When the region cannot be opened.
    """
    with JournalReader(store) as reader:
        header = reader.header()
        ground = open_ground(region or header.region) if ground is None else ground
        check_header(header, ground)
        dispatcher = open_dispatcher(ground.travel, region=ground.region, roads=roads_of(ground))
        differences: list[int] = []
        for entry in reader.entries():
            if not isinstance(entry.event, PictureOpened):
                anew = dispatcher.recommend(entry.event, entry.now_ms)
                if anew != entry.decisions:
                    differences.append(entry.seq)
            dispatcher.follow(entry)
            dispatcher.state.take_closed()
    return Verified(dispatcher.next_seq, tuple(differences), dispatcher.state.digest())


def export(store: Path, out: Path) -> int:
    """Write a journal as lines of JSON with header and footer; return the number of entries.

    Raises
    ------
    BrokenStoreError, ForeignStoreError
        When the journal is damaged or is none.
    """
    chain = Chain()
    with JournalReader(store) as reader, out.open("wb") as file:
        file.write(to_line(reader.header()))
        for entry in reader.entries():
            file.write(chain.add(to_line(entry)))
        file.write(to_line(chain.footer()))
    return chain.entries
