"""A case through the peer, without its pages: what the views do, done directly."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.db import connection
from viewflow.workflow.status import STATUS

from bench.peers.viewflow_permit.flows import PermitFlow
from bench.peers.viewflow_permit.models import PermitProcess

if TYPE_CHECKING:
    from zerotrip.parties.models import User

HUMAN = (
    ("submit", {"subject": "新材料产业园一期厂房"}),
    ("intake", {"complete": False}),
    ("correct", {"subject": "新材料产业园一期厂房（改）"}),
    ("intake", {"complete": True}),
    ("housing", {"opinion": "符合要求"}),
    ("fire", {"opinion": "符合要求"}),
    ("civil_defence", {"opinion": "符合要求"}),
    ("decide", {"granted": True}),
)


class Peer:
    """Drives cases through the flow."""

    def __init__(self, user: User) -> None:
        self._user = user
        self.statements = 0

    def run(self) -> float:
        """One case; the seconds its steps took from submission to issue."""
        self.statements = 0
        process = PermitFlow.open.run(subject="新材料产业园")
        with connection.execute_wrapper(self._count):
            begun = time.perf_counter()
            for name, changes in HUMAN:
                self._do(process.pk, name, changes)
            self._run(process, "issue")
            seconds = time.perf_counter() - begun
        self._run(process, "deliver")
        if PermitProcess.objects.get(pk=process.pk).finished is None:
            raise AssertionError("the flow leads to its end")
        return seconds

    def _run(self, process: PermitProcess, name: str) -> None:
        task = process.task_set.get(flow_task=getattr(PermitFlow, name))
        getattr(PermitFlow, name).run(task)

    def _do(self, key: int, name: str, changes: dict[str, Any]) -> None:
        process = PermitProcess.objects.get(pk=key)
        task = process.task_set.get(flow_task=getattr(PermitFlow, name), status=STATUS.NEW)
        with task.activation() as activation:
            activation.assign(self._user)
            activation.start(None)
            for field, value in changes.items():
                setattr(activation.process, field, value)
            activation.process.save()
            activation.execute()

    def _count(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)
