"""What the balancing view looks like on the wire."""

from __future__ import annotations

from pydantic import Field

from api.views import InstantText, View


class TrustLoadView(View):
    """How loaded one trust is, and what one more busy unit costs it."""

    trust: str = Field(description="ODS code.")
    on_duty: int = Field(description="Units on duty that convey.")
    busy: int
    idle: int = Field(description="Units that could be sent now.")
    waiting: int = Field(description="Incidents that wait for somebody.")
    arrivals_per_h: float = Field(description="Incidents of the last hour.")
    offered_load: float = Field(
        description="Units that would be busy on average if nobody waited: arrivals x mean job."
    )
    busy_fraction: float = Field(description="Busy share of the units on duty.")
    floor: int = Field(description="Idle units that the trust keeps whatever others need.")
    price_min: float = Field(
        description="Minutes of queueing that one more busy unit costs its patients, in total."
    )
    prices_by: str = Field(description="Rates behind the prices: of the last hour, or a forecast.")
    words: str


class HelpView(View):
    """Who could help whom now, and what one unit would change."""

    lender: str
    borrower: str
    units: int = Field(description="Idle units of the lender above its floor.")
    price_min: float = Field(description="Minutes of queueing that one unit costs the lender's.")
    relief_min: float = Field(description="Minutes that one job less saves the borrower's.")
    gain_min: float = Field(description="What one unit is worth: relief less price.")
    lender_busy_fraction: float = Field(description="Of the lender, with one unit lent.")
    words: str


class BalanceView(View):
    """The view of a duty officer over all trusts: load, prices, and who could help whom."""

    at: InstantText
    aid: str = Field(description="Scope of mutual aid in force: silo, c1_nearest, priced, pooled.")
    trusts: list[TrustLoadView]
    helps: list[HelpView] = Field(description="Best first; empty where aid is not agreed.")
    degraded: dict[str, str] = Field(description="Terms that are off, and what is done instead.")
    words: str
