"""A logged transition can be neither changed nor removed: the database refuses."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION workflow_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the transition log is append-only';
END $$;
CREATE TRIGGER workflow_log_append_only BEFORE UPDATE OR DELETE ON workflow_transitionlog
  FOR EACH ROW EXECUTE FUNCTION workflow_refuse_change();
"""
BACKWARD = """
DROP TRIGGER workflow_log_append_only ON workflow_transitionlog;
DROP FUNCTION workflow_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
