"""How far long work is: the fragment that `<c-job-progress>` polls."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from foundation.jobs.models import Job
from foundation.requests import PortalRequest
from foundation.ui.progress import render_progress, view_of
from zhupei.portals.shared.access import signed_in


@signed_in
def job(request: PortalRequest, pk: uuid.UUID) -> HttpResponse:
    """One job of the actor's body."""
    found = get_object_or_404(Job.objects.visible_to(request.actor), pk=pk)
    return render_progress(request, view_of(found), request.path)
