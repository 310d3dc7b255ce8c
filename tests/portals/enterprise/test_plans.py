"""培训计划 for organizations: found, read, enrolled into by roster and by form; one's own people in them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.portals.pressing import refused
from tests.rosters import roster_file, roster_row
from tests.zhupei.training.schools import make_school
from zhupei.catalog.models import ProgrammeRules
from zhupei.enrollment import services as enrollment
from zhupei.enrollment.models import Enrollment, RosterImport
from zhupei.portals.enterprise.views.plans import period
from zhupei.training import services
from zhupei.training.models import Placement, PlanRoster, TrainingPlan

pytestmark = pytest.mark.django_db
PLANS, MINE, HOME, PEOPLE = (
    "/enterprise/plans/",
    "/enterprise/plans/mine/",
    "/enterprise/",
    "/enterprise/people/",
)


def html(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def school(world):
    return make_school(world)


@pytest.fixture
def firm(world, school):
    made = world.organization(supervisor=school.institution.supervisor)
    return world.actor(made)


@pytest.fixture
def client(world, firm):
    return world.client(firm.user)


@pytest.fixture
def plan(school):
    return school.plan()


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("2026-12-01 09:00", "2026-12-01 16:00", "2026-12-01"),
        ("2026-12-01 09:00", "2026-12-31 16:00", "2026-12-01 至 12-31"),
        ("2026-12-30 09:00", "2027-01-02 16:00", "2026-12-30 至 2027-01-02"),
        ("2026-12-31 23:30", "2027-01-01 00:30", "2026-12-31 至 2027-01-01"),
    ],
)
def test_the_days_of_a_plan_tell_the_year_where_it_changes(first, last, shown):
    """TRN-07: classes over the turn of the year are not read as days long past; by local time."""
    moments = [timezone.make_aware(dt.datetime.fromisoformat(each)) for each in (first, last)]
    assert period(SimpleNamespace(starts_at=moments[0], ends_at=moments[1])) == shown


def rows_for(world, firm, count):
    return [roster_row(world.invent.person(), firm.body.name) for _ in range(count)]


def upload(client, plan, rows):
    url = reverse("enterprise:plan_upload", args=[plan.pk, plan.items.get().pk])
    return client.post(url, {"file": SimpleUploadedFile("名单.xlsx", roster_file(rows))}).json()


def page_of(plan):
    return reverse("enterprise:plan", args=[plan.pk])


class TestList:
    def test_open_plans_with_what_one_chooses_by(self, client, plan, school):
        """ENR-07: trade and level, fee, dates, seats left, place."""
        page = html(client.get(PLANS))
        for words in (
            plan.name,
            str(plan.items.get()),
            "¥480.00",
            "5 / 5",
            "样本街2号",
            "报名中",
            str(school.institution),
        ):
            assert words in page

    def test_only_those_on_offer(self, client, school, world, firm):
        """ENR-07, SEC-01: public ones and those that name this organization; not those of another city."""
        public = school.plan()
        away = make_school(world, supervisor=world.authority("330200", "宁波市"))
        other = school.plan(days=later(school, 10), form="designated", organizations=[world.organization()])
        mine = school.plan(days=later(school, 20), form="designated", organizations=[firm.body])
        far = away.plan()
        page = html(client.get(PLANS))
        assert page_of(public) in page and page_of(mine) in page
        assert page_of(other) not in page and page_of(far) not in page
        assert client.get(page_of(other)).status_code == 404
        assert client.get(page_of(far)).status_code == 404

    def test_filters(self, client, plan, school):
        """ENR-07: by trade, institution, city, month."""
        start = timezone.localtime(plan.days.first().period.lower)
        fits = {
            "occupation": plan.items.get().occupation_id,
            "institution": school.institution.pk,
            "city": school.institution.region_id,
            "month": f"{start:%Y-%m}",
            "q": plan.name,
        }
        for name, value in fits.items():
            assert page_of(plan) in html(client.get(PLANS, {name: value})), name
        empty = f"{start.year + 1}-{start.month:02d}" if start.month < 11 else f"{start.year + 1}-09"
        assert page_of(plan) not in html(client.get(PLANS, {"month": empty}))
        assert page_of(plan) not in html(client.get(PLANS, {"q": "没有这个"}))

    def test_few_queries(self, client, school):
        """At most 12 queries whatever the number of plans."""
        for ahead in range(4):
            school.plan(days=later(school, 3 + 3 * ahead))
        for address in (PLANS, MINE):
            with CaptureQueriesContext(connection) as captured:
                html(client.get(address))
            assert len(captured) <= 12, [query["sql"][:150] for query in captured]


def later(school, days):
    from tests.zhupei.training.schools import moment
    from zhupei.training.services import DayData

    return [
        DayData(moment(days + n), moment(days + n, 17), "安全生产与理论", school.teacher, school.room)
        for n in range(2)
    ]


class TestPlan:
    def test_days_trades_and_the_button(self, client, plan):
        """ENR-07, TRN-07: subject, teacher, room, place, fee."""
        page = html(client.get(page_of(plan)))
        for words in ("安全生产与理论", "沈老师", "101", "样本街2号", "¥480.00", "还没有人在这个计划里"):
            assert words in page
        assert reverse("enterprise:plan_enroll", args=[plan.pk, plan.items.get().pk]) in page

    def test_own_people_with_state_and_attendance(self, client, plan, school, firm, world):
        """TRN-07: and nobody else's."""
        mine = world.batch(2, state="enrolled", offer=school.offer, organization=firm.body)
        theirs = world.batch(1, state="enrolled", offer=school.offer, organization=world.organization())
        everybody = [*mine.enrollments.all(), *theirs.enrollments.all()]
        services.place_into_plan(school.actor, plan, [row.pk for row in everybody])
        services.start_class(school.actor, plan)
        absent = Placement.objects.get(enrollment=mine.enrollments.first())
        services.mark_day(school.actor, plan, plan.days.first(), {absent.pk})
        page = html(client.get(page_of(plan)))
        assert all(row.name in page for row in mine.enrollments.all())
        assert reverse("enterprise:person", args=[theirs.enrollments.get().pk]) not in page
        assert "培训中" in page and "缺 1 天" in page and "已到 1 天" in page
        assert plan.name in html(client.get(MINE))

        detail = html(client.get(reverse("enterprise:person", args=[absent.enrollment_id])))
        assert "培训信息" in detail and plan.name in detail and "缺勤" in detail and "沈老师" in detail
        theirs_page = html(
            world.client(school.actor.user).get(reverse("institution:person", args=[absent.enrollment_id]))
        )
        assert "培训信息" in theirs_page and plan.name in theirs_page and "缺勤" in theirs_page

    def test_few_queries(self, client, plan, school, firm, world):
        """At most 12 queries beside the session's, whatever the people."""
        TrainingPlan.objects.filter(pk=plan.pk).update(head_count=40)
        batch = world.batch(20, state="enrolled", offer=school.offer, organization=firm.body)
        services.place_into_plan(school.actor, plan, [row.pk for row in batch.enrollments.all()])
        with CaptureQueriesContext(connection) as captured:
            html(client.get(page_of(plan)))
        assert len(captured) <= 20, [query["sql"][:150] for query in captured]

    def test_finance_reads_but_does_not_enroll(self, plan, firm, world):
        """ORG-14: the button is for those who may."""
        client = world.client(world.user(firm.body, role="finance"))
        enroll = reverse("enterprise:plan_enroll", args=[plan.pk, plan.items.get().pk])
        assert enroll not in html(client.get(page_of(plan)))
        assert client.get(enroll).status_code == 409

    def test_strangers(self, plan, world):
        """SEC-01: another city's organization."""
        stranger = world.client(world.organization(city="330200", city_name="宁波市"))
        item = plan.items.get().pk
        for name, keys in (
            ("plan", [plan.pk]),
            ("plan_enroll", [plan.pk, item]),
            ("plan_single", [plan.pk, item]),
        ):
            assert stranger.get(reverse(f"enterprise:{name}", args=keys)).status_code == 404
        assert stranger.post(reverse("enterprise:plan_upload", args=[plan.pk, item])).status_code == 404


