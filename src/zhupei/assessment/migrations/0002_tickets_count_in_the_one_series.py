from django.db import migrations

FORWARD = """
INSERT INTO numbers_counter (kind, prefix, last)
SELECT 'ticket', prefix, max(last) FROM (
    SELECT prefix, last FROM assessment_ticketcounter
    UNION ALL
    SELECT left(ticket_number, 10), substr(ticket_number, 11)::bigint
    FROM assessment_candidate WHERE ticket_number ~ '^[0-9]{14,20}$'
) AS used GROUP BY prefix
"""
BACKWARD = """
INSERT INTO assessment_ticketcounter (prefix, last)
SELECT prefix, last FROM numbers_counter WHERE kind = 'ticket';
DELETE FROM numbers_counter WHERE kind = 'ticket'
"""


class Migration(migrations.Migration):
    """Cities and days go on counting where they were, void tickets included."""

    dependencies = [
        ('assessment', '0001_initial'),
        ('numbers', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.DeleteModel(name='TicketCounter'),
    ]
