"""What is stored, by the SHA-256 of its content."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from zerotrip.ids import new_id


class Blob(models.Model):
    """A content that passed the judges. It has no name and no owner: rows that refer to it give both.

    Nobody is shown a blob as such; who may see it follows from the row that refers to it.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=40)
    pages = models.PositiveIntegerField(null=True, blank=True, help_text="Of a PDF; None: an image.")
    stored_at = models.DateTimeField(help_text="When this content was last handed in.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="blob_key_is_a_sha256"),
            models.CheckConstraint(condition=Q(size__gt=0), name="blob_is_not_empty"),
            models.CheckConstraint(
                condition=Q(pages=None) | Q(pages__gte=1), name="blob_with_pages_has_at_least_one"
            ),
        ]
        indexes = [models.Index(fields=["stored_at"], name="blob_stored_at")]

    def __str__(self) -> str:
        return self.sha256


class Attached(models.Model):
    """A file bound to something that was said: what it is bound to says who may see it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    place = models.PositiveSmallIntegerField(default=0, help_text="Its place among those that came with it.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name
