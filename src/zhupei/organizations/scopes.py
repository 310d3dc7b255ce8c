"""Which organizations, institutions and changes an actor may see (SEC-01), and what is on offer (ORG-09)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat

from foundation.review.models import WAITING, ReviewedQuerySet
from foundation.scoping import Actor, ScopedQuerySet
from zhupei.regions.models import RegionLevel

if TYPE_CHECKING:
    from zhupei.organizations.models import Organization


def supervised(actor: Actor, path: str = "") -> Q:
    """Condition on the body at `path` for an authority: its own, or everything for the provincial one."""
    if actor.portal != "authority" or actor.body is None:
        return Q(pk__in=[])
    if actor.body.is_provincial:
        return Q()
    return Q(**{f"{path}supervisor": actor.body})


class AuthorityQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> AuthorityQuerySet:
        if actor.portal == "authority" and actor.body is not None:
            return self.filter(pk=actor.body.pk)
        return self.none()

    def provincial(self) -> AuthorityQuerySet:
        return self.filter(region__level=RegionLevel.PROVINCE)


class OrganizationQuerySet(ReviewedQuerySet[Any]):
    def scope(self, actor: Actor) -> OrganizationQuerySet:
        if actor.body is None:
            return self.none()
        if actor.portal == "enterprise":
            return self.filter(pk=actor.body.pk)
        if actor.portal == "authority":
            return self.filter(supervised(actor))
        if actor.portal == "institution":
            # An institution sees who enrols with it; enrollment adds the relation `batches`.
            return self.filter(Q(batches__institution=actor.body)).distinct()
        return self.none()


class OrganizationChangeQuerySet(ReviewedQuerySet[Any]):
    def scope(self, actor: Actor) -> OrganizationChangeQuerySet:
        """An enterprise its own; an authority, once handed in, what it decides or its firms apply for."""
        if actor.body is None:
            return self.none()
        if actor.portal == "enterprise":
            return self.filter(organization=actor.body)
        if actor.portal == "authority":
            if actor.body.is_provincial:
                return self.handed_in()
            return self.handed_in().filter(
                Q(review__reviewer_key=actor.key) | Q(organization__supervisor=actor.body)
            )
        return self.none()


class InstitutionQuerySet(ReviewedQuerySet[Any]):
    def scope(self, actor: Actor) -> InstitutionQuerySet:
        if actor.portal == "visitor":
            return self.active()  # the public list
        if actor.body is None:
            return self.none()
        if actor.portal == "institution":
            return self.filter(pk=actor.body.pk)
        if actor.portal == "authority":
            return self.filter(supervised(actor))
        if actor.portal == "enterprise":
            return self.offered_to(actor.body)
        return self.none()

    def active(self) -> InstitutionQuerySet:
        return self.filter(is_active=True)

    def offered_to(self, organization: Organization) -> InstitutionQuerySet:
        """ORG-09: under a city → its institutions and the provincial ones; the province → these only."""
        provincial = Q(supervisor__region__level=RegionLevel.PROVINCE)
        if organization.supervisor.is_provincial:
            return self.active().filter(provincial)
        return self.active().filter(provincial | Q(supervisor=organization.supervisor_id))


def organization_documents(actor: Actor) -> Q:
    """Who may open the papers of a registration or change (policy of `foundation.files`).

    The organization's supervisor, the province, and while it decides the authority a change would move it to.
    """
    from zhupei.organizations.models import Organization

    if actor.portal != "authority" or actor.body is None:
        return Q(pk__in=[])
    if actor.body.is_provincial:
        return Q(owner_key__startswith="enterprise:")
    concerned = Q(supervisor=actor.body) | Q(
        changes__review__reviewer_key=actor.key, changes__review__state__in=WAITING
    )
    owner_key = Concat(Value("enterprise:"), Cast(F("pk"), CharField()))
    return Q(owner_key__in=Organization.objects.filter(concerned).annotate(owner=owner_key).values("owner"))


def institution_documents(actor: Actor) -> Q:
    """Who may open the papers of an institution's file: its authority and the province."""
    from zhupei.organizations.models import Institution

    if actor.portal != "authority" or actor.body is None:
        return Q(pk__in=[])
    if actor.body.is_provincial:
        return Q(owner_key__startswith="institution:")
    owner_key = Concat(Value("institution:"), Cast(F("pk"), CharField()))
    rows = Institution.objects.filter(supervisor=actor.body).annotate(owner=owner_key)
    return Q(owner_key__in=rows.values("owner"))


class RoomQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> RoomQuerySet:
        return self.filter(_of_institution(actor, "site__institution"))


class TeacherQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> TeacherQuerySet:
        return self.filter(_of_institution(actor, "institution"))


def _of_institution(actor: Actor, path: str) -> Q:
    """Condition on what belongs to the institution at `path`: its own people, and the authorities above it."""
    if actor.portal == "institution" and actor.body is not None:
        return Q(**{path: actor.body})
    if actor.portal == "authority" and actor.body is not None:
        return Q() if actor.body.is_provincial else Q(**{f"{path}__supervisor": actor.body})
    return Q(pk__in=[])
