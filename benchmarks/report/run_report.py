"""The report of one replay: what patients met, against standards and the published month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from benchmarks.call_log.rejects import RejectSummary
from benchmarks.metrics import KindHours, Measures, Part
from benchmarks.metrics_aid import aid_flows
from benchmarks.metrics_ambsys import handover_ms
from benchmarks.metrics_interval import DAYS_MIN, intervals_of
from benchmarks.metrics_places import place_means
from benchmarks.metrics_sample import Sample, whole_seconds
from benchmarks.metrics_table import ABSENT, RecordTable
from benchmarks.published import (
    ENGLAND,
    Indicators,
    month,
    months,
    standard_s,
    trusts,
)
from benchmarks.replay import Run
from benchmarks.report import observed, page
from benchmarks.report.aid_chart import aid_matrix
from benchmarks.report.care_sections import redirection, telephone
from benchmarks.report.charts import (
    bullet,
    day_chart,
    distribution,
    hospital_board,
    queue_calendar,
    shares,
)
from benchmarks.report.indicator_table import indicators, other_volume, spoken_month
from benchmarks.report.map_chart import response_map
from benchmarks.report.palette import CATEGORY, INK, LINE, PUBLISHED, RAMP, SERIES, STANDARD
from benchmarks.report.place_table import town_and_country, worst_places
from benchmarks.report.wording import (
    KINDS,
    NOTHING,
    POLICY_WORDS,
    READING,
    clock,
    count,
    day,
    number,
    percent,
    place,
)
from benchmarks.simulator.settings import WorldSettings
from dispatch.domain.category import Category

TILES: Final = (
    # name, subject and measure of the standard, code of the published figure
    ("C1 mean", "C1", "mean", "A25"),
    ("C1 90th centile", "C1", "90th", "A26"),
    ("C2 mean", "C2", "mean", "A31"),
    ("C2 90th centile", "C2", "90th", "A32"),
    ("C3 90th centile", "C3", "90th", "A35"),
    ("C4 90th centile", "C4", "90th", "A38"),
    ("Handover mean", "handover", "max", "A142"),
)


LAST_SHARE: Final = 0.999
"""The last call of a page's days is the one that so many came before."""

MOST: Final = 0.9

LONGEST: Final = (
    "The longest 2 % are gathered in the last bar. Release to respond: after 45 minutes a crew may "
    "leave, its patient in the hospital's care."
)

NOBODY_WAITS: Final = 0.005
"""Fewer waiting on average in an hour than this are drawn as nobody."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a run's calls came from; ``rejects`` is None for a log that was never a file.

    ``observed`` are the arrivals that the log itself records (`benchmarks.report.observed`).
    ``is_journal``: it was opened again, from what a replay or a live service (not
    ``is_simulated``) had written.
    """

    log: str
    rejects: RejectSummary | None = None
    notes: tuple[str, ...] = ()
    observed: Mapping[str, Sample] = field(default_factory=dict)
    is_journal: bool = False
    is_simulated: bool = True


