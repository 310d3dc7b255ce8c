from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "zhupei.billing"
    verbose_name = "缴费"

    def ready(self) -> None:
        from foundation.files import policies
        from foundation.messages.templates import register_template
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
        register_template(
            "billing.invoice_issued",
            label="发票已开具",
            title="订单 {number} 的发票已开具",
            body="{institution}已上传发票，发票号码 {invoice}，请在订单里下载。",
            sms="【筑培】订单 {number} 的发票已开具，请登录后下载：{link}",
        )
        register_template(
            "billing.voucher_submitted",
            label="企业已上传汇款凭证",
            title="订单 {number} 待缴费确认",
            body="{organization}已上传汇款凭证，金额 {amount} 元，请核对后确认。",
        )
        register_template(
            "billing.voucher_rejected",
            label="汇款凭证被退回",
            title="订单 {number} 的汇款凭证被退回",
            body="原因：{reason}。请按原因处理后重新上传。",
            sms="【筑培】订单 {number} 的汇款凭证被退回：{reason}。请登录后重新上传。",
        )
        register_template(
            "billing.order_confirmed",
            label="缴费已确认",
            title="订单 {number} 缴费已确认",
            body="{institution}已确认收到培训费，{count} 人已报名成功。",
            sms="【筑培】订单 {number} 缴费已确认，{count} 人已报名成功。",
        )
        register_template(
            "billing.enrolled",
            label="学员已报名",
            sms="【筑培】{name}，您已报名{occupation}培训，培训机构：{institution}。账号为本人身份证号，首次登录须用短信验证码设置密码。",
        )
