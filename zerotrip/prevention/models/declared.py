"""What a pack declares of prevention, as it was loaded last."""

from __future__ import annotations

from django.db import models


class Declared(models.Model):
    """One file of a pack: ``posts``, ``gates``."""

    pack = models.CharField(max_length=60)
    name = models.CharField(max_length=40)
    definition = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pack", "name"], name="declared_once")]

    def __str__(self) -> str:
        return f"{self.pack} {self.name}"
