"""The flow in SpiffWorkflow: a BPMN diagram, its state kept as JSON in PostgreSQL after each step.

As the documentation's chapter on serialisation does it: deserialise, complete a task, let the engine
go on, serialise, save. No journal, no jobs, no permissions.
"""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import psycopg
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

TASKS = (
    ("submit", {}),
    ("intake", {"complete": False}),
    ("correct", {}),
    ("intake", {"complete": True}),
    ("housing", {"housing": "pass"}),
    ("fire", {"fire": "pass"}),
    ("civil_defence", {"civil_defence": "pass"}),
    ("decide", {"granted": True}),
    ("issue", {}),
    ("deliver", {}),
)
COMMITS = len(TASKS) - 1


class Peer:
    """Drives cases through the diagram over one connection."""

    def __init__(self, connection: psycopg.Connection) -> None:
        parser = BpmnParser()
        parser.add_bpmn_file(str(Path(__file__).with_name("permit.bpmn")))
        self._spec = parser.get_spec("permit")
        self._serializer = BpmnWorkflowSerializer()
        self._connection = connection
        connection.execute("CREATE TABLE peer_spiff (id uuid PRIMARY KEY, status text, state jsonb)")

    def run(self) -> float:
        """One case; the seconds its steps took from submission to issue."""
        key = uuid.uuid4()
        workflow = BpmnWorkflow(self._spec)
        workflow.do_engine_steps()
        with self._connection.transaction():
            self._connection.execute(
                "INSERT INTO peer_spiff VALUES (%s, 'draft', %s::jsonb)",
                [key, self._serializer.serialize_json(workflow)],
            )
        begun = time.perf_counter()
        for name, data in TASKS[:-1]:
            self._step(key, name, data)
        seconds = time.perf_counter() - begun
        workflow = self._step(key, *TASKS[-1])
        if not workflow.completed:
            raise AssertionError("the diagram leads to its end")
        return seconds

    def _step(self, key: uuid.UUID, name: str, data: dict[str, object]) -> BpmnWorkflow:
        with self._connection.transaction():
            row = self._connection.execute(
                "SELECT state::text FROM peer_spiff WHERE id = %s FOR UPDATE", [key]
            ).fetchone()
            workflow = self._serializer.deserialize_json(row[0] if row else "")
            (task,) = workflow.get_tasks(spec_name=name, state=TaskState.READY)
            task.data.update(data)
            task.run()
            workflow.do_engine_steps()
            self._connection.execute(
                "UPDATE peer_spiff SET status = %s, state = %s::jsonb WHERE id = %s",
                [name, self._serializer.serialize_json(workflow), key],
            )
        return workflow

    def close(self) -> None:
        """Leave nothing behind."""
        self._connection.execute("DROP TABLE peer_spiff")
        self._connection.close()
