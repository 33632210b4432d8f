"""How long one redirection decision takes with 3,000 services: ``python redirect_bench.py``.

Every service lies within reach of every patient of a made-up county, so no filter by place helps;
patients, hours and capacities vary with a fixed seed. Prints centiles in milliseconds as JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dispatch.domain.category import Category, Segment
from dispatch.domain.complaint import COMPLAINTS, FINDINGS
from dispatch.domain.ids import ServiceId
from dispatch.domain.opening_hours import parse_opening_hours
from dispatch.domain.patient import Patient
from dispatch.domain.redirection import Course, Situation
from dispatch.domain.service import AgeRange, CapacityLevel, Service, capacity_report
from dispatch.domain.service_type import ServiceType
from dispatch.policies.redirect_ranked import RedirectRanked
from dispatch.policies.service_index import Capacities, ServiceIndex
from maps.geo import LonLat

START_MS = 1_795_000_000_000


def made_up_services(count: int, chance: random.Random) -> list[Service]:
    hours = [
        parse_opening_hours(f"Mon-Fri {opens:02d}:{minute:02d}-{closes:02d}:00; Sat 09:00-13:00")
        for opens in range(6, 11)
        for minute in (0, 15, 30, 45)
        for closes in range(16, 24)
    ]
    kinds = list(ServiceType)
    plain = [code for code in COMPLAINTS if code != "unknown"]
    return [
        Service(
            id=ServiceId(f"S{number:05d}"),
            name=f"Service {number}",
            type=kinds[number % len(kinds)],
            at=LonLat(-1.5 + chance.uniform(-0.2, 0.2), 51.5 + chance.uniform(-0.12, 0.12)),
            hours=chance.choice(hours) if chance.random() < 0.8 else None,
            ages=(AgeRange(chance.choice((0, 365, 5844, 6575))),),
            complaints=tuple(chance.sample(plain, 12)) if chance.random() < 0.3 else (),
            frailty_min=4 if chance.random() < 0.1 else None,
        )
        for number in range(count)
    ]


def made_up_questions(
    count: int, chance: random.Random, minutes: int
) -> list[tuple[Patient, Situation]]:
    plain = [code for code, entry in COMPLAINTS.items() if entry.family != "life_threat"]
    categories = [Category.C3, Category.C4, Category.C5, Category.C2, Category.HCP3]
    return [
        (
            Patient(
                complaint=chance.choice(plain),
                age_days=chance.randrange(0, 36_000),
                findings=tuple(chance.sample(sorted(FINDINGS), chance.randrange(3))),
                frailty_cfs=chance.choice((None, 2, 5, 7)),
                on_anticoagulants=False,
                lie_min=10,
            ),
            Situation(
                at=LonLat(-1.5 + chance.uniform(-0.15, 0.15), 51.5 + chance.uniform(-0.1, 0.1)),
                now_ms=START_MS + number * minutes * 60_000,
                category=chance.choice(categories),
                segment=Segment.B,
            ),
        )
        for number in range(count)
    ]


def measure(services: int, questions: int, minutes: int, seed: int) -> dict[str, float]:
    chance = random.Random(seed)
    began = time.perf_counter()
    index = ServiceIndex(made_up_services(services, chance))
    built_ms = 1000 * (time.perf_counter() - began)
    capacities = Capacities(index)
    for service in index.services[::7]:
        level = chance.choice((CapacityLevel.AMBER, CapacityLevel.RED))
        capacities.report(capacity_report(service, level, START_MS))
    policy = RedirectRanked(index)
    times, cpu, offers, asked = [], [], 0, 0
    for patient, situation in made_up_questions(questions, chance, minutes):
        began, began_cpu = time.perf_counter(), time.process_time()
        answer = policy.redirect(patient, situation, capacities)
        times.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - began_cpu))
        asked += answer.course is not Course.AMBULANCE
        offers += len(answer.offers)
    first, times, cpu = times[0], sorted(times), sorted(cpu)
    return {
        "services": services,
        "questions": questions,
        "redirectable": asked,
        "offers": offers,
        "build_ms": round(built_ms, 1),
        "first_ms": round(first, 2),
        "median_ms": round(times[len(times) // 2], 3),
        "p99_ms": round(times[int(0.99 * len(times))], 3),
        "p99_cpu_ms": round(cpu[int(0.99 * len(cpu))], 3),
        "longest_ms": round(times[-1], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=3000)
    parser.add_argument("--questions", type=int, default=3000)
    parser.add_argument("--minutes", type=int, default=5, help="between two questions")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(json.dumps(measure(given.services, given.questions, given.minutes, given.seed)))


if __name__ == "__main__":
    main()
