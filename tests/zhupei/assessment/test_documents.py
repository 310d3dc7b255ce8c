"""ASM-04: tickets, sign-in sheets, summary sheets and door labels say the same as the plan, as PDF and as XLSX."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader

from foundation.documents.pictures import small_picture
from foundation.errors import DomainError
from tests.foundation.documents.reading import pdf_pages, pdf_picture_count, squeeze
from tests.world import jpeg
from tests.zhupei.assessment.halls import Hall, make_hall, moment
from zhupei.assessment import documents
from zhupei.assessment.models import Candidate
from zhupei.enrollment.models import Material

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall(world) -> Hall:
    return make_hall(world, seats=(30, 20))


def words_of(data: bytes) -> list[list[list[str]]]:
    """Sheets → rows → cells as text."""
    book = load_workbook(io.BytesIO(data))
    return [
        [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book
    ]


def approved(hall: Hall, *counts: int, **changed):
    for number, count in enumerate(counts):
        hall.people(count, occupation=("土建施工员", "测量员")[number])
    return hall.approve(hall.plan(**changed))


def test_nothing_is_printed_before_the_approval(hall):
    """ASM-04: there are no ticket numbers before."""
    hall.people(2)
    plan = hall.plan()
    with pytest.raises(DomainError) as refusal:
        documents.exam_facts(plan)
    assert refusal.value.code == "not_published"


def test_a_ticket_says_who_when_where_and_the_rules(hall):
    """ASM-04: full ID number, ticket number, room and seat, times, latest arrival, the plan's figures, a code."""
    plan = approved(hall, 1)
    row = plan.candidates.select_related("enrollment__organization", "exam_room__session").get()
    (page,) = pdf_pages(documents.tickets_pdf(documents.exam_facts(plan)))
    start = timezone.localtime(row.exam_room.session.starts_at)
    for words in (
        "准考证",
        row.enrollment.name,
        row.enrollment.id_number,
        row.ticket_number,
        row.enrollment.organization.name,
        "第01考场",
        "01号座",
        f"{start:%Y-%m-%d}",
        "09:00–11:00",
        "最迟入场09:30前",
        "贴照片处",
        "入场扫码",
        squeeze(plan.site.address),
        "考试时长120分钟，开考30分钟后可以交卷",
        plan.institution.contact_phone,
    ):
        assert words in page, words
    assert "实操考核" not in page


def test_several_tickets_stand_two_on_a_page(hall):
    """ASM-04: in bulk, by room and seat; everybody once."""
    plan = approved(hall, 3, 2)
    pages = pdf_pages(documents.tickets_pdf(documents.exam_facts(plan)))
    assert len(pages) == 3
    for row in plan.candidates.all():
        assert sum(page.count(row.ticket_number) for page in pages) == 1
    assert all("贴照片处" in page for page in pages)


def test_the_portrait_is_printed_where_there_is_one(hall):
    """ASM-04: photo, or a frame to stick one on."""
    plan = approved(hall, 2)
    row = plan.candidates.first()
    document = hall.world.document(row.enrollment.organization.key, "enrollment.portrait", jpeg(413, 579))
    Material.objects.create(enrollment=row.enrollment, kind="portrait", document=document)
    facts = documents.exam_facts(plan)
    assert [person.portrait is None for person in facts.people].count(True) == 1
    data = documents.tickets_pdf(facts)
    assert pdf_picture_count(data) == 1
    assert pdf_pages(data)[0].count("贴照片处") == 1
    assert pdf_picture_count(documents.sign_in_pdf(facts)) == 1


def test_practical_time_and_place_are_on_the_ticket(hall):
    """ASM-04: where there is a practical part."""
    plan = approved(hall, 1)
    plan.has_practical, plan.practical_at, plan.practical_place = True, moment(8, 14), "实训车间一号位"
    (page,) = pdf_pages(documents.tickets_pdf(documents.exam_facts(plan)))
    assert "实训车间一号位" in page and "14:00" in page and "另有实操考核，60分合格" in page


def test_thirty_people_sign_on_two_pages(hall):
    """ASM-04: 签到表, one room a sheet; ID numbers are masked where they lie open."""
    plan = approved(hall, 30)
    facts = documents.exam_facts(plan)
    pages = pdf_pages(documents.sign_in_pdf(facts))
    assert len(pages) == 2
    text = "".join(pages)
    for person in facts.people:
        assert person.ticket_number in text and person.masked_id in text
        assert person.id_number not in text
    assert text.count("签名") >= 30 and "应到30人" in text and "监考员签名" in pages[1]


