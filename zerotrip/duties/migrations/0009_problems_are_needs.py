"""Problems of projects are needs, and no longer something owed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0008_orders'),
    ]

    operations = [
        migrations.AlterField(
            model_name='obligation',
            name='kind',
            field=models.CharField(choices=[('answer', '补正答复'), ('make_up', '补交材料'), ('check', '事后核查'), ('rectify', '整改'), ('call_back', '回访'), ('confirm', '确认诉求是否解决'), ('milestone', '项目节点'), ('directive', '交办'), ('task', '任务'), ('visit', '走访'), ('report', '填报'), ('receipt', '签收'), ('warning', '预警')], help_text="As the requirement's, so that lists need no join.", max_length=12),
        ),
        migrations.AlterField(
            model_name='requirement',
            name='kind',
            field=models.CharField(choices=[('answer', '补正答复'), ('make_up', '补交材料'), ('check', '事后核查'), ('rectify', '整改'), ('call_back', '回访'), ('confirm', '确认诉求是否解决'), ('milestone', '项目节点'), ('directive', '交办'), ('task', '任务'), ('visit', '走访'), ('report', '填报'), ('receipt', '签收'), ('warning', '预警')], max_length=12),
        ),
    ]
