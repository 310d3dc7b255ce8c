"""Which batches, enrollments and imports an actor may see (SEC-01)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from foundation.scoping import Actor, ScopedQuerySet

# An institution has no business with what has not been handed in to it yet, nor with what was taken back before.
NOT_HANDED_IN = Q(state="draft") | Q(state="withdrawn", submitted_at=None)


def _supervised(actor: Actor) -> Q:
    if actor.body.is_provincial:
        return Q()
    return Q(organization__supervisor=actor.body) | Q(institution__supervisor=actor.body)


class EnrollmentQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> EnrollmentQuerySet:
        if actor.portal == "learner" and actor.user is not None:
            return self.filter(person__user=actor.user)
        if actor.body is None:
            return self.none()
        if actor.portal == "enterprise":
            return self.filter(organization=actor.body)
        if actor.portal == "institution":
            return self.filter(institution=actor.body).exclude(NOT_HANDED_IN)
        if actor.portal == "authority":
            return self.filter(_supervised(actor)).exclude(NOT_HANDED_IN)
        return self.none()

    def unfinished(self) -> EnrollmentQuerySet:
        from zhupei.enrollment.models import FINISHED_STATES

        return self.exclude(state__in=FINISHED_STATES)


class BatchQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> BatchQuerySet:
        if actor.body is None:
            return self.none()
        if actor.portal == "enterprise":
            return self.filter(organization=actor.body)
        if actor.portal == "institution":
            return self.filter(institution=actor.body)
        if actor.portal == "authority":
            return self.filter(_supervised(actor))
        return self.none()


class RosterImportQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> RosterImportQuerySet:
        if actor.portal == "enterprise" and actor.body is not None:
            return self.filter(organization=actor.body)
        return self.none()


class ArchiveUploadQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> ArchiveUploadQuerySet:
        if actor.portal == "enterprise" and actor.body is not None:
            return self.filter(batch__organization=actor.body)
        return self.none()
