from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "zhupei.billing"
    verbose_name = "缴费"

    def ready(self) -> None:
        from foundation.files import policies
        from foundation.ui.states import register_state_styles
        from zhupei.billing import listeners, queries
        from zhupei.billing.models import InvoiceState, OrderState

        listeners.connect()
        policies.register("billing", queries.billing_documents)
        register_state_styles(
            OrderState,
            {
                "open": "wait",
                "voucher_submitted": "info",
                "voucher_rejected": "bad",
                "confirmed": "ok",
                "cancelled": "mute",
                "refunded": "mute",
            },
        )
        register_state_styles(InvoiceState, {"requested": "wait", "issued": "ok", "withdrawn": "mute"})
