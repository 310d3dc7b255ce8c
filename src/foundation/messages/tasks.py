"""Delivery of text messages, tried again with growing pauses."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from foundation.messages import services


@app.task(name="foundation.messages.deliver", retry=RetryStrategy(max_attempts=6, exponential_wait=5))
def deliver(sms_ids: list[int]) -> None:
    services.deliver(sms_ids)
