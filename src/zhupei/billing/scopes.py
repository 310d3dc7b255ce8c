"""Which orders an actor may see: the payer, the payee, and the authorities above either (SEC-01)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from foundation.scoping import Actor, ScopedQuerySet


class OrderQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> OrderQuerySet:
        if actor.body is None:
            return self.none()
        if actor.portal == "enterprise":
            return self.filter(organization=actor.body)
        if actor.portal == "institution":
            return self.filter(institution=actor.body)
        if actor.portal == "authority":
            if actor.body.is_provincial:
                return self.all()
            return self.filter(Q(organization__supervisor=actor.body) | Q(institution__supervisor=actor.body))
        return self.none()


class VoucherQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> VoucherQuerySet:
        from zhupei.billing.models import Order

        return self.filter(order__in=Order.objects.visible_to(actor))


class InvoiceQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> InvoiceQuerySet:
        from zhupei.billing.models import Order

        return self.filter(order__in=Order.objects.visible_to(actor))


def billing_documents(actor: Actor) -> Q:
    """Condition on Document: vouchers and invoices of the orders that the actor may see."""
    from zhupei.billing.models import Invoice, Voucher

    vouchers = Voucher.objects.visible_to(actor).values("document")
    invoices = Invoice.objects.visible_to(actor).values("files__document").exclude(files=None)
    return Q(pk__in=vouchers) | Q(pk__in=invoices)
