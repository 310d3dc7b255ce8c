from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "zhupei.billing"
    verbose_name = "缴费"
