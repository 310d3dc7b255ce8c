"""Who may sit an assessment, and why the others may not (ASM-01, SCO-02, ORG-15)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.zhupei.assessment.halls import moment
from zhupei.assessment import candidates, services
from zhupei.assessment.models import Candidate
from zhupei.catalog.models import ProgrammeRules
from zhupei.enrollment.models import Enrollment
from zhupei.people.services import bar_person

pytestmark = pytest.mark.django_db


def reasons(proposal) -> dict[str, str]:
    return {row.enrollment.name: row.reason for row in proposal.excluded}


def test_the_trained_are_proposed_and_the_others_listed_with_the_reason(hall):
    """ASM-01: those who qualify are proposed, barred and unfinished ones are listed with the reason."""
    ready = hall.people(2)
    (absent,) = hall.people(1, state="absent", is_absent=True)
    (moved,) = hall.people(1, state="enrolled", is_absent=True, is_live=False)
    (returned,) = hall.people(1, state="returned")
    (barred,) = hall.people(1)
    (passed,) = hall.people(1, state="passed")
    bar_person(hall.authority, barred.id_number, barred.name, "考试作弊")

    found = hall.propose()

    assert {row.pk for row in found.ready} == {row.pk for row in ready} and not found.resits
    words = reasons(found)
    assert words[absent.name] == "缺勤，没有完成培训"
    assert words[moved.name] == "缺勤，已转入其他培训计划"
    assert "退回修改" in words[returned.name]
    assert "黑名单" in words[barred.name] and "考试作弊" in words[barred.name]
    assert "已考核合格" in words[passed.name]


def test_somebody_is_in_one_live_plan_at_a_time(hall):
    """ASM-01: latecomers get a second plan; those of the first are listed with its name."""
    first_people = hall.people(2)
    first = hall.plan()
    late = hall.people(1)

    found = hall.propose()

    assert [row.pk for row in found.ready] == [late[0].pk]
    assert set(reasons(found).values()) == {f"已在考核计划 {first.name} 中"}
    assert len(hall.propose(first).ready) == 3
    second = services.create_plan(
        hall.actor, hall.training_plan, hall.data(starts_at=moment(9)), [late[0].pk]
    )
    assert second.name == first.name[:-2] + "02"
    with pytest.raises(services.plans.DomainError, match=first.name):
        services.set_candidates(hall.actor, second, [first_people[0].pk])


def test_the_failed_and_the_missed_may_resit_as_often_as_the_rules_say(hall):
    """SCO-02: resits under the rules of the programme, also of people trained in earlier plans."""
    (failed,) = hall.people(1, state="failed", placed=False)
    (missed,) = hall.people(1, state="missed")
    (often,) = hall.people(1, state="failed", placed=False)
    ProgrammeRules.objects.update(resits_allowed=1)
    old = services.create_plan(hall.actor, hall.training_plan, hall.data(), [])
    Candidate.objects.create(plan=old, enrollment=often, is_resit=True, is_live=False)
    Candidate.objects.create(plan=old, enrollment=failed, is_resit=False, is_live=False)

    found = hall.propose()

    assert {row.pk for row in found.resits} == {failed.pk, missed.pk} and not found.ready
    assert reasons(found) == {often.name: "已补考 1 次，按规则最多补考 1 次"}


def test_a_resit_gives_way_to_a_new_enrollment(hall):
    """SCO-02: whoever enrolled anew is examined by the new enrollment; whoever passed need not sit again."""
    (anew, certified, barred, refunded) = hall.people(4, state="failed", placed=False)
    states = {anew: "trained", certified: "certified", refunded: "refunded"}
    for row, state in states.items():
        hall.world.enrollment(row.batch, person=row.person, state=state)
    bar_person(hall.authority, barred.id_number, barred.name, "替考")

    found = hall.propose()

    assert [row.pk for row in found.resits] == [refunded.pk]
    words = reasons(found)
    assert "重新报名" in words[anew.name]
    assert "已考核合格" in words[certified.name]
    assert "替考" in words[barred.name]


def test_resits_stay_within_institution_and_programme(hall, world):
    """SCO-02, SEC-01: people who failed elsewhere are not offered."""
    world.batch(2, state="failed")
    found = hall.propose()
    assert not (found.ready or found.resits or found.excluded)


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(hall):
    """ASM-01: proposals of large classes."""
    counts = []
    for more in (3, 40):
        hall.people(more)
        hall.people(more, state="failed", placed=False)
        hall.people(more, state="absent", is_absent=True)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            hall.propose()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


def test_who_was_absent_here_but_failed_after_a_later_training_may_resit(hall):
    """SCO-02: an absence that was made good does not stand in the way."""
    (row,) = hall.people(1, state="failed", is_absent=True)
    assert [each.pk for each in hall.propose().resits] == [row.pk]


def test_unfit_names_those_who_have_fallen_out(hall):
    """ASM-01, ORG-15: between choosing and handing in somebody is barred, somebody's attendance corrected."""
    barred, corrected, fine = hall.people(3)
    plan = hall.plan()
    assert candidates.unfit(plan) == []
    bar_person(hall.authority, barred.id_number, barred.name, "考试作弊")
    Enrollment.objects.filter(pk=corrected.pk).update(state="absent")

    names = {row.enrollment.name for row in candidates.unfit(plan)}

    assert names == {barred.name, corrected.name} and fine.name not in names
