"""The app of projects."""

from __future__ import annotations

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Key projects: their plans, stewards, milestones and permits, and investors on their way."""

    name = "zerotrip.projects"

    def ready(self) -> None:
        from zerotrip.projects.declared import register_part

        register_part()
