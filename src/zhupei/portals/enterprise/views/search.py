"""The search box in the frame: an order's or batch's number leads there, everything else searches people."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse

from foundation.requests import PortalRequest
from zhupei.billing.models import Order
from zhupei.enrollment.models import Batch
from zhupei.portals.shared.access import portal_required


@portal_required("enterprise")
def search(request: PortalRequest) -> HttpResponse:
    """`q` is a name, an ID number, a phone, an order's or a batch's number."""
    actor = request.actor
    words = request.GET.get("q", "").strip()
    order = Order.objects.visible_to(actor).filter(number__iexact=words).first()
    if order is not None:
        return redirect("enterprise:order", order.pk)
    batch = Batch.objects.visible_to(actor).filter(number__iexact=words).first()
    if batch is not None:
        return redirect("enterprise:batch", batch.pk)
    return redirect(f"{reverse('enterprise:people')}?{urlencode({'q': words})}")


urlpatterns = [path("search/", search, name="search")]
