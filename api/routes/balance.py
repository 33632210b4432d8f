"""The balancing view: how loaded each trust is, what a unit is worth there, who could help whom."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.desk import Desk
from api.inputs_feed import ForecastReport, forecast_given
from api.live import LiveDep
from api.routes.doors import READS, WRITES, DoorDep, decided, shown
from api.store.sqlite import Answer
from api.views import Decided
from api.views_balance import BalanceView, HelpView, TrustLoadView
from api.wire import instant
from dispatch.domain.local_time import day_of
from dispatch.policies.balance import Help, TrustLoad, help_words, load_words, trust_loads
from dispatch.policies.balance import who_could_help as helps_of
from dispatch.policies.degraded import wanting

router = APIRouter(prefix="/v1", tags=["balance"])


@router.get("/balance", responses={200: {"model": BalanceView}, **READS}, operation_id="getBalance")
async def get_balance(live: LiveDep) -> Response:
    """Show each trust's load and the price of one more busy unit, and who could help whom now."""
    return await shown(live.runner.ask(_balance))


@router.post(
    "/forecasts", responses={200: {"model": Decided}, **WRITES}, operation_id="reportForecast"
)
async def report_forecast(report: ForecastReport, door: DoorDep) -> Response:
    """Give a forecast of demand: it replaces the one before, for as long as it is believed.

    Configurations that use one read it for the prices of units; it says nothing of places.
    """

    def act(desk: Desk) -> Answer:
        now_ms = desk.now_ms()
        day = day_of(desk.ground.timezone, now_ms).isoformat()
        return decided(desk, desk.tell(forecast_given(report, desk.ground.name, day, now_ms)))

    return await door.carry_out(act, is_emergency=False)


def _balance(desk: Desk) -> BalanceView:
    now_ms = desk.now_ms()
    picture = desk.dispatcher.picture(now_ms)
    loads = [trust_load for _, trust_load in sorted(trust_loads(picture).items())]
    helps = helps_of(picture)
    trusts, offers = [_load(load) for load in loads], [_help(found) for found in helps]
    return BalanceView(
        at=instant(now_ms),
        aid=picture.settings.aid.scope,
        trusts=trusts,
        helps=offers,
        degraded={feed.value: words for feed, words in wanting(picture).items()},
        words="\n".join([*(row.words for row in trusts), *(row.words for row in offers)]),
    )


def _load(load: TrustLoad) -> TrustLoadView:
    return TrustLoadView(
        trust=load.trust,
        on_duty=load.on_duty,
        busy=load.busy,
        idle=load.idle,
        waiting=load.waiting,
        arrivals_per_h=load.arrivals_per_h,
        offered_load=round(load.offered_load, 2),
        busy_fraction=round(load.busy_fraction, 4),
        floor=load.floor,
        price_min=round(load.price_min, 2),
        prices_by="forecast" if load.is_forecast else "last hour",
        words=load_words(load),
    )


def _help(found: Help) -> HelpView:
    return HelpView(
        lender=found.lender,
        borrower=found.borrower,
        units=found.units,
        price_min=round(found.price_min, 2),
        relief_min=round(found.relief_min, 2),
        gain_min=round(found.relief_min - found.price_min, 2),
        lender_busy_fraction=round(found.lender_busy_fraction, 4),
        words=help_words(found),
    )
