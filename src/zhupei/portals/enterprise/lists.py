"""The list pages of this portal: who may open them, and who looks."""

from __future__ import annotations

from django.utils.decorators import method_decorator

from foundation.scoping import Actor
from foundation.ui.pages import ListPage
from zhupei.portals.shared.access import portal_required


@method_decorator(portal_required("enterprise"), name="dispatch")
class EnterpriseList(ListPage):
    """A list page of an approved organization."""

    @property
    def actor(self) -> Actor:
        """Who looks."""
        return self.request.actor
