from django.db import migrations

FORWARD = """
INSERT INTO numbers_counter (kind, prefix, last)
SELECT 'batch', prefix, max(last) FROM (
    SELECT 'BM' || to_char(day, 'YYYYMMDD') || '-' AS prefix, last FROM enrollment_batchcounter
    UNION ALL
    SELECT left(number, 11), substr(number, 12)::bigint FROM enrollment_batch WHERE number ~ '^BM[0-9]{8}-[0-9]+$'
) AS used GROUP BY prefix
"""
BACKWARD = """
INSERT INTO enrollment_batchcounter (day, last)
SELECT to_date(substr(prefix, 3, 8), 'YYYYMMDD'), last FROM numbers_counter WHERE kind = 'batch';
DELETE FROM numbers_counter WHERE kind = 'batch'
"""


class Migration(migrations.Migration):
    """The days go on counting where they were, by the counter or by the batches, whichever came further."""

    dependencies = [
        ('enrollment', '0003_fee_agreed_with_a_plan'),
        ('numbers', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.DeleteModel(name='BatchCounter'),
    ]
