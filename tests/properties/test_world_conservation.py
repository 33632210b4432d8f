"""Whatever people and services do, every incident and every call ends in exactly one way."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.metrics import measure
from benchmarks.replay import replay
from benchmarks.simulator.call_behaviour import CallBehaviour
from benchmarks.simulator.care_behaviour import CareBehaviour, ServiceAssumptions
from benchmarks.simulator.settings import HandoverModel, WorldSettings
from dispatch.domain.category import RANK, Segment
from dispatch.domain.incident import Outcome
from tests.benchmarks.simulator.test_redirected import TOWN, a_ranked, a_redirectable_day

SHARE = st.floats(0.0, 1.0)

CARE = st.builds(
    CareBehaviour,
    is_on=st.just(True),
    services=st.builds(
        ServiceAssumptions,
        refuse_share=st.floats(0.01, 1.0),
        own_load=st.floats(0.0, 1.2),
        answer_min=st.floats(0.1, 30.0),
        finds_need_share=SHARE,
        not_attended_share=SHARE,
    ),
    redirectable=st.fixed_dictionaries(
        {Outcome.SEE_AND_TREAT: SHARE, Outcome.CONVEYED_TO_ED: SHARE}
    ),
    red_flag_share=SHARE,
    missed_share=SHARE,
    clinicians_per_1000_a_day=st.floats(1.0, 200.0),
    review_min=st.floats(1.0, 60.0),
    no_reply_share=SHARE,
)
CALLS = st.builds(
    CallBehaviour,
    is_on=st.booleans(),
    handlers_factor=st.floats(0.2, 3.0),
    patience_s=st.floats(30.0, 600.0),
    same_incident_share=SHARE,
    from_111_share=SHARE,
)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    care=CARE, calls=CALLS, seed=st.integers(0, 1000), handover=st.sampled_from(list(HandoverModel))
)
def test_every_incident_and_every_call_ends_in_exactly_one_way(care, calls, seed, handover) -> None:
    world = WorldSettings(seed=seed, care=care, calls=calls, handover=handover, drain_h=96.0)
    run = replay(a_redirectable_day(60), TOWN, a_ranked(), world)
    measures = measure(run)
    names = {record.incident for record in run.records}
    assert len(names) == len(run.records)
    assert run.refused == []
    assert len(run.records) + run.unfinished == run.calls + run.second_calls
    assert run.unfinished == 0
    assert sum(measures.outcomes.values()) == len(run.records)
    if calls.is_on and measures.telephone is not None:
        assert "open" not in measures.telephone.outcomes
        assert sum(measures.telephone.outcomes.values()) == len(run.telephone)
    for record in run.records:
        if record.outcome is Outcome.REFERRED:
            assert RANK[record.first_category] > 1
            assert RANK[record.first_category] > 2 or record.segment in (Segment.B, Segment.C)
