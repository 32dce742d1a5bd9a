"""One queue network in four engines: Offramp's services, bare SimPy, Ciw, and simmer where R is.

Six stations of two servers each; every customer passes all six in turn, and half of them go round again
each time. Arrivals are Poisson, services exponential, the load of each station 0.8.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections.abc import Callable, Generator
from importlib import import_module
from statistics import median
from typing import Any

import simpy
from simpy import Event

from simulation.county.person import Person, Traits
from simulation.county.service import Service
from simulation.engine.clock import Clock, Process
from simulation.engine.decision import KEYS
from simulation.engine.eventlog import EventLog
from simulation.engine.stream import Stream
from simulation.model import garbage_kept

STATIONS, SERVERS, AGAIN, LOAD = 6, 2, 0.5, 0.8
VISITS = 1 / (1 - AGAIN)
"""How often a customer passes each station, on average."""
ARRIVALS = LOAD * SERVERS / VISITS
"""Customers per unit of time, services taking one unit."""

ANYBODY = Traits("female", "26-40", "white", False, False, False, "west", 1.0)
KEYS.declare("again", "service")

Engine = Callable[[float], int]


def offramp(until: float) -> int:
    """Keyed random streams, waiting lists with reneging, and every move in the log."""
    env, log, source = Clock(), EventLog(), Stream(1, -1)
    stations = [Service(env, log, f"station {number}", SERVERS) for number in range(STATIONS)]

    def life(person: Person) -> Process[None]:
        stream = person.stream
        while True:
            for station in stations:
                yield from station.enter(person)
                yield from station.visit(person, stream.exponential("service"))
            if not stream.bernoulli("again", AGAIN):
                return

    def arrivals() -> Process[None]:
        number = 0
        while True:
            yield env.timeout(source.exponential("arrival") / ARRIVALS)
            env.process(life(Person(env, number, Stream(1, number), ANYBODY, (0.0, 0.0))))
            number += 1

    env.process(arrivals())
    env.live_until(until)
    events = log.read()
    return int(events.where(what="discharged").sum())


def bare_simpy(until: float) -> int:
    """SimPy's own resources, one generator of chance, and nothing written but a count."""
    env, draw = simpy.Environment(), random.Random(1)
    stations = [simpy.Resource(env, SERVERS) for _ in range(STATIONS)]
    served = [0]

    def life() -> Generator[Event, Any, None]:
        while True:
            for station in stations:
                with station.request() as place:
                    yield place
                    yield env.timeout(draw.expovariate(1.0))
                served[0] += 1
            if draw.random() >= AGAIN:
                return

    def arrivals() -> Generator[Event, Any, None]:
        while True:
            yield env.timeout(draw.expovariate(ARRIVALS))
            env.process(life())

    env.process(arrivals())
    env.run(until=until)
    return served[0]


def ciw(until: float) -> int:
    """Ciw's network, whose records correspond to our log."""
    engine = import_module("ciw")
    routes = [[0.0] * STATIONS for _ in range(STATIONS)]
    for number in range(STATIONS - 1):
        routes[number][number + 1] = 1.0
    routes[-1][0] = AGAIN
    nobody = [None] * (STATIONS - 1)
    network = engine.create_network(
        arrival_distributions=[engine.dists.Exponential(ARRIVALS), *nobody],
        service_distributions=[engine.dists.Exponential(1.0)] * STATIONS,
        number_of_servers=[SERVERS] * STATIONS,
        routing=routes,
    )
    engine.seed(1)
    simulation = engine.Simulation(network)
    simulation.simulate_until_max_time(until)
    return len(simulation.get_all_records())


SIMMER = """
suppressMessages(library(simmer))
set.seed(1)
station <- function(path, name) path %>% seize(name) %>% timeout(function() rexp(1, 1)) %>% release(name)
path <- trajectory()
for (i in 1:STATIONS) path <- station(path, paste0("s", i))
path <- path %>% rollback(3 * STATIONS, check = function() runif(1) < AGAIN)
env <- simmer()
for (i in 1:STATIONS) env %>% add_resource(paste0("s", i), SERVERS)
invisible(env %>% add_generator("c", path, function() rexp(1, ARRIVALS)) %>% run(UNTIL))
cat(nrow(get_mon_arrivals(env, per_resource = TRUE)))
"""


def simmer(until: float) -> int:
    """The same in R; its monitored arrivals correspond to our log."""
    script = SIMMER
    for name, value in (("STATIONS", STATIONS), ("AGAIN", AGAIN), ("SERVERS", SERVERS)):
        script = script.replace(name, str(value))
    script = script.replace("ARRIVALS", str(ARRIVALS)).replace("UNTIL", str(until))
    done = subprocess.run(["Rscript", "-e", script], check=True, capture_output=True, text=True)
    return int(done.stdout)


def missing(name: str) -> str:
    """Why an engine cannot be measured here, or nothing."""
    if name == "ciw":
        try:
            import_module("ciw")
        except ImportError:
            return "Ciw is not installed: make bench"
    if name == "simmer":
        if shutil.which("Rscript") is None:
            return "R is not installed"
        check = ["Rscript", "-e", "library(simmer)"]
        if subprocess.run(check, capture_output=True, check=False).returncode:
            return "simmer is not installed in R"
    return ""


ENGINES: dict[str, Engine] = {"offramp": offramp, "bare_simpy": bare_simpy, "ciw": ciw, "simmer": simmer}


def compared(customers: float) -> dict[str, float | str]:
    """Services per second in each engine, measured in turns, and our speed over theirs."""
    until = customers / ARRIVALS
    rates: dict[str, list[float]] = {name: [] for name in ENGINES if not missing(name)}
    for _ in range(3):
        for name in rates:
            # Processor time, which other work does not stretch; simmer's is spent in another process.
            clock = time.perf_counter if name == "simmer" else time.process_time
            with garbage_kept():
                begun = clock()
                served = ENGINES[name](until)
                rates[name].append(served / (clock() - begun))
    found: dict[str, float | str] = {}
    for name in ENGINES:
        found[f"network_{name}_services_per_second"] = median(rates[name]) if name in rates else missing(name)
    for name in ("bare_simpy", "ciw", "simmer"):
        if name in rates:
            ratios = (ours / theirs for ours, theirs in zip(rates["offramp"], rates[name], strict=True))
            found[f"network_speed_over_{name}"] = median(ratios)
    return found
