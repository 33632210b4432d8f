"""The incidents that need somebody, found by identifier and by trust."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from dispatch.domain.ids import IncidentId, TrustCode
from dispatch.state.rows import Incident


class Queue:
    """Incidents with open roles. Most questions are one trust's, so it is kept by trust as well."""

    __slots__ = ("_by_id", "_by_trust")

    def __init__(self) -> None:
        self._by_id: dict[IncidentId, Incident] = {}
        self._by_trust: dict[TrustCode, dict[IncidentId, Incident]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[IncidentId]:
        return iter(self._by_id)

    def __contains__(self, incident: object) -> bool:
        return incident in self._by_id

    def get(self, incident: IncidentId) -> Incident | None:
        """Return an incident that needs somebody; None when it does not."""
        return self._by_id.get(incident)

    def values(self) -> Collection[Incident]:
        """Return all of them."""
        return self._by_id.values()

    def of(self, trust: TrustCode) -> Collection[Incident]:
        """Return those of one trust."""
        return self._by_trust.get(trust, {}).values()

    def among(self, trusts: Iterable[TrustCode] | None) -> list[Incident]:
        """Return those of some trusts; all of them when None."""
        if trusts is None:
            return list(self._by_id.values())
        return list(chain.from_iterable(map(self.of, sorted(trusts))))

    def put(self, incident: Incident) -> None:
        """Enter an incident, or keep it."""
        self._by_id[incident.id] = incident
        self._by_trust.setdefault(incident.trust, {})[incident.id] = incident

    def drop(self, incident: IncidentId) -> None:
        """Take an incident out, if it is in."""
        known = self._by_id.pop(incident, None)
        if known is not None:
            del self._by_trust[known.trust][incident]
