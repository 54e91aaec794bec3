"""The flow of the peer."""

from __future__ import annotations

from viewflow import this
from viewflow.workflow import flow, lock
from viewflow.workflow.flow import views

from bench.peers.viewflow_permit.models import PermitProcess

page = views.UpdateProcessView.as_view(fields=["opinion"])


class PermitFlow(flow.Flow):
    """The same steps as a construction permit takes, with the lock recommended for PostgreSQL."""

    process_class = PermitProcess
    lock_impl = lock.SelectForUpdateLock()

    open = flow.StartHandle(this.begin).Next(this.submit)
    submit = flow.View(page).Next(this.intake)
    intake = flow.View(page).Next(this.whole)
    whole = flow.If(lambda activation: activation.process.complete).Then(this.split).Else(this.correct)
    correct = flow.View(page).Next(this.intake)
    split = flow.Split().Next(this.housing).Next(this.fire).Next(this.civil_defence)
    housing = flow.View(page).Next(this.join)
    fire = flow.View(page).Next(this.join)
    civil_defence = flow.View(page).Next(this.join)
    join = flow.Join().Next(this.decide)
    decide = flow.View(page).Next(this.issue)
    issue = flow.Handle(this.done).Next(this.deliver)
    deliver = flow.Handle(this.done).Next(this.end)
    end = flow.End()

    def begin(self, activation, subject: str):
        """Open a process."""
        activation.process.subject = subject
        return activation.process

    def done(self, activation):
        """What the system does by itself; nothing, as in our own case."""
        return activation.process
