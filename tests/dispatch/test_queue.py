"""The incidents that need somebody, by identifier and by trust."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.ids import IncidentId, TrustCode
from dispatch.state.queue import Queue

TRUSTS = ("A", "B", "C")


def an_incident(name: str, trust: str) -> Any:
    return SimpleNamespace(id=IncidentId(name), trust=TrustCode(trust))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8))))
def test_by_trust_it_holds_what_it_holds_by_identifier(steps: list[tuple[bool, int]]) -> None:
    queue, plain = Queue(), dict[str, Any]()
    for enters, number in steps:
        name, trust = f"i{number}", TRUSTS[number % 3]
        if enters:
            plain[name] = an_incident(name, trust)
            queue.put(plain[name])
        else:
            plain.pop(name, None)
            queue.drop(IncidentId(name))
        assert len(queue) == len(plain)
        assert sorted(queue) == sorted(plain)
        for one in TRUSTS:
            ids = {incident.id for incident in queue.of(TrustCode(one))}
            assert ids == {key for key, incident in plain.items() if incident.trust == one}


def test_some_trusts_are_asked_for_by_name_and_all_by_nothing() -> None:
    queue = Queue()
    for name, trust in (("1", "B"), ("2", "A"), ("3", "C")):
        queue.put(an_incident(name, trust))
    asked = frozenset({TrustCode("B"), TrustCode("A"), TrustCode("NONE")})
    assert [incident.id for incident in queue.among(asked)] == ["2", "1"]
    assert len(queue.among(None)) == 3
    assert queue.get(IncidentId("4")) is None
    assert IncidentId("3") in queue
