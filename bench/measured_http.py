"""Figures of whole cases through HTTP: the web server in processes of its own, forms sent over sockets."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from django.db import connections
from django.test import Client
from django.utils import timezone

from bench.figures import Figure, figure
from bench.flow import CORRECTED, District
from tests import world
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Material
from zerotrip.catalogue.models import Service
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import User


def measure(district: District, *, repeats: int, seconds: float) -> Iterator[Figure]:
    """One case after another; then eight at a time. Each press with the page it leads to."""
    with served() as port:
        people = People(district, port)
        found = []
        for turn in range(-3, repeats):
            took, presses = people.case()
            if turn >= 0:
                found.append(took * 1000)
        yield figure("case_http", found, "ms", presses=presses, pages=presses)
        for clients in (1, 8):
            rate = _together(district, port, clients, seconds)
            yield figure("case_http_clients", [rate], "cases/s", sizes={"clients": clients})


@contextlib.contextmanager
def served(workers: int = 2) -> Iterator[int]:
    """The web server, as it is installed; the port it answers on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("zerotrip")),
        "serve",
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    with subprocess.Popen(command, env={**os.environ, "ZEROTRIP_POOL": "8"}) as server:
        try:
            _await(port)
            yield port
        finally:
            server.terminate()


def _await(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


class Browser:
    """One person's connection: signed in, sends forms, follows where they lead."""

    def __init__(self, user: User, port: int) -> None:
        self._session = world.sign_in(Client(), user).cookies["sessionid"].value
        self._token = secrets.token_hex(16)
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._headers = {
            "Cookie": f"sessionid={self._session}; csrftoken={self._token}",
            "X-CSRFToken": self._token,
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def press(self, address: str, **form: str) -> None:
        """Send a form and open the page it leads to. Raises AssertionError when it leads nowhere."""
        self._connection.request("POST", address, urlencode(form), self._headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 302:
            raise AssertionError(f"{address} answers {answer.status}")
        self._connection.request("GET", answer.headers["Location"], headers=self._headers)
        page = self._connection.getresponse()
        page.read()
        if page.status != 200:
            raise AssertionError(f"{answer.headers['Location']} answers {page.status}")


class People:
    """Everybody who has a hand in a case, each with a browser."""

    def __init__(self, district: District, port: int) -> None:
        self._district = district
        accounts = {"clerk": district.clerk, "leader": district.leader, **district.reviewers}
        self._browsers = {
            name: Browser(User.objects.get(pk=actor.user_id), port) for name, actor in accounts.items()
        }
        self._applicant = Browser(district.user, port)

    def case(self) -> tuple[float, int]:
        """Drive a case to its issue: the seconds all presses took, and how many there were."""
        district, watch = self._district, Watch()
        service = Service.objects.select_related("current").get(pk="construction-permit")
        case = actions.open_case(service=service, applicant=district.firm, by=district.applicant, at=timezone.now())
        actions.save_draft(case, district.answers, edit=0, by=district.applicant, at=timezone.now(), keep=True)
        draft = case.submissions.get()
        Material.objects.bulk_create(
            Material(submission=draft, key=m.key, blob_id=m.blob_id, name=m.name, added_at=m.added_at)
            for m in district.materials
        )
        watch.press(self._applicant, f"/cases/{case.number}/check/")
        asked = {f"message-{CORRECTED}": "名称与规划许可证不一致，请核对"}
        watch.press(self._browsers["clerk"], f"/desk/work/{_work(case, 'intake')}/correction/", **asked)
        mended = {CORRECTED: "新材料产业园一期厂房（改）", "edit": "0", "submit": "1"}
        watch.press(self._applicant, f"/cases/{case.number}/correct/", **mended)
        watch.press(self._browsers["clerk"], f"/desk/work/{_work(case, 'intake')}/accept/")
        for review in world.open_work(case, "review"):
            watch.press(self._browsers[review.stage], f"/desk/work/{review.pk}/pass/", opinion="符合要求")
        watch.press(self._browsers["leader"], f"/desk/work/{_work(case, 'decision')}/grant/")
        begun = time.perf_counter()
        actions.issue(Case.objects.get(pk=case.pk), by=SYSTEM, at=timezone.now())
        return watch.seconds + time.perf_counter() - begun, watch.presses


class Watch:
    """Adds up what presses take."""

    def __init__(self) -> None:
        self.seconds, self.presses = 0.0, 0

    def press(self, browser: Browser, address: str, **form: str) -> None:
        """Press, timed."""
        begun = time.perf_counter()
        browser.press(address, **form)
        self.seconds += time.perf_counter() - begun
        self.presses += 1


def _work(case: Case, kind: str) -> str:
    return str(world.open_work(case, kind)[0].pk)


def _together(district: District, port: int, clients: int, seconds: float) -> float:
    """Cases a second with so many cases under way at once."""
    done: list[int] = []

    def work() -> None:
        people, cases = People(district, port), 0
        barrier.wait()
        while time.monotonic() < until[0]:
            people.case()
            cases += 1
        done.append(cases)
        connections.close_all()

    until = [0.0]
    barrier = threading.Barrier(clients, action=lambda: until.__setitem__(0, time.monotonic() + seconds))
    threads = [threading.Thread(target=work) for _ in range(clients)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(done) < clients:
        raise AssertionError("a client gave up")
    return sum(done) / (time.monotonic() - begun)
