"""机构备案: what is on file about the institution and its places; the rest is in facilities.py (ORG-12)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from foundation.requests import PortalRequest
from zhupei.catalog.models import Offer
from zhupei.organizations.models import TestSite
from zhupei.organizations.roles import Capability
from zhupei.organizations.services import own_institution as services
from zhupei.organizations.services.facilities import check_open
from zhupei.portals.institution.views.facilities import file_context
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done, refusals_at
from zhupei.portals.shared.forms import SpokenForm


class ProfileForm(SpokenForm):
    contact_name = forms.CharField(label="联系人", max_length=60, required=False)
    contact_phone = forms.CharField(label="咨询电话", max_length=30, required=False)
    strengths = forms.CharField(label="培训特色", max_length=200, required=False)
    introduction = forms.CharField(
        label="机构介绍",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    account_name = forms.CharField(label="户名", max_length=100)
    account_number = forms.CharField(label="账号", max_length=40)
    account_bank = forms.CharField(label="开户行", max_length=100)


class SiteForm(SpokenForm):
    name = forms.CharField(label="名称", max_length=100)
    address = forms.CharField(label="地址", max_length=200)
    seats = forms.IntegerField(label="机位数", min_value=0, max_value=services.MOST_SEATS, initial=0)


@require_safe
@portal_required("institution")
def profile(request: PortalRequest) -> HttpResponse:
    """Everything on file."""
    actor = request.actor
    institution = actor.body
    sites = list(institution.sites.prefetch_related("rooms").order_by("name"))
    offered = dict(
        Offer.objects.filter(institution=institution, site__isnull=False)
        .order_by()
        .values("site")
        .annotate(n=Count("pk"))
        .values_list("site", "n")
    )
    context = {
        "institution": institution,
        "sites": [(site, offered.get(site.pk, 0), list(site.rooms.all())) for site in sites],
    } | file_context(actor, institution)
    return render(request, "institution/profile/profile.html", context)


@portal_required("institution", needs=Capability.KEEP_PROFILE)
def edit(request: PortalRequest) -> HttpResponse:
    """Change contact, introduction and bank account."""
    actor = request.actor
    names = (*services.CONTACT_FIELDS, *services.ACCOUNT_FIELDS)
    form = ProfileForm(request.POST or None, initial={name: getattr(actor.body, name) for name in names})
    if not services.may_change_account(actor):
        for name in services.ACCOUNT_FIELDS:
            form.fields[name].disabled = True
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            services.update_profile(actor, actor.body, services.ProfileData(**form.cleaned_data))
            return done(request, "机构信息已保存。", "institution:profile")
    context = {
        "form": form,
        "institution": actor.body,
        "may_change_account": services.may_change_account(actor),
    }
    return render(request, "institution/profile/edit.html", context)


@portal_required("institution")
def site(request: PortalRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a place."""
    actor = request.actor
    found = get_object_or_404(actor.body.sites.select_related("institution"), pk=pk) if pk else None
    check_open(actor, actor.body)
    form = SiteForm(request.POST or None, initial=_values(found))
    if found is not None and found.rooms.filter(has_computers=True).exists():
        form.fields["seats"].disabled = True
    if request.method == "POST" and form.is_valid():
        data = services.SiteData(**form.cleaned_data)
        with refusals_at(form):
            if found is None:
                services.add_site(actor, actor.body, data)
            else:
                services.update_site(actor, found, data)
            return done(request, f"测试地点“{data.name}”已保存。", "institution:profile")
    return render(request, "institution/profile/site.html", {"form": form, "site": found})


def _values(found: TestSite | None) -> dict[str, Any]:
    return {"name": found.name, "address": found.address, "seats": found.seats} if found else {}


@require_POST
@portal_required("institution")
def remove_site(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a place away."""
    actor = request.actor
    found = get_object_or_404(actor.body.sites.select_related("institution"), pk=pk)
    services.remove_site(actor, found)
    return done(request, f"测试地点“{found.name}”已删除。", "institution:profile")


urlpatterns = [
    path("profile/", profile, name="profile"),
    path("profile/edit/", edit, name="profile_edit"),
    path("profile/sites/new/", site, name="site_new"),
    path("profile/sites/<int:pk>/", site, name="site"),
    path("profile/sites/<int:pk>/remove/", remove_site, name="site_remove"),
]
