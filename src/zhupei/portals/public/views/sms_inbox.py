"""The development inbox: what would have gone out by SMS. It exists only where messages stay in the house."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from foundation.crypto import blind_index
from foundation.identifiers import phone as phones
from foundation.messages.gateways import gateway
from foundation.messages.models import Sms

MOST_SHOWN = 50


@never_cache
@require_safe
def sms_inbox(request: HttpRequest) -> HttpResponse:
    """The latest messages, newest first; `?phone=` those to one number. htmx asks for the list alone."""
    if not gateway().shows_inbox:
        raise Http404
    rows = Sms.objects.all()
    phone = request.GET.get("phone", "").strip()
    if phone:
        rows = rows.filter(phone_index=blind_index(phones.normalize(phone)))
    template = "public/sms_list.html" if request.headers.get("HX-Request") else "public/sms_inbox.html"
    context = {"rows": rows[:MOST_SHOWN], "phone": phone, "here": request.get_full_path()}
    return render(request, template, context)
