"""Which terms of the joint model are on: each can be switched off to see what it earns."""

from __future__ import annotations

import msgspec


class TermSwitches(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Terms of the assignment of C2 to C4; questions with a policy of their own are switched there.

    Attributes
    ----------
    look_ahead
        Units about to be clear take part, so that a patient may wait for one.
    exchange
        Incidents whose unit is still on its way take part, so that a better pairing may be found.
    switch
        The price of taking a unit off its way, and the least gain for it.
    coverage
        The cover that an area loses with the unit that leaves it. Off: it gains nothing at English
        load.
    price
        What a unit is worth more to its own trust than to the borrower, where aid is priced.
    crew
        Skill mismatch, overrun of the duty, a missed meal break.
    """

    look_ahead: bool = True
    exchange: bool = True
    switch: bool = True
    coverage: bool = False
    price: bool = True
    crew: bool = True
