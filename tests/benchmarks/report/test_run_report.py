"""The page of a run: whole in itself, true to the figures, and safe whatever a log says."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from benchmarks.call_log.rejects import RejectSummary
from benchmarks.metrics import measure
from benchmarks.metrics_table import table_of
from benchmarks.replay import replay
from benchmarks.report.run_report import RunReport, Source
from benchmarks.report.wording import clock
from benchmarks.simulator.settings import WorldSettings
from dispatch.engine import settings_named
from maps.facilities import Trust
from tests.benchmarks.towns import MIDNIGHT, MINUTE, a_busy_day, a_call, a_log, a_town

VOID = {"meta", "br", "line", "rect", "circle", "path", "img", "hr", "link", "input"}


class Page(HTMLParser):
    """A page, read: its words, its tags, and whether every tag that opens also closes."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.words, self.addresses = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        del attrs
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def page_of(run, source=None):
    return RunReport(run, measure(run), table_of(run.records), source or Source("calls.csv")).html()


@pytest.fixture(scope="module")
def run():
    return replay(a_busy_day(60), a_town(), settings_named("b2"), WorldSettings(seed=2))


def test_the_page_needs_nothing_from_anywhere_else(run):
    html = page_of(run)
    page = Page(html)
    assert page.addresses == []
    assert "script" not in page.tags
    assert "@import" not in html
    assert not re.search(r"url\(", html)


def test_every_tag_that_opens_also_closes(run):
    assert Page(page_of(run)).open == []


def test_the_figures_of_the_page_are_those_of_the_run(run):
    words = " ".join(Page(page_of(run)).words)
    total = measure(run).total
    for sample in (total.responses["C1"], total.responses["C2"]):
        assert clock(sample.mean_s) in words
        assert clock(sample.p90_s) in words
    assert clock(total.handovers.times.mean_s) in words


def test_equal_runs_give_equal_pages(run):
    again = replay(a_busy_day(60), a_town(), settings_named("b2"), WorldSettings(seed=2))
    assert page_of(run) == page_of(again)


def test_versions_seed_and_attribution_stand_at_the_foot(run):
    words = " ".join(Page(page_of(run)).words)
    for expected in ("Seed 2", "town", run.log_sha256[:16], "A town that nobody built"):
        assert expected in words


def test_rows_set_aside_are_counted(run):
    rejects = RejectSummary(count=7, reasons=(("lat", "out of range", 7),), first=())
    words = " ".join(Page(page_of(run, Source("calls.csv", rejects))).words)
    assert "7 rows of the file were set aside" in words
    assert "out of range" in words


def test_names_from_a_region_cannot_become_markup():
    evil = dataclasses.replace(
        a_town(), trusts=(Trust(code="T1", name='<script>alert("x")</script>'),)
    )
    again = replay(a_busy_day(20), evil, settings_named("b2"))
    html = page_of(again, Source("<b>calls</b>.csv"))
    assert "<script" not in html
    assert "<b>" not in html


def test_a_run_with_one_incident_has_a_page():
    one = replay(a_log(a_call(category="C4")), a_town(), settings_named("b2"))
    assert "C1: none in this run" in page_of(one)


def test_a_run_of_telephone_advice_alone_has_a_page():
    one = replay(a_log(a_call(category="C5")), a_town(), settings_named("b2"))
    assert Page(page_of(one)).open == []


def test_the_period_is_that_of_the_calls_though_the_last_crew_is_clear_next_day():
    calls = a_log(a_call(minute=20 * 60), a_call(minute=23 * 60 + 40))
    late = replay(calls, a_town(), settings_named("b2"))
    assert measure(late).end_ms > MIDNIGHT + 24 * 60 * MINUTE
    words = " ".join(Page(page_of(late)).words)
    assert "2 incidents, 1 March 2026. In" in words
    assert "2 March 2026" not in words


def test_a_log_in_which_nobody_waits_has_no_empty_calendar():
    one = replay(a_log(a_call(category="C2")), a_town(), settings_named("b2"))
    words = " ".join(Page(page_of(one)).words)
    assert "In no hour did incidents wait for a unit" in words
    assert "nobody waits" not in words


def test_without_published_handovers_there_is_no_column_for_them(run):
    html = page_of(run)
    assert run.region.trusts[0].code == "T1"
    assert "<th>this run</th></tr>" in html


def test_the_policy_and_the_categories_are_explained(run):
    words = " ".join(Page(page_of(run)).words)
    assert "Policy b2 stands for gravest category first" in words
    assert "Category 1 (C1) is life-threatening" in words
    assert "minutes:seconds" in words


def test_a_handover_that_lasts_until_the_crew_is_clear_is_said_to():
    calls = [
        a_call(30.0 * n, outcome="conveyed_to_ed", handover_s=2400.0, clear_s=clear_s)
        for clear_s in (0.0,)
        for n in range(12)
    ]
    until_clear = replay(a_log(*calls), a_town(), settings_named("b2"))
    assert "the log seems not to say when care was handed over" in page_of(until_clear)
    other = replay(
        a_log(*(call | {"clear_s": 600.0} for call in calls)), a_town(), settings_named("b2")
    )
    assert "seems not to say" not in page_of(other)