class TestRoster:
    def test_uploaded_previewed_confirmed_once(self, client, plan, firm, world):
        """ENR-07, ENR-05: the seats are taken at the plan's fee; again or reloaded nobody is twice."""
        page = html(client.get(reverse("enterprise:plan_enroll", args=[plan.pk, plan.items.get().pk])))
        assert "剩余名额" in page and "单人录入" in page
        answer = upload(client, plan, rows_for(world, firm, 3))
        assert answer["ok"], answer
        preview = html(client.get(answer["url"]))
        assert plan.name in preview and "剩余名额 5 人" in preview and "资格审核" not in preview
        confirm = reverse("enterprise:roster_confirm", args=[answer["id"]])
        for _ in range(2):
            done = client.post(confirm, follow=True)
            assert "已导入 3 人" in html(done)
        plan.refresh_from_db()
        assert (plan.seats_taken, Enrollment.objects.count(), Placement.objects.live().count()) == (3, 3, 3)
        assert set(Enrollment.objects.values_list("agreed_fee", flat=True)) == {Decimal("480.00")}

    def test_confirmed_again_when_the_plan_is_full(self, client, plan, firm, world):
        """ENR-05: a second click does not complain about the seats the first one took."""
        answer = upload(client, plan, rows_for(world, firm, 5))
        confirm = reverse("enterprise:roster_confirm", args=[answer["id"]])
        first, second = client.post(confirm), client.post(confirm)
        assert first.url == second.url and "/batches/" in second.url
        assert Enrollment.objects.count() == 5

    def test_too_few_seats(self, client, plan, firm, world):
        """ENR-07: one clear sentence with how many, and nothing stored."""
        answer = upload(client, plan, rows_for(world, firm, 6))
        preview = html(client.get(answer["url"]))
        assert "多出 1 人" in preview and "确认导入" not in preview
        page = refused(client, answer["url"], reverse("enterprise:roster_confirm", args=[answer["id"]]))
        assert "只剩 5 个名额" in page and "没有报上任何人" in page
        plan.refresh_from_db()
        assert plan.seats_taken == 0 and not Enrollment.objects.exists()

    def test_given_up(self, client, plan, firm, world):
        """ENR-04: back to the trade of the plan."""
        answer = upload(client, plan, rows_for(world, firm, 1))
        start = reverse("enterprise:plan_enroll", args=[plan.pk, plan.items.get().pk])
        assert "名单.xlsx" in html(client.get(start))
        assert client.post(reverse("enterprise:roster_discard", args=[answer["id"]])).url == start
        assert "名单.xlsx" not in html(client.get(start))

    def test_closed(self, client, plan, firm, world):
        """ENR-07: within its dates."""
        TrainingPlan.objects.update(closes_at=timezone.now())
        assert not upload(client, plan, rows_for(world, firm, 1))["ok"]
        assert not RosterImport.objects.exists() and not PlanRoster.objects.exists()
        page = html(client.get(page_of(plan)))
        assert (
            "报名已经结束" in page
            and "/enroll/"
            not in page.split("本单位的学员")[0].split("培训安排")[0].split("工种（岗位）和收费")[1]
        )


