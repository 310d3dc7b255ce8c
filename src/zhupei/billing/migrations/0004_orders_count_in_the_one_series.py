from django.db import migrations

FORWARD = """
INSERT INTO numbers_counter (kind, prefix, last)
SELECT 'order', left(number, 10), max(substr(number, 11)::bigint)
FROM billing_order WHERE number ~ '^B[0-9]{8}-[0-9]+$' GROUP BY left(number, 10)
"""
BACKWARD = "DELETE FROM numbers_counter WHERE kind = 'order'"


class Migration(migrations.Migration):
    """Orders had no counter: each day goes on after its highest number."""

    dependencies = [
        ('billing', '0003_invoices'),
        ('numbers', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
