"""What callers send about telephone calls and call rooms."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from api.inputs import Id, Input, Person, _Placed
from api.inputs_care import ComplaintCode
from dispatch.domain.call import CallDisposition


class CallReport(_Placed):
    """A 999 call was connected."""

    trust: Id = Field(description="ODS code of the trust whose line rang.")
    call: Id | None = Field(default=None, description="Made from the key when missing.")
    caller: Id | None = Field(default=None, description="Pseudonym of the line.")


class CallFacts(_Placed):
    """What a handler has learned: the place, the complaint, the incident that was opened."""

    complaint: ComplaintCode | None = None
    incident: Id | None = None


class Answering(Input):
    """Who answers."""

    by: Id = Field(description="ODS code of the trust that answers.")
    handler: Person


class Ending(Input):
    """What a call turned out to be about."""

    disposition: CallDisposition
    incident: Id | None = None


class RoomReport(Input):
    """A trust's call handlers on duty."""

    handlers: Annotated[StrictInt, Field(ge=0, le=10_000)]
    takes_calls: StrictBool = True
    handle_s: Annotated[float, Field(strict=True, gt=0, le=86_400, allow_inf_nan=False)] = 360.0
    is_linked: StrictBool = True


class TakeOver(Input):
    """The home trust takes an incident over."""

    by: Id = Field(description="ODS code of the home trust.")


class Matching(Input):
    """An incident is the same as another."""

    into: Id = Field(description="The incident that is kept.")
    by: Person
