"""Declarative form fields: what is asked, when, of which kind; checked, kept, shown.

``parse`` turns the sections a pack declares into a ``Form``. A form never raises on answers, whatever
they are: ``check`` gives back clean values and the problems place by place.
"""

from zerotrip.questions.binding import Bound
from zerotrip.questions.fields import Choice, FieldSpec, Kind, SectionSpec
from zerotrip.questions.form import Checked, Field, Form, Section
from zerotrip.questions.parser import parse
from zerotrip.questions.words import Part, Words

__all__ = [
    "Bound",
    "Checked",
    "Choice",
    "Field",
    "FieldSpec",
    "Form",
    "Kind",
    "Part",
    "Section",
    "SectionSpec",
    "Words",
    "parse",
]
