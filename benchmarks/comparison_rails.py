"""Guard-rails: what a policy must not do to anybody for the sake of the average."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from benchmarks.comparison_stats import Change, Difference

DIVERSIONS_MAX: Final = 8.0
"""Per 100 incidents."""
DIVERSIONS_RISE_MAX_PCT: Final = 10.0
DONOR_C2_RISE_MAX_PCT: Final = 3.0
RURAL_C2_RISE_MAX_PCT: Final = 5.0


class Rail(msgspec.Struct, frozen=True, kw_only=True):
    """One guard-rail: the figure, its limit, whether it held, and how sure that is.

    ``held`` judges the figure itself against the limit; for the rails on C1, where the limit is no
    change at all, whether a worsening is shown: the interval lies above it. ``proven`` is true
    when the whole interval is on the right side; None without an interval.
    """

    name: str
    words: str
    figure: float | None
    lower: float | None
    upper: float | None
    limit: float
    held: bool
    proven: bool | None
    where: str | None = None


def rails(
    by_trust: Mapping[str, Mapping[str, Difference | None]],
    total: Mapping[str, Difference | None],
    rural: Difference | None,
    diversions: Change,
    donors: frozenset[str],
) -> list[Rail]:
    """Return the guard-rails of one policy against the baseline.

    Parameters
    ----------
    by_trust
        Differences by trust and category.
    total
        Differences by category, all trusts together.
    rural
        Difference of C2 in the rural tenth of places.
    diversions
        Diversions per 100 incidents.
    donors
        Trusts that helped others.
    """
    found = [_c1(by_trust), _no_worse("C3 mean, all trusts", "C3", total.get("C3"))]
    found.append(
        _at_most(
            "diversions",
            "diversions per 100 incidents",
            diversions.policy,
            (
                None if diversions.lower is None else diversions.baseline + diversions.lower,
                None if diversions.upper is None else diversions.baseline + diversions.upper,
            ),
            DIVERSIONS_MAX,
        )
    )
    found.append(_diversion_rise(diversions))
    found.append(_donors(by_trust, donors))
    found.append(
        _at_most(
            "rural_c2",
            "C2 mean in the rural tenth of places, change in per cent",
            None if rural is None else rural.mean_pct,
            (None, None) if rural is None else (rural.mean_pct_lower, rural.mean_pct_upper),
            RURAL_C2_RISE_MAX_PCT,
        )
    )
    return found


def _c1(by_trust: Mapping[str, Mapping[str, Difference | None]]) -> Rail:
    """Return the rail on C1 in the trust where it is worst."""
    known = [(found["C1"], trust) for trust, found in by_trust.items() if found.get("C1")]
    worst = max(known, key=lambda pair: (_worsening(pair[0]), pair[1]), default=(None, None))
    return _no_worse("C1 mean, the worst trust", "c1", worst[0], worst[1])


def _worsening(difference: Difference | None) -> float:
    """Return how surely a group became slower: the lower end of the interval, or the figure."""
    assert difference is not None
    if difference.mean_pct_lower is None:
        return difference.mean_pct
    return difference.mean_pct_lower


def _no_worse(
    words: str, name: str, difference: Difference | None, where: str | None = None
) -> Rail:
    words += ", change in per cent"
    if difference is None:
        return _unknown(name.lower(), words, 0.0)
    lower, upper = difference.mean_pct_lower, difference.mean_pct_upper
    return Rail(
        name=name.lower(),
        words=words,
        figure=difference.mean_pct,
        lower=lower,
        upper=upper,
        limit=0.0,
        held=_worsening(difference) <= 0.0,
        proven=None if upper is None else upper <= 0.0,
        where=where,
    )


def _diversion_rise(diversions: Change) -> Rail:
    words = "diversions against the baseline, change in per cent"
    if not diversions.baseline:
        return _unknown("diversion_rise", words, DIVERSIONS_RISE_MAX_PCT)
    scale = 100.0 / diversions.baseline
    ends = (
        None if diversions.lower is None else diversions.lower * scale,
        None if diversions.upper is None else diversions.upper * scale,
    )
    figure = diversions.difference * scale
    return _at_most("diversion_rise", words, figure, ends, DIVERSIONS_RISE_MAX_PCT)


def _donors(
    by_trust: Mapping[str, Mapping[str, Difference | None]], donors: frozenset[str]
) -> Rail:
    words = "C2 mean of the donor trust that lost most, change in per cent"
    known = [
        (found["C2"], trust)
        for trust, found in by_trust.items()
        if trust in donors and found.get("C2")
    ]
    if not known:
        return _unknown("donor_c2", words, DONOR_C2_RISE_MAX_PCT)
    worst, trust = max(known, key=lambda pair: (pair[0].mean_pct if pair[0] else 0.0, pair[1]))
    assert worst is not None
    rail = _at_most(
        "donor_c2",
        words,
        worst.mean_pct,
        (worst.mean_pct_lower, worst.mean_pct_upper),
        DONOR_C2_RISE_MAX_PCT,
    )
    return msgspec.structs.replace(rail, where=trust)


def _at_most(
    name: str,
    words: str,
    figure: float | None,
    ends: tuple[float | None, float | None],
    limit: float,
) -> Rail:
    if figure is None:
        return _unknown(name, words, limit)
    lower, upper = ends
    return Rail(
        name=name,
        words=words,
        figure=figure,
        lower=lower,
        upper=upper,
        limit=limit,
        held=figure <= limit,
        proven=None if upper is None else upper <= limit,
    )


def _unknown(name: str, words: str, limit: float) -> Rail:
    """Return a rail that nothing touched: there was no such group, so nobody in it lost."""
    return Rail(
        name=name,
        words=words,
        figure=None,
        lower=None,
        upper=None,
        limit=limit,
        held=True,
        proven=None,
    )
