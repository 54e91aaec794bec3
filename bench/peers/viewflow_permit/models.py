"""The process of the peer, with what its decisions hang on."""

from __future__ import annotations

from django.db import models
from viewflow.workflow.models import Process


class PermitProcess(Process):
    """A permit under way."""

    subject = models.CharField(max_length=200)
    complete = models.BooleanField(default=False)
    granted = models.BooleanField(default=False)
    opinion = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.subject