def test_each_room_has_its_label_and_its_sign_in_sheet(hall):
    """ASM-04: 门贴 with the number of the room, time, occupation, seats and names; nobody twice."""
    plan = approved(hall, 12, 5)
    facts = documents.exam_facts(plan)
    labels = pdf_pages(documents.labels_pdf(facts))
    assert len(labels) == 2 and len(pdf_pages(documents.sign_in_pdf(facts))) == 2
    for room, page in zip(facts.rooms, labels, strict=True):
        assert f"第{room.number}考场" in page and room.occupation in page and room.seats in page
        assert all(person.ticket_number in page for person in room.people)
        assert not any(person.id_number in page for person in room.people)


def test_the_summary_adds_up(hall):
    """ASM-04: by organization, occupation, room and seat; totals of rooms and occupations."""
    plan = approved(hall, 12, 5)
    facts = documents.exam_facts(plan)
    text = "".join(pdf_pages(documents.summary_pdf(facts)))
    for words in ("考生：17人，2个考场", "合计170", "土建施工员12", "测量员5"):
        assert words in text
    for person in facts.people:
        assert person.ticket_number in text and person.id_number in text


def test_the_workbooks_say_the_same(hall):
    """ASM-04: XLSX of tickets, sign-in sheets (one sheet a room) and summary."""
    plan = approved(hall, 4, 3)
    facts = documents.exam_facts(plan, portraits=False)
    (tickets,) = words_of(documents.tickets_xlsx(facts))
    assert tickets[2][:4] == ["准考证号", "姓名", "性别", "身份证号"]
    found = {row[0]: (row[1], row[3], row[11]) for row in tickets[3:]}
    assert found == {each.ticket_number: (each.name, each.id_number, each.seat) for each in facts.people}

    rooms = words_of(documents.sign_in_xlsx(facts))
    assert [len(sheet) - 4 for sheet in rooms] == [len(room.people) for room in facts.rooms]
    assert facts.people[0].id_number not in str(rooms) and facts.people[0].masked_id in str(rooms)

    totals, occupations, people = words_of(documents.summary_xlsx(facts))
    assert [row[7] for row in totals[3:]] == [str(len(room.people)) for room in facts.rooms]
    assert [row[:2] for row in occupations[3:]] == [["土建施工员", "4"], ["测量员", "3"]]
    assert len(people) - 3 == 7


def test_names_are_words_and_never_formulas_or_markup(hall):
    """SEC-05: what was typed is printed as it stands."""
    plan = approved(hall, 1)
    row = plan.candidates.select_related("enrollment").get()
    row.enrollment.name = '=HYPERLINK("x")#read'
    row.enrollment.save(update_fields=["name"])
    facts = documents.exam_facts(plan)
    assert "=HYPERLINK" in pdf_pages(documents.tickets_pdf(facts))[0]
    data = documents.tickets_xlsx(facts)
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


def test_only_those_asked_for_are_printed(hall):
    """SEC-01: an organization or a person prints its own."""
    plan = approved(hall, 3, 2)
    one = Candidate.objects.filter(plan=plan).order_by("pk")[:1]
    facts = documents.exam_facts(plan, Candidate.objects.filter(pk__in=[row.pk for row in one]))
    assert [person.ticket_number for person in facts.people] == [one[0].ticket_number]
    assert len(facts.rooms) == 1


def test_the_queries_do_not_grow(hall, django_assert_max_num_queries):
    """Nine people or ninety: four queries."""
    plan = approved(hall, 9)
    plan = type(plan).objects.select_related("programme", "institution", "site").get(pk=plan.pk)
    with django_assert_max_num_queries(4):
        documents.exam_facts(plan)


def test_portraits_become_small():
    """Hundreds of them make a few megabytes; what is no picture is nothing."""
    picture = small_picture(jpeg(1200, 1600), max_side=304)
    assert picture is not None and picture.kind == "jpg" and len(picture.data) < 20_000
    assert small_picture(b"no picture", max_side=304) is None and small_picture(None, max_side=304) is None


def test_three_hundred_tickets_with_photos_stay_small(hall):
    """ASM-04: one download for a day's exam: less than 15 MB."""
    plan = approved(hall, 1)
    facts = documents.exam_facts(plan)
    portrait = small_picture(noisy_portrait(), max_side=304)
    (room,) = facts.rooms
    people = [replace(room.people[0], seat=f"{n % 30:02d}", portrait=portrait) for n in range(300)]
    data = documents.tickets_pdf(replace(facts, rooms=[replace(room, people=people)]))
    assert len(PdfReader(io.BytesIO(data)).pages) == 150
    assert portrait is not None and len(portrait.data) < 45_000 and len(data) < 15_000_000


def noisy_portrait() -> bytes:
    """A photo that compresses badly."""
    buffer = io.BytesIO()
    Image.effect_noise((413, 579), 60).convert("RGB").save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
