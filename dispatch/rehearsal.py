"""A busy quarter of an hour that never was: everything is asked once before a patient asks it.

What is compiled at first use is compiled, on a picture that is thrown away.
"""

from __future__ import annotations

from typing import Final

from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.ids import IncidentId, UnitId
from dispatch.domain.unit import Skill, UnitKind, UnitSpec

UNITS: Final = 26
"""With as many patients below C2 on whom they are on their way, more pairs than are weighed one by
one: the search by crow has its turn too."""

SECOND_MS: Final = 1_000

_CATEGORIES: Final = (*([Category.C3] * UNITS), *([Category.C2] * 4), Category.C1, Category.C4)


def rehearse(dispatcher: Dispatcher, opened: ev.PictureOpened, now_ms: int) -> None:
    """Let a dispatcher without a picture open one, and serve patients with units at its posts.

    Nothing is done where the places have no post. Patients lie at the posts, so that every one is
    on the roads.

    Raises
    ------
    TravelUnavailableError
        When routing fails.
    """
    if not opened.posts:
        return
    dispatcher.handle(opened, now_ms)
    posts = [post for post in opened.posts if post.trust == opened.posts[0].trust]
    for number in range(UNITS):
        post = posts[number % len(posts)]
        unit = UnitSpec(
            id=UnitId(f"rehearsal-{number}"),
            trust=post.trust,
            kind=UnitKind.DCA,
            skill=Skill.PARAMEDIC,
            home=post.id,
        )
        dispatcher.handle(ev.UnitSignedOn(unit=unit, at=post.at), now_ms)
    for number, category in enumerate(_CATEGORIES):
        post, at_ms = posts[-1 - number % len(posts)], now_ms + number * SECOND_MS
        incident = ev.IncidentReported(
            incident=IncidentId(f"rehearsal-{number}"),
            trust=post.trust,
            at=post.at,
            category=category,
            connected_at_ms=at_ms,
            coded_at_ms=at_ms,
        )
        dispatcher.handle(incident, at_ms)
