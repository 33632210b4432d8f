"""AM.07.07: several calls are recognised as one incident, and one response is kept."""

from __future__ import annotations

from dispatch.domain import event_call as call
from dispatch.domain.category import Category
from dispatch.domain.decision import StandDown
from dispatch.domain.decision_call import ProposeSameIncident
from dispatch.domain.ids import CallId, IncidentId
from dispatch.domain.incident import Outcome
from tests.dispatch.builders import TRUST, ControlRoom, at


def test_am_07_07_a_second_call_is_proposed_and_after_a_match_one_response_is_kept() -> None:
    room = ControlRoom()
    room.sign_on("A", 30)
    room.sign_on("B", 40)
    room.report("I1", Category.C2)
    entry = room.tell(call.CallPresented(call=CallId("C2"), trust=TRUST, at=at(0.5)))
    (proposal,) = [d for d in entry.decisions if isinstance(d, ProposeSameIncident)]
    assert proposal.proposals[0].incident == "I1"
    room.report("I2", Category.C2, 0.5)
    assert len(room.state.incidents) == 2
    match = call.IncidentsMatched(incident=IncidentId("I2"), into=IncidentId("I1"), by="handler")
    entry = room.tell(match)
    assert [d.incident for d in entry.decisions if isinstance(d, StandDown)] == ["I2"]
    assert [(r.incident, r.outcome) for r in room.state.closed] == [("I2", Outcome.DUPLICATE)]
    assert len(room.state.incidents[IncidentId("I1")].responses) == 1
