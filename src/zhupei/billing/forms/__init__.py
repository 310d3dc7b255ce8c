"""Paper forms of billing."""

from zhupei.billing.forms.order_slip import OrderSlip, OrderSlipLine, order_slip_pdf

__all__ = ["OrderSlip", "OrderSlipLine", "order_slip_pdf"]
