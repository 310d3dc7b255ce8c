"""Late arrival, practical part and resits become figures of a programme (EXM-04, EXM-08, SCO-02)."""

from django.db import migrations, models


def skilled_workers_have_a_practical_part(apps, schema_editor):
    apps.get_model("catalog", "ProgrammeRules").objects.filter(programme__code="skilled-workers").update(
        has_practical=True
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_what_a_table_of_majors_accepts")]

    operations = [
        migrations.AddField(
            "programmerules",
            "latest_arrival_minutes",
            models.PositiveSmallIntegerField("迟到不得入场（分钟）", default=30),
        ),
        migrations.AddField(
            "programmerules", "has_practical", models.BooleanField("有实操考核", default=False)
        ),
        migrations.AddField(
            "programmerules",
            "practical_pass_mark",
            models.PositiveSmallIntegerField("实操合格分", default=60),
        ),
        migrations.AddField(
            "programmerules", "resits_allowed", models.PositiveSmallIntegerField("可补考次数", default=2)
        ),
        migrations.RunPython(skilled_workers_have_a_practical_part, migrations.RunPython.noop),
    ]