class RunReport:
    """Everything that the page of one run shows."""

    def __init__(self, run: Run, measures: Measures, table: RecordTable, source: Source) -> None:
        self.run, self.measures, self.table, self.source = run, measures, table, source
        self.published = published_of(run)
        start = datetime.fromtimestamp(measures.start_ms / 1000, UTC).date()
        self.first_day: date = start
        self.days = max(1.0, (measures.end_ms - measures.start_ms) / 86_400_000)
        # The world runs on until the last crew is clear, and a few patients ring again later.
        calls_ms = table.connected_ms
        last_ms = int(np.quantile(calls_ms, LAST_SHARE, method="higher")) if len(calls_ms) else 0
        self.last_call_ms = max(last_ms, measures.start_ms)
        self.call_days = (self.last_call_ms - measures.start_ms) / 86_400_000
        self.intervals = intervals_of(table, run.region.timezone)
        self.hospitals = {site.id: site.name for site in run.region.hospitals}

    def html(self) -> str:
        """Return the page."""
        measures_ = self.measures
        body = [
            self._heading(),
            self._tiles(),
            self._distributions(),
            observed.section(self.source.observed, self.table),
            self._map(),
            self._day(),
            self._queue(),
            self._handovers(),
            telephone(measures_.telephone, self.run.telephone, self.days),
            redirection(measures_.care),
            town_and_country(measures_.equality),
            self._trusts(),
            self._fleet(),
            indicators(
                measures_.total.indicators,
                self.published,
                self.call_days,
                knows_calls=measures_.telephone is not None,
            ),
            self._data(),
        ]
        return page.page(self._title(), [part for part in body if part], self._footer())

    # -- the top ---------------------------------------------------------------------------

    def _title(self) -> str:
        names = [trust.name for trust in self.run.region.trusts]
        where = place(self.run.region.name)
        who = names[0] if len(names) == 1 else f"{len(names)} trusts of {where}"
        return f"{who}: dispatch under policy {self.run.settings.name}"

    def _heading(self) -> str:
        run, total, zone = self.run, self.measures.total, self.run.region.timezone
        days = dict.fromkeys((day(self.measures.start_ms, zone), day(self.last_call_ms, zone)))
        period = " to ".join(days)
        c1, c2 = total.responses["C1"], total.responses["C2"]
        words = (
            f"{count(run.calls)} incidents, {period}. {self._what_it_is()}, patients of "
            f"Category 1 were reached after {clock(c1.mean_s)}{self._ends('C1')} on average and "
            f"those of Category 2 after {clock(c2.mean_s)}{self._ends('C2')}."
        )
        if self.published is not None:
            words += (
                f" The published figures of {spoken_month(self.published.month)} are "
                f"{clock(self.published['A25'])} and {clock(self.published['A31'])}."
            )
            words += other_volume(self.run.calls, self.call_days, self.published)
        return (
            f"<h1>{page.escaped(self._title())}</h1>"
            + page.paragraph(words, "lead")
            + page.paragraph(f"{self._policy()}{self._caution()} {self._how_sure()}", "soft")
        )

    def _policy(self) -> str:
        words = POLICY_WORDS.get(self.run.settings.name)
        return "" if words is None else f"Policy {self.run.settings.name} stands for {words}. "

    def _what_it_is(self) -> str:
        return "In this simulated replay" if self.source.is_simulated else "As this journal records"

    def _caution(self) -> str:
        if not self.source.is_simulated:
            return "A live service wrote this journal: its times are those that crews reported."
        return (
            "A replay runs a log of calls through the dispatch engine in a simulated world. "
            "It compares policies fairly; it does not foretell a trust's performance."
        )

    def _ends(self, subject: str, measure: str = "mean") -> str:
        ends = self.intervals.get((subject, measure))
        return "" if ends is None else f" ({clock(ends.lower)} to {clock(ends.upper)})"

    def _how_sure(self) -> str:
        """Return what the figures of this page rest on, in a sentence or two."""
        words = (
            "Intervals are 95 %, by how much the days of the run differ."
            if self.intervals
            else f"From fewer than {DAYS_MIN} days no interval can be given."
        )
        fitted = [note for note in self.source.notes if note.startswith("Crews fitted")]
        if fitted:
            return f"{words} {fitted[0]}"
        if self.source.is_simulated and all(unit.assumed for unit in self.run.region.fleet):
            words += (
                " Crews were assumed; the journal does not say whether they were fitted."
                if self.source.is_journal
                else " All crews are assumed, and not fitted to what this service achieved."
            )
        if not {trust.code for trust in self.run.region.trusts} & set(trusts()):
            words += " The standards are those of England."
        return words

    def _tiles(self) -> str:
        tiles = [self._tile(*row) for row in TILES]
        tiles.append(self._hours_lost_tile())
        marks = [(STANDARD, "black mark: standard")]
        if self.published is not None:
            marks.append((PUBLISHED, "diamond: published figure of the month"))
        if self.intervals:
            marks.append((LINE, "thin line along the bar: 95 % interval"))
        return page.tiles(tiles) + page.legend(marks) + page.paragraph(READING, "soft")

    def _tile(self, name: str, subject: str, measure: str, code: str) -> str:
        value = self._value(subject, measure)
        standard = standard_s(subject, measure, self.first_day)
        published = self.published[code] if self.published is not None else None
        note = "no standard" if standard is None else f"standard {clock(standard)}"
        if published is not None:
            note += f", published {clock(published)}"
        ends = self.intervals.get((subject, measure))
        if ends is not None:
            note += f"; interval {clock(ends.lower)} to {clock(ends.upper)}"
        colour = CATEGORY.get(subject, SERIES[0])
        drawing = bullet(value, standard, published, colour, ends)
        return page.tile(name, clock(value), note, drawing)

    def _value(self, subject: str, measure: str) -> float | None:
        total = self.measures.total
        if subject == "handover":
            return total.handovers.times.mean_s
        sample = total.responses[subject]
        return sample.mean_s if measure == "mean" else sample.p90_s

    def _hours_lost_tile(self) -> str:
        handovers, fleet = self.measures.total.handovers, self.measures.fleet
        note = (
            f"beyond 15 minutes; ambulances were busy {percent(fleet.busy_fraction, 0)} of the time"
        )
        return page.tile(
            "Hours lost at hospital",
            number(handovers.hours_lost, 0),
            note,
        )

    # -- the pictures ------------------------------------------------------------------------

    def _distributions(self) -> str:
        drawn = []
        for category in ("C1", "C2", "C3", "C4"):
            times = self.table.response_ms[self.table.is_category(Category(category))]
            limits = [
                (float(limit), words)
                for measure, words in (("mean", "mean standard"), ("90th", "90th standard"))
                if (limit := standard_s(category, measure, self.first_day)) is not None
            ]
            seconds = whole_seconds(times[times >= 0])
            name = f"{category}: {count(len(seconds))} incidents" if len(seconds) else category
            drawn.append(distribution(name, seconds, limits, CATEGORY[category]))
        return page.section(
            "How long patients waited",
            page.paragraph(
                "Response time from clock start to the arrival that stops the clock: for Category "
                "1 the first responder, otherwise the conveying ambulance when the patient is "
                "conveyed. The longest 2 % are gathered in the last bar."
            ),
            page.pair(page.figure(drawn[0]), page.figure(drawn[1])),
            page.pair(page.figure(drawn[2]), page.figure(drawn[3])),
        )

    def _map(self) -> str:
        if not len(self.run.region.demand):
            return ""
        counts, totals = place_means(self.table, self.run.region, Category.C2)
        worst = () if self.measures.equality is None else self.measures.equality.worst
        drawing, bands = response_map(self.run.region, counts, totals, worst)
        marks = [*bands, ("#c44601", "hospital"), (INK, "station or standby point")]
        return page.section(
            "Where patients waited",
            page.paragraph(
                "Mean Category 2 response by place. Each dot is one place where people live; a "
                "larger dot had more Category 2 incidents, a darker one waited longer."
                + (" Rings with numbers are the worst-served places." if worst else "")
            ),
            page.legend(marks),
            page.figure(drawing),
            worst_places(worst, self.run.region),
        )

    def _day(self) -> str:
        return page.section(
            "The day hour by hour",
            page.figure(
                day_chart(self.measures.hours),
                "Averages over all days, local time. Percentages are the share of units on duty "
                "that are on a job.",
            ),
        )

    def _queue(self) -> str:
        waiting = [v for row in self.measures.hours.waiting_by_day for v in row if v is not None]
        if max(waiting, default=0.0) < NOBODY_WAITS:
            words = "In no hour did incidents wait for a unit: there was one for each."
            return page.section("When patients queued", page.paragraph(words))
        drawing, bands = queue_calendar(self.measures.hours)
        return page.section(
            "When patients queued",
            page.paragraph("Incidents without any unit assigned, on average in each hour."),
            page.legend(bands),
            page.figure(drawing),
        )

    def _handovers(self) -> str:
        handovers = self.measures.total.handovers
        if not handovers.times.count:
            return ""
        words = (
            f"{count(handovers.times.count)} patients were handed over at emergency departments, "
            f"in {clock(handovers.times.mean_s)} on average; {percent(handovers.share_over_15)} "
            f"took over 15 minutes, {percent(handovers.share_over_30)} over 30 and "
            f"{percent(handovers.share_over_60)} over an hour. "
            f"{number(handovers.hours_lost, 0)} crew hours were lost beyond 15 minutes."
            + self._until_clear()
        )
        limits = [(900.0, "expected within"), (2700.0, "release to respond")]
        seconds = whole_seconds(handover_ms(self.table))
        board = hospital_board(self.measures.hospitals, self.hospitals)
        return page.section(
            "At the hospital doors",
            page.paragraph(words),
            page.legend([(SERIES[0], "crews there, mean"), (SERIES[1], "the most at any time")]),
            page.figure(board, _board_words(len(self.measures.hospitals))),
            page.pair(
                page.figure(distribution("Handover", seconds, limits, SERIES[0]), LONGEST),
                self._handover_table(),
            ),
        )

    def _until_clear(self) -> str:
        """Return what to know of a log that has no end of the handover; mostly nothing."""
        handed = self.table.handed_over_ms
        known = handed != ABSENT
        if not known.any() or (self.table.closed_ms == handed)[known].mean() < MOST:
            return ""
        return (
            " In nearly all of them the crew was available that moment: the log seems not to say "
            "when care was handed over, and making ready again is part of these times."
        )

    def _handover_table(self) -> str:
        head, rows = ("handovers", "this run", "published"), self._handover_rows()
        known = 3 if any(row[2] != NOTHING for row in rows) else 2
        return page.table(head[:known], [row[:known] for row in rows])

    def _handover_rows(self) -> list[tuple[str, str, str]]:
        published, handovers = self.published, self.measures.total.handovers
        mean, high = (None if published is None else published[c] for c in ("A142", "A143"))
        rows = [("mean", clock(handovers.times.mean_s), clock(mean))]
        rows.append(("90th centile", clock(handovers.times.p90_s), clock(high)))
        shares_of = (
            ("over 15 minutes", handovers.share_over_15, "A144"),
            ("over 30 minutes", handovers.share_over_30, "A145"),
            ("over 60 minutes", handovers.share_over_60, "A146"),
        )
        for words, share, code in shares_of:
            known = None
            if published is not None and published["A140"] and published[code] is not None:
                known = published.known(code) / published.known("A140")
            rows.append((words, percent(share), percent(known)))
        return rows

    def _trusts(self) -> str:
        if not self.measures.trusts:
            return ""
        head = (
            "trust",
            "incidents",
            "C1 mean",
            "C1 90th",
            "C2 mean",
            "C2 90th",
            "C3 mean",
            "handover",
            "diversions",
            "aided",
        )
        names = {trust.code: trust.name for trust in self.run.region.trusts}
        rows = [_trust_row(part, names) for part in self.measures.trusts if part.incidents]
        return page.section("Trust by trust", page.table(head, rows), self._aid(names))

    def _aid(self, names: dict[str, str]) -> str:
        flows = aid_flows(self.table)
        if not flows:
            return page.paragraph("No trust sent a unit to another one's patient.")
        return page.figure(
            aid_matrix(flows, names),
            "Incidents to which another trust sent a unit: the row helped the column. An incident "
            "counts once, for the first other trust.",
        )

    def _fleet(self) -> str:
        fleet = self.measures.fleet
        on_scene = (
            fleet.on_job_h
            - fleet.drive_to_scene_h
            - fleet.drive_to_hospital_h
            - fleet.at_hospital_h
        )
        idle = fleet.on_duty_h - fleet.on_job_h - fleet.drive_to_post_h
        divided = [
            ("driving to patients", fleet.drive_to_scene_h, SERIES[1]),
            ("mobilising, with patients", on_scene, SERIES[0]),
            ("driving to hospital", fleet.drive_to_hospital_h, SERIES[2]),
            ("at hospital, clearing", fleet.at_hospital_h, SERIES[3]),
            ("driving to posts", fleet.drive_to_post_h, RAMP[1]),
            ("waiting for a call", idle, LINE),
        ]
        words = (
            f"{count(fleet.units)} units were on duty for {count(fleet.on_duty_h)} hours. Those "
            f"that convey were on jobs for {percent(fleet.busy_fraction, 0)} of their time. "
            f"{count(fleet.assignments)} assignments, "
            f"{count(fleet.diversions)} of them diversions; {count(fleet.stand_downs)} "
            f"stand-downs; {count(fleet.relocations)} relocations beside "
            f"{count(fleet.returns)} returns to base. The bar is all units together."
        )
        kinds = [
            (
                KINDS.get(row.kind, row.kind),
                count(row.units),
                count(row.on_duty_h),
                percent(_share(row), 0),
            )
            for row in fleet.kinds
        ]
        return page.section(
            "Where the hours went",
            page.paragraph(words),
            page.legend([(colour, name) for name, _, colour in divided]),
            page.figure(shares(divided)),
            page.folded(
                "By kind of unit",
                page.table(("kind", "units", "hours on duty", "of them on jobs"), kinds),
            ),
        )

    # -- the tables ----------------------------------------------------------------------------

    def _data(self) -> str:
        rejects = self.source.rejects
        how = "read again out of the journal" if self.source.is_journal else "replayed from"
        words = [f"{count(self.measures.calls)} incidents were {how} {self.source.log}."]
        if rejects is not None:
            words.append(f"{count(rejects.count)} rows of the file were set aside.")
        words.append(f"The engine refused {count(self.measures.refused)} incidents.")
        homes = [part.trust for part in self.measures.trusts if part.incidents]
        if len(homes) == 1:
            words.append(
                f"All of them are of {homes[0]}; crews and published figures are those of all "
                f"trusts of the region (--trusts {homes[0]} limits them)."
            )
        if self.measures.unfinished:
            words.append(
                f"{count(self.measures.unfinished)} were still open when the world stopped; they "
                "are in none of the figures."
            )
        if self.run.world is not None:
            words.append(
                "What the calls do not say was drawn from the published figures of "
                f"{spoken_month(self.run.month)}."
            )
        if self.run.unknown_destinations:
            words.append(
                f"{count(self.run.unknown_destinations)} named a hospital that the region lacks."
            )
        parts = [page.paragraph(" ".join([*words, *self.source.notes]))]
        if rejects is not None and rejects.count:
            rows = [(field or "row", reason, count(n)) for field, reason, n in rejects.reasons]
            parts.append(page.table(("field", "reason", "rows set aside"), rows, "words"))
        reasons = [(entry.incident, entry.reason) for entry in self.run.refused[:20]]
        if reasons:
            table = page.table(("incident", "why the engine refused it"), reasons, "words")
            parts.append(page.folded("Incidents refused (the first 20)", table))
        parts.append(page.folded("Assumptions of the simulated world", self._assumptions()))
        return page.section("The data behind this page", *parts)

    def _assumptions(self) -> str:
        world = self.run.world
        rows = [("month of the published figures", self.run.month)]
        if world is not None:
            rows += _assumed(world)
        assumed = sum(post.assumed for post in self.run.region.posts)
        rows.append(
            ("standby points marked as assumed", f"{assumed} of {len(self.run.region.posts)}")
        )
        assumed = sum(unit.assumed for unit in self.run.region.fleet)
        rows.append(("units marked as assumed", f"{assumed} of {len(self.run.region.fleet)}"))
        return page.table(("assumption", "value"), rows, "words")

    def _footer(self) -> list[str]:
        versions = (
            f"Bluelight {self.run.engine}. Region {self.run.region.name} "
            f"{self.run.region.version[:16]}. Travel times {self.run.travel_version}. "
            f"Policy {self.run.settings.name} ({self.run.settings.effective_from})."
        )
        if self.run.world is not None:
            versions += f" Seed {self.run.world.seed}. Call log {self.run.log_sha256[:16]}."
        return page.footer_of([versions], self.run.region.attribution)


