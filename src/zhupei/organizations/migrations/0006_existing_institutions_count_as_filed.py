from django.db import migrations
from django.utils import timezone


def file_existing(apps, schema_editor):
    """Institutions that were at work before files were reviewed count as filed; their next file is round 1."""
    institution = apps.get_model("organizations", "Institution")
    review = apps.get_model("review", "Review")
    for row in institution.objects.filter(review=None):
        row.review = review.objects.create(
            kind="institution",
            state="approved",
            subject_label=row.name,
            reviewer_key=f"authority:{row.supervisor_id}",
            submitter_key=f"institution:{row.pk}",
            decided_at=timezone.now(),
            remark="备案上线前已由主管部门设立，视同已备案。",
        )
        row.save(update_fields=["review"])


class Migration(migrations.Migration):
    dependencies = [("organizations", "0005_institution_files_and_roles")]
    operations = [migrations.RunPython(file_existing, migrations.RunPython.noop)]
