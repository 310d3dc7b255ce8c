"""The chain is continued every five minutes."""

from procrastinate.contrib.django import app

from foundation.audit import services


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="audit-seal", pass_context=False)
def seal_audit_log(timestamp: int) -> None:
    services.seal()
