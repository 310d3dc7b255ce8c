"""An exam that is called off: refused once somebody sat; papers and sign-ins go, old tickets open nothing (ASM-03)."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError
from foundation.jobs import services as jobs
from foundation.scoping import Actor
from tests.world import World
from tests.zhupei.exam.rooms import sit
from zhupei.assessment import services
from zhupei.assessment.models import AssessmentPlan, Session
from zhupei.demo.exam_hall import Hall, open_hall
from zhupei.exam.hall.models import Attempt, AttemptState, Entry, ExamEvent
from zhupei.exam.hall.refusals import ExamRefusalError
from zhupei.exam.hall.saving import SaveError
from zhupei.exam.hall.services import admission
from zhupei.exam.papers.models import Paper, PaperSet
from zhupei.exam.papers.services import PREPARE
from zhupei.exam.scores.models import PracticalScore, ScoreReport
from zhupei.exam.scores.services.reporting import pull_scores

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(db: None) -> Hall:
    """A hall whose invigilators admit by hand."""
    return open_hall(3, admission="invigilator")


@pytest.fixture
def holder(watched: Hall, world: World) -> Actor:
    return world.actor(watched.plan.institution)


def call_off(actor: Actor, hall: Hall) -> int:
    return services.call_off_plan(actor, AssessmentPlan.objects.get(pk=hall.plan.pk), "全城停电")


@pytest.mark.parametrize("state", AttemptState.values)
def test_whoever_was_admitted_or_answered_stands_in_the_way(watched: Hall, holder: Actor, state: str) -> None:
    """ASM-03: in every state of the attempt; nothing changes."""
    sit(watched.sitters[0].candidate, state)
    with pytest.raises(DomainError, match="已有考生签到或答题，不能取消，请用监考页面处理") as refused:
        call_off(holder, watched)
    assert refused.value.code == "attempts_exist"
    watched.plan.refresh_from_db()
    assert watched.plan.stage != "not_reported"
    assert Paper.objects.filter(candidate__plan=watched.plan).count() == 3


def test_practical_scores_and_pulled_scores_stand_in_the_way(watched: Hall, holder: Actor) -> None:
    """ASM-03, EXM-08, SCO-01."""
    score = PracticalScore.objects.create(
        candidate=watched.sitters[0].candidate, examiner=holder.user, examiner_name="考评员", score=80
    )
    with pytest.raises(DomainError) as refused:
        call_off(holder, watched)
    assert refused.value.code == "attempts_exist"
    score.delete()
    AssessmentPlan.objects.filter(pk=watched.plan.pk).update(stage="completed")
    pull_scores(holder, AssessmentPlan.objects.get(pk=watched.plan.pk))
    assert ScoreReport.objects.exists()
    with pytest.raises(DomainError, match="成绩报审") as refused:
        call_off(holder, watched)
    assert refused.value.code == "scores_pulled"


def test_papers_and_unadmitted_sign_ins_go_and_the_audit_log_keeps_them(watched: Hall, holder: Actor) -> None:
    """ASM-03, EXM-02: nothing is left of what nobody saw; the people can be taken out of the plan."""
    sitter = watched.sitters[0]
    admission.sign_in(sitter.ticket, sitter.id_number, address="10.0.0.7")
    assert call_off(holder, watched) == 3
    for model in (Paper, Entry, ExamEvent):
        assert not model.objects.filter(candidate__plan=watched.plan).exists()
    assert not PaperSet.objects.filter(plan=watched.plan).exists()
    kept = AuditEntry.objects.get(act="exam.sign_ins_dropped")
    assert kept.user == holder.user and kept.detail["events"][0][:2] == [sitter.ticket, "signed_in"]
    plan = AssessmentPlan.objects.get(pk=watched.plan.pk)
    services.set_candidates(holder, plan, [])
    assert not plan.candidates.exists()


def test_the_old_ticket_opens_nothing(watched: Hall, holder: Actor) -> None:
    """EXM-03: 401 as for any wrong pair; a machine that waited is gone."""
    sitter = watched.sitters[0]
    entry = admission.sign_in(sitter.ticket, sitter.id_number)
    call_off(holder, watched)
    with pytest.raises(ExamRefusalError) as refused:
        admission.sign_in(sitter.ticket, sitter.id_number)
    assert (refused.value.code, refused.value.status) == ("wrong_pair", 401)
    with pytest.raises(SaveError) as gone:
        admission.find_entry(entry.pk)
    assert (gone.value.code, gone.value.status) == ("not_signed_in", 401)
    with pytest.raises(DomainError, match="还没有到签到时间"):
        admission.admit(holder, sitter.candidate)


def test_papers_are_not_prepared_for_what_was_called_off(watched: Hall, holder: Actor) -> None:
    """EXM-02: a preparation that was still waiting says so and leaves nothing."""
    job = jobs.start(holder, PREPARE, "准备试卷", plan_id=watched.plan.pk)
    call_off(holder, watched)
    done = jobs.run(str(job.pk))
    assert done.state == "failed" and "已取消" in done.error
    assert not PaperSet.objects.filter(plan=watched.plan).exists()


def test_called_off_and_held_later_with_new_papers(watched: Hall, holder: Actor) -> None:
    """ASM-03, EXM-02: seated, approved and confirmed anew; the new ticket works, the old one does not."""
    from foundation.review import services as reviews
    from zhupei.organizations.models import Room

    old = watched.sitters[0]
    call_off(holder, watched)
    plan = AssessmentPlan.objects.select_related("review", "site", "institution__supervisor").get(
        pk=watched.plan.pk
    )
    plan.rooms.set(Room.objects.filter(site=plan.site, has_computers=True))
    tomorrow = (timezone.localtime() + dt.timedelta(days=1)).replace(hour=9, minute=0)
    AssessmentPlan.objects.filter(pk=plan.pk).update(starts_at=tomorrow)
    services.arrange_seats(holder, plan)
    services.submit_plan(holder, plan)
    authority = World().actor(plan.institution.supervisor)
    if plan.review.state == "submitted":
        reviews.accept(authority, plan.review)
    reviews.approve(authority, plan.review)
    plan.refresh_from_db()
    services.confirm_online(holder, plan)
    jobs.run_pending()
    assert Paper.objects.filter(candidate__plan=plan).count() == 3
    ahead = tomorrow - timezone.now() + dt.timedelta(minutes=1)
    Session.objects.filter(plan=plan).update(starts_at=F("starts_at") - ahead, ends_at=F("ends_at") - ahead)
    new = plan.candidates.get(pk=old.candidate.pk).ticket_number
    assert new != old.ticket
    assert admission.sign_in(new, old.id_number)
    with pytest.raises(ExamRefusalError):
        admission.sign_in(old.ticket, old.id_number)


@pytest.mark.django_db(transaction=True)
def test_signing_in_at_the_same_moment_is_one_or_the_other() -> None:
    """ASM-03, EXM-03: either somebody sits and the plan stands, or it is called off and nobody sits."""
    world = World()
    for _ in range(4):
        hall = open_hall(2)
        actor = world.actor(hall.plan.institution)
        outcome: dict[str, Any] = {}
        start = threading.Barrier(2)

        def run(name: str, act: Any, start: Any = start, outcome: Any = outcome) -> None:
            start.wait()
            try:
                outcome[name] = bool(act())
            except DomainError:
                outcome[name] = False
            finally:
                connection.close()

        sitter = hall.sitters[0]
        acts = {
            "off": lambda hall=hall, actor=actor: call_off(actor, hall),
            "in": lambda sitter=sitter: admission.sign_in(sitter.ticket, sitter.id_number),
        }
        threads = [threading.Thread(target=run, args=item) for item in acts.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        hall.plan.refresh_from_db()
        sat = Attempt.objects.filter(candidate__plan=hall.plan).exists()
        assert outcome["off"] != outcome["in"] == sat
        assert (hall.plan.stage == "not_reported") == outcome["off"]
