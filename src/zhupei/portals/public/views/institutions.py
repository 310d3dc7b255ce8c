"""The training institutions, for everybody to look at: city, occupations, fees, sites."""

from __future__ import annotations

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from zhupei.catalog.models import Offer
from zhupei.organizations.models import Institution
from zhupei.portals.public.scope import PUBLIC
from zhupei.regions.models import Region


def _offers() -> QuerySet[Offer]:
    rows = Offer.objects.visible_to(PUBLIC).open().select_related("occupation__programme", "level", "site")  # type: ignore[attr-defined]
    return rows.order_by("occupation__programme__position", "occupation__position", "delivery", "pk")


@require_safe
def institutions(request: HttpRequest) -> HttpResponse:
    """Active institutions; `?city=` (region code, 330000 = provincial ones) and `?q=` narrow the list."""
    everything = Institution.objects.visible_to(PUBLIC)
    city, word = request.GET.get("city", ""), request.GET.get("q", "").strip()[:60]
    rows = everything.select_related("supervisor__region").prefetch_related(
        Prefetch("offers", _offers(), to_attr="open_offers"), "sites"
    )
    if city.isdigit():
        rows = rows.filter(supervisor__region__code=city)
    if word:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(short_name__icontains=word)
            | Q(offers__in=_offers().filter(occupation__name__icontains=word))
        ).distinct()
    cities = (
        Region.objects.filter(authority__institutions__in=everything)
        .annotate(number=Count("authority__institutions", distinct=True))
        .order_by("code")
    )
    cards = [{"institution": row, "occupations": _occupations(row)} for row in rows]
    context = {"cards": cards, "cities": cities, "city": city, "word": word, "total": everything.count()}
    return render(request, "public/institutions.html", context)


def _occupations(institution: Institution) -> list[str]:
    """Each occupation once, in the catalog's order."""
    offers: list[Offer] = institution.open_offers  # type: ignore[attr-defined]
    return list(dict.fromkeys(offer.occupation.name for offer in offers))


@require_safe
def institution(request: HttpRequest, pk: int) -> HttpResponse:
    """One institution with what it offers."""
    rows = Institution.objects.visible_to(PUBLIC).select_related("supervisor__region", "region__parent")
    found = get_object_or_404(rows.prefetch_related("sites"), pk=pk)
    offers = _offers().filter(institution=found)
    return render(request, "public/institution.html", {"institution": found, "offers": offers})
