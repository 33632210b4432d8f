"""AM.07.09: the destination is chosen by clinical need, travel and the state of the hospitals.

What stands today is need, travel and whether a hospital accepts; its queue is not weighed yet.
"""

from __future__ import annotations

from pathlib import Path

from api.ground import Ground
from dispatch.domain.event import PictureOpened
from dispatch.domain.facility import Hospital
from dispatch.domain.ids import HospitalId
from dispatch.domain.incident import Pathway
from dispatch.domain.settings import Settings
from tests.api.builders import Client, a_ground, a_server, opening
from tests.dispatch.builders import at


def ground_with_a_heart_centre() -> Ground:
    def with_centre(settings: Settings) -> PictureOpened:
        plain = opening(settings)
        centre = Hospital(
            id=HospitalId("heart"), name="Heart Centre", at=at(40), pathways=(Pathway.PPCI,)
        )
        return PictureOpened(
            region=plain.region,
            region_version=plain.region_version,
            hospitals=(*plain.hospitals, centre),
            posts=plain.posts,
            settings=settings,
        )

    return a_ground(opening=with_centre)


def destination(client: Client, **incident: str) -> dict[str, object]:
    client.sign_on("A1", 0)
    client.report("i", "C2", 0, **incident)
    client.status("A1", "MOBILE")
    client.status("A1", "AT_SCENE")
    (convey,) = client.status("A1", "CONVEYING")["decisions"]
    found: dict[str, object] = convey
    return found


def test_am_07_09_the_nearest_suitable_hospital_is_chosen(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite", ground=ground_with_a_heart_centre()) as client:
        assert destination(client)["hospital"] == "st-marys"


def test_am_07_09_a_specialist_pathway_binds_before_distance(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite", ground=ground_with_a_heart_centre()) as client:
        convey = destination(client, pathway="ppci")
    assert convey["hospital"] == "heart"
    assert "nearest was St Mary's" in str(convey["words"])
    assert "cannot take this pathway" in str(convey["words"])


def test_am_07_09_a_hospital_that_does_not_accept_is_passed_over(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite", ground=ground_with_a_heart_centre()) as client:
        client.post("/v1/hospitals/st-marys/capacity", {"is_accepting": False})
        convey = destination(client)
    assert convey["hospital"] == "heart"
    assert "is not accepting" in str(convey["words"])
