"""AM.07.02: on any call, list the available resources with skill set and availability.

So that a dispatcher can allocate the right ones.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.builders import a_server


@pytest.mark.parametrize("category", ["C1", "C2", "C3", "C4", "HCP2", "IFT3"])
def test_am_07_02_resources_are_listed_with_skill_and_availability(
    tmp_path: Path, category: str
) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("DCA1", 5)
        client.sign_on("DCA2", 9, skill="EMT")
        client.sign_on("RRV1", 2, kind="RRV", skill="ADVANCED")
        client.sign_on("UCT1", 3, kind="URGENT_CARE", skill="ECA")
        client.status("DCA2", "ON_BREAK")
        question = {"category": category, "lat": 0.0, "lon": 0.0}
        advice = client.post("/v1/recommendations", question).json()["advice"]

    assert advice
    for role in advice:
        listed = {c["unit"]: c for c in role["candidates"]}
        assert set(listed) == {"DCA1", "DCA2", "RRV1", "UCT1"}
        assert listed["RRV1"]["skill"] == "ADVANCED"
        assert listed["DCA2"]["status"] == "ON_BREAK"
        assert listed["DCA2"]["verdict"] == "on_break"
        assert all(c["words"] for c in role["candidates"])


def test_am_07_02_the_dispatcher_allocates_another_one_than_recommended(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("DCA1", 5)
        client.sign_on("DCA2", 9)
        client.report("i", "C3", 0)
        order = {"incident": "i", "unit": "DCA2", "by": "dispatcher 12", "reason": "bariatric kit"}
        answer = client.post("/v1/assignments", order).json()

    assert answer["unit"]["incident"] == "i"
    assert "Ordered by dispatcher 12: bariatric kit." in answer["decisions"][0]["words"]
