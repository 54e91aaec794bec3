"""The app of projects."""

from __future__ import annotations

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Key projects: their plans, stewards, milestones and permits, and investors on their way."""

    name = "zerotrip.projects"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from zerotrip.cases import outcomes
        from zerotrip.enterprises import blocks
        from zerotrip.projects.actions.problems import tell_of_end
        from zerotrip.projects.declared import register_part
        from zerotrip.projects.queries import block_of

        register_part()
        outcomes.follow_needs(tell_of_end)
        blocks.register(
            blocks.Block("projects", _("重点项目"), block_of, "web/enterprises/blocks/projects.html", order=30)
        )