def form_of(world, firm):
    person = world.invent.person()
    return {
        "name": person.name,
        "gender": "男" if person.gender == "male" else "女",
        "id_number": person.id_number,
        "phone": person.phone,
        "education": "初中",
        "work_unit": firm.body.name,
        "periods": "0",
    }


class TestSingle:
    def test_one_person_then_another_into_the_batch(self, client, plan, firm, world):
        """ENR-06, ENR-07: major and years may be left empty; each takes a seat."""
        url = reverse("enterprise:plan_single", args=[plan.pk, plan.items.get().pk])
        assert plan.name in html(client.get(url))
        client.post(url, form_of(world, firm))
        batch = Enrollment.objects.get().batch
        add = reverse("enterprise:batch_add", args=[batch.pk])
        assert "剩余名额" in html(client.get(add))
        client.post(add, form_of(world, firm))
        plan.refresh_from_db()
        assert (plan.seats_taken, batch.enrollments.count()) == (2, 2)

    def test_full(self, client, school, firm, world):
        """ENR-07."""
        plan = school.plan(head_count=1)
        url = reverse("enterprise:plan_single", args=[plan.pk, plan.items.get().pk])
        client.post(url, form_of(world, firm))
        assert "名额已满" in html(client.post(url, form_of(world, firm), follow=True))
        assert Enrollment.objects.count() == 1


