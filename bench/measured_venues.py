"""Scans of venue codes through HTTP, beside the floor: the same rows inserted one by one, and copied."""

from __future__ import annotations

import http.client
import os
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from django.db import connection
from django.utils import timezone

from bench.figures import Figure, figure
from bench.flow import District
from bench.measured_http import served
from zerotrip.ids import new_id
from zerotrip.parties.models import Party, User
from zerotrip.prevention.models import Event, Measure, Site, SiteKind, VenueScan
from zerotrip.workdays.calendar import CHINA

PUBLISHED = 20_000
"""Scans a second: Xi'an's platform said that it serves 1.2 million a minute (2021-02-18)."""
CLIENTS = 4
AREA = "/370100000000/370199000000/"
COLUMNS = ("id", "site_id", "area_path", "outcome", "reasons", "colour", "told_by", "at", "received_at")


def measure(district: District, *, seconds: float) -> Iterator[Figure]:
    """Scans a second as served by one process, and of one core of the web server; then the floors."""
    site = _site(district)
    os.environ["ZEROTRIP_TRUSTED_PROXIES"] = "1"  # each scan comes from an address of its own
    try:
        with served(workers=1) as port:
            _scan(port, site.code, until=time.monotonic() + 2)
            before = VenueScan.objects.count()
            used, begun = _cpu(port), time.monotonic()
            sent = _together(port, site.code, seconds)
            took, used = time.monotonic() - begun, _cpu(port) - used
    finally:
        del os.environ["ZEROTRIP_TRUSTED_PROXIES"]
    kept = VenueScan.objects.count() - before
    if kept != sent:
        raise AssertionError(f"{sent} scans were sent and {kept} kept")
    core = sent / used
    sizes = {"clients": CLIENTS}
    yield figure("venue_scans", [sent / took], "scans/s", sizes=sizes, kept=kept)
    yield figure(
        "venue_scans_core", [core], "scans/s of a core", published=PUBLISHED, cores=round(PUBLISHED / core)
    )
    for name, rate in (("insert", _inserts(site, seconds / 4)), ("copy", _copied(site, 50_000))):
        yield figure(f"venue_scans_floor_{name}", [rate], "rows/s", times=round(rate / core, 1))


def _site(district: District) -> Site:
    at = timezone.now()
    day = at.astimezone(CHINA).date()
    office = Party.objects.filter(kind="department").order_by("pk").first()
    if office is None:
        raise AssertionError("the district has offices")
    Event.objects.create(
        name="虚构防控",
        area_path=AREA,
        measures=[Measure.VENUES],
        basis="虚构通知",
        starts_on=day,
        keep_days=30,
        department=office,
        declared_by=User.objects.get(pk=district.clerk.user_id),
        declared_at=at,
    )
    kind = SiteKind.objects.order_by("place").first()
    return Site.objects.create(kind=kind, name="虚构商场", area_path=AREA, risk="low", opened_on=day)


def _together(port: int, code: str, seconds: float) -> int:
    done: list[int] = []
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=lambda: done.append(_scan(port, code, until=until))) for _one in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def _scan(port: int, code: str, *, until: float) -> int:
    """One phone after another taps on the page of the poster, over one connection."""
    line, token, sent = http.client.HTTPConnection("127.0.0.1", port), secrets.token_hex(16), 0
    while time.monotonic() < until:
        headers = {
            "Cookie": f"csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": ".".join(str(secrets.randbelow(250) + 1) for _part in range(4)),
        }
        line.request("POST", f"/v/{code}/", urlencode({"id": str(new_id())}), headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            raise AssertionError(f"a scan is answered {answer.status}")
        sent += 1
    return sent


def _cpu(port: int) -> float:
    """Seconds of processor the web server has used, all its processes together."""
    mark, ticks = f"--port\0{port}\0".encode(), os.sysconf("SC_CLK_TCK")
    known: dict[int, tuple[int, float]] = {}
    roots = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            if mark in (folder / "cmdline").read_bytes():
                roots.add(int(folder.name))
        except OSError:
            continue
        known[int(folder.name)] = (int(words[1]), (int(words[11]) + int(words[12])) / ticks)
    mine = set(roots)
    while more := {pid for pid, (parent, _used) in known.items() if parent in mine} - mine:
        mine |= more
    return sum(known[pid][1] for pid in mine)


def _row(site: Site) -> tuple[Any, ...]:
    at = timezone.now()
    return (new_id(), site.pk, site.area_path, "entered", [], "none", "nobody", at, at)


def _raw() -> psycopg.Connection[Any]:
    """A connection of its own, without anything of ours around it."""
    told = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password")
    return psycopg.connect(**{name: told[name] for name in names if told.get(name)}, autocommit=True)


def _inserts(site: Site, seconds: float) -> float:
    places = ", ".join(["%s"] * len(COLUMNS))
    text = f"INSERT INTO prevention_venuescan ({', '.join(COLUMNS)}) VALUES ({places})"
    with _raw() as line:
        begun, sent = time.monotonic(), 0
        while time.monotonic() - begun < seconds:
            line.execute(text, _row(site))
            sent += 1
        return sent / (time.monotonic() - begun)


def _copied(site: Site, rows: int) -> float:
    made = [_row(site) for _one in range(rows)]
    with _raw() as line, line.cursor() as cursor:
        begun = time.monotonic()
        with cursor.copy(f"COPY prevention_venuescan ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in made:
                copy.write_row(row)
        return rows / (time.monotonic() - begun)
