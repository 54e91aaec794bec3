"""How cases read in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html

from zerotrip.cases.rules import standing
from zerotrip.web.cases.story import tone

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from zerotrip.cases.models import Case

register = template.Library()


@register.filter
def status_tag(case: Case) -> SafeString:
    """Where a case stands, as a tag."""
    return format_html('<span class="tag {}">{}</span>', tone(case.status, case.result), standing(case))
