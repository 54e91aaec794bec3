"""Workbooks are looked through and taken by the worker."""

from django.db import migrations, models
from django.db.models import Q

STATES = [
    ("queued", "排队检查"),
    ("checking", "正在检查"),
    ("checked", "已检查，待确认"),
    ("waiting", "已确认，排队入库"),
    ("saving", "正在入库"),
    ("taken", "已入库"),
    ("failed", "没有成功"),
    ("dropped", "已放弃"),
]


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_figures_stay")]
    operations = [
        migrations.AddField(
            model_name="filing",
            name="because",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Why a file failed, or is looked through anew.",
                max_length=400,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="filing",
            name="language",
            field=models.CharField(
                blank=True,
                default="",
                help_text="In which the faults of a file are told.",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="filing", name="state", field=models.CharField(choices=STATES, max_length=8)
        ),
        migrations.AlterField(
            model_name="filing",
            name="found",
            field=models.JSONField(
                default=dict,
                help_text="What looking through a file found; how far it is, while it is looked through.",
            ),
        ),
        migrations.AddConstraint(
            model_name="filing",
            constraint=models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(because=""), name="failed_filing_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="filing",
            constraint=models.CheckConstraint(
                condition=Q(door="file") | Q(state="taken"), name="what_is_typed_is_taken_at_once"
            ),
        ),
    ]
