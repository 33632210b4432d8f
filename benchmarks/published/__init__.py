"""What England publishes: monthly indicators by trust, standards by date, and the shape of a day.

The figures are NHS England and ONS statistics under the Open Government Licence v3.0; ``build.py``
derives the files of this folder from the published ones.
"""

from benchmarks.published.area import PublishedTrust, trust
from benchmarks.published.day import DayShape, day_shape
from benchmarks.published.durations import Conveyance, JobCycle, Lognormal, conveyance, job_cycle
from benchmarks.published.indicators import (
    ENGLAND,
    Definition,
    Indicators,
    codes,
    definition,
    month,
    months,
    trusts,
)
from benchmarks.published.standard import Standard, standard_s, standards

__all__ = [
    "ENGLAND",
    "Conveyance",
    "DayShape",
    "Definition",
    "Indicators",
    "JobCycle",
    "Lognormal",
    "PublishedTrust",
    "Standard",
    "codes",
    "conveyance",
    "day_shape",
    "definition",
    "job_cycle",
    "month",
    "months",
    "standard_s",
    "standards",
    "trust",
    "trusts",
]