@pytest.fixture
def batch(client, plan, firm, world):
    answer = upload(client, plan, rows_for(world, firm, 2))
    client.post(reverse("enterprise:roster_confirm", args=[answer["id"]]))
    return Enrollment.objects.first().batch


class TestBatch:
    def test_only_two_images_no_review_and_the_plan_s_name(self, client, batch, plan):
        """MAT-01, ENR-07: portrait and the face of the ID card; the journey has no review."""
        assert ProgrammeRules.objects.in_force().get(programme=batch.programme).required_materials == [
            "portrait",
            "id_front",
        ]
        page = html(client.get(reverse("enterprise:batch", args=[batch.pk])))
        assert page_of(plan) in page and "生成订单" in page
        labels = [
            step.label for step in client.get(reverse("enterprise:batch", args=[batch.pk])).context["steps"]
        ]
        assert labels == ["提交名单", "上传资料", "生成订单", "缴费", "上传凭证", "缴费确认", "已报名"]
        person = html(client.get(reverse("enterprise:person", args=[batch.enrollments.first().pk])))
        assert "还缺：头像、身份证正面" in person and "学历证书" not in person
        assert page_of(plan) in html(client.get(HOME))
        assert page_of(plan) in html(client.get(reverse("enterprise:batches")))

    def test_handed_in_it_can_be_ordered_at_once(self, client, batch, world, firm):
        """ENR-07: nobody reviews; the order is the plan's fee; who gives up frees the seat."""
        for row in batch.enrollments.all():
            for kind in ("portrait", "id_front"):
                world.material(row, kind)
        page = html(client.get(reverse("enterprise:batch", args=[batch.pk])))
        assert "提交资料（2 人）" in page
        page = html(client.post(reverse("enterprise:batch_submit", args=[batch.pk]), follow=True))
        assert "已提交 2 人，可以生成订单缴费。" in page and "2 人可以缴费" in page
        assert set(batch.enrollments.values_list("state", flat=True)) == {"eligible"}
        enrollment.withdraw(firm, batch.enrollments.filter(pk=batch.enrollments.first().pk))
        assert TrainingPlan.objects.get().seats_taken == 1

    def test_cards_cost_no_query_more(self, client, batch, school, firm, world):
        """At most 12 queries beside the session's on the home page."""
        with CaptureQueriesContext(connection) as captured:
            html(client.get(HOME))
        assert len(captured) <= 16, [query["sql"][:150] for query in captured]


def test_what_begins_soon_is_on_the_home_page(client, batch, plan):
    """QRY-04: 近期安排."""
    page = html(client.get(HOME))
    start = timezone.localtime(plan.days.first().period.lower)
    assert "近期安排" in page and f"{start:%m-%d}" in page and "开班（2 人）" in page


def test_people_are_found_by_plan_programme_and_state(client, batch, world, firm):
    """QRY-01."""
    other = world.batch(1, organization=firm.body, state="ordered").enrollments.get()
    ours = reverse("enterprise:person", args=[batch.enrollments.first().pk])
    theirs = reverse("enterprise:person", args=[other.pk])
    name = Placement.objects.first().plan.name
    for query in (
        {"plan": name},
        {"programme": batch.programme_id},
        {"state": "draft"},
        {"occupation": batch.occupation_id},
    ):
        page = html(client.get(PEOPLE, query))
        assert ours in page and theirs not in page, query
    assert name in html(client.get(PEOPLE))


def test_the_institution_finds_people_by_plan(batch, plan, school, world):
    """QRY-01: also by training plan and organization."""
    Enrollment.objects.update(submitted_at=timezone.now(), state="enrolled")
    client = world.client(school.actor.user)
    person = reverse("institution:person", args=[batch.enrollments.first().pk])
    for query in ({"plan": plan.name}, {"organization": batch.organization.name}):
        assert person in html(client.get("/institution/people/", query))
    assert person not in html(client.get("/institution/people/", {"plan": "别的计划"}))
