"""Vouchers that were uploaded but never handed in are removed at night."""

from procrastinate.contrib.django import app

from zhupei.billing import services


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="billing-stray-vouchers", pass_context=False)
def remove_stray_vouchers(timestamp: int) -> None:
    services.remove_stray_vouchers()