def _assumed(world: WorldSettings) -> list[tuple[str, str]]:
    mobilisation = f"{world.mobilisation_mean_s:g} s and {world.road_mobilisation_mean_s:g} s"
    return [
        ("random numbers", f"seed {world.seed}" + ("" if world.noise else ", noise off")),
        ("handover times", world.handover.value),
        ("mobilisation from a station and on the road (mean)", mobilisation),
        ("spread of journey times (log standard deviation)", f"{world.travel_log_sd:g}"),
        ("columns of the log not used", ", ".join(world.ignored_columns) or "none"),
    ]


def published_of(run: Run) -> Indicators | None:
    """Return the published figures of the run's trust (of England for several), if any."""
    codes = [trust.code for trust in run.region.trusts]
    code = codes[0] if len(codes) == 1 else ENGLAND
    if run.month not in months() or (code != ENGLAND and code not in trusts()):
        return None
    return month(code, run.month)


def _trust_row(part: Part, names: dict[str, str]) -> tuple[str, ...]:
    responses = part.responses
    return (
        names.get(part.trust or "", part.trust or ""),
        count(part.incidents),
        clock(responses["C1"].mean_s),
        clock(responses["C1"].p90_s),
        clock(responses["C2"].mean_s),
        clock(responses["C2"].p90_s),
        clock(responses["C3"].mean_s),
        clock(part.handovers.times.mean_s),
        percent(part.diversion_share),
        count(part.aided),
    )


def _share(row: KindHours) -> float | None:
    return row.on_job_h / row.on_duty_h if row.on_duty_h else None


def _board_words(hospitals: int) -> str:
    if hospitals <= 8:
        return "Local time, all days together."
    return f"Local time, all days together; the 8 busiest of {hospitals} hospitals."
