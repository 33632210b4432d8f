"""What a unit of another trust costs, under the rule and under the matching."""

from __future__ import annotations

import pytest

from dispatch.domain.category import Category
from dispatch.domain.decision import Assign
from dispatch.domain.ids import TrustCode
from dispatch.domain.settings import AidScope
from dispatch.policies.lending_price import lending_prices
from dispatch.ports import Picture
from tests.dispatch.builders import NOON, an_incident
from tests.dispatch.country import a_country


def units_sent(scope: AidScope, assign: str) -> list[str]:
    """Return who goes to four C2 of trust NEXT, all close to its post at 50 minutes."""
    country = a_country(scope, assign)
    sent = []
    for number in range(4):
        event = an_incident(f"i{number}", Category.C2, minutes=45.0, trust="NEXT")
        orders = country.handle(event, NOON).decisions
        sent += [order.unit for order in orders if isinstance(order, Assign)]
    return sent


@pytest.mark.parametrize("assign", ["nearest", "joint"])
def test_a_trust_keeps_its_last_unit_where_help_has_a_price(assign: str) -> None:
    sent = units_sent(AidScope.PRICED, assign)
    assert sent[:2] == ["NEXT-1", "NEXT-2"]
    # NEAR and FAR have two units each and a floor of one: each may lend one.
    assert len([unit for unit in sent[2:] if unit.startswith("NEAR")]) == 1
    assert not any(unit == "NEAR-2" for unit in sent)


@pytest.mark.parametrize("assign", ["nearest", "joint"])
def test_where_all_is_pooled_nobody_keeps_anything(assign: str) -> None:
    assert units_sent(AidScope.POOLED, assign) == ["NEXT-1", "NEXT-2", "NEAR-1", "NEAR-2"]


def test_a_busier_trust_asks_more_for_its_unit_than_it_would_pay() -> None:
    country = a_country(AidScope.PRICED)
    for number in range(2):
        country.handle(an_incident(f"n{number}", minutes=0.0, trust="NEAR"), NOON)
    prices = lending_prices(Picture(country.state, country.travel, NOON))
    near, far = (country.state.trusts[TrustCode(name)] for name in ("NEAR", "FAR"))
    assert prices.price_us[near, far] > 0 == prices.price_us[far, near]
    assert prices.price_us[near, near] == 0
    assert not prices.has_spare[near]
    assert prices.has_spare[far]
