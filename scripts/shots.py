"""Pictures of the pages in the demonstration world, at 1440×900 and 390×844.

`make shots` writes the pictures that the README and the manuals use, compressed, to docs/manuals/img/.
`python scripts/shots.py --all FOLDER [WORD …]` writes every page (whose name holds one of the words) to FOLDER, to look at.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "manuals" / "img"
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--lang=zh-CN",
]
# name → path; `{…}` is filled from the database
PAGES: dict[str, dict[str, str]] = {
    "": {
        "public-home": "/",
        "public-sign-in": "/sign-in/enterprise/",
        "public-register": "/register/",
        "public-forgot": "/forgot-password/enterprise/",
        "public-institutions": "/institutions/",
        "public-downloads": "/downloads/",
        "public-help": "/help/",
        "public-notices": "/notices/",
        "public-sms": "/dev/sms/",
        "exam-sign-in": "/exam/",
    },
    "enterprise": {
        "enterprise-home": "/enterprise/",
        "enterprise-batches": "/enterprise/enroll/",
        "enterprise-enroll": "/enterprise/enroll/new/",
        "enterprise-batch": "/enterprise/enroll/batches/{draft_batch}/",
        "enterprise-orders": "/enterprise/orders/",
        "enterprise-order": "/enterprise/orders/{open_order}/",
        "enterprise-people": "/enterprise/people/",
        "enterprise-person": "/enterprise/people/{enrolled}/",
        "enterprise-institutions": "/enterprise/institutions/",
        "enterprise-profile": "/enterprise/profile/",
        "enterprise-messages": "/messages/",
        "enterprise-plans": "/enterprise/plans/",
        "enterprise-plan": "/enterprise/plans/{open_plan}/",
        "enterprise-plan-enroll": "/enterprise/plans/{open_plan}/enroll/{open_item}/",
        "enterprise-staff": "/staff/",
        "enterprise-order-confirmed": "/enterprise/orders/{confirmed_order}/",
        "enterprise-invoice": "/enterprise/orders/{confirmed_order}/invoice/",
        "enterprise-assessments": "/enterprise/assessments/",
        "enterprise-assessment": "/enterprise/assessments/{running_exam}/",
    },
    "institution": {
        "institution-home": "/institution/",
        "institution-eligibility": "/institution/eligibility/",
        "institution-case": "/institution/eligibility/{submitted}/",
        "institution-payments": "/institution/payments/",
        "institution-payment": "/institution/payments/{paid_order}/",
        "institution-people": "/institution/people/",
        "institution-offers": "/institution/offers/",
        "institution-profile": "/institution/profile/",
        "institution-plans": "/institution/plans/",
        "institution-invoices": "/institution/invoices/",
        "institution-plan": "/institution/plans/{open_plan}/",
        "institution-plan-new": "/institution/plans/new/",
        "institution-plan-calendar": "/institution/plans/calendar/",
        "institution-plan-people": "/institution/plans/{taught_plan}/people/",
        "institution-plan-attendance": "/institution/plans/{taught_plan}/attendance/",
        "institution-plan-check-in": "/institution/plans/{taught_plan}/check-in/",
        "institution-assessments": "/institution/assessments/",
        "institution-assessment": "/institution/assessments/{running_exam}/",
        "institution-assessment-rooms": "/institution/assessments/{running_exam}/rooms/",
        "institution-assessment-people": "/institution/assessments/{running_exam}/people/",
        "institution-assessment-papers": "/institution/assessments/{running_exam}/papers/",
        "institution-invigilation": "/institution/invigilation/",
        "institution-exam-room": "/institution/invigilation/{exam_room}/",
        "institution-exam-room-person": "/institution/invigilation/{exam_room}/?seat={sitter}",
        "institution-exam-room-events": "/institution/invigilation/{exam_room}/events/",
        "institution-practical": "/institution/practical/",
        "institution-practical-plan": "/institution/practical/{practical_exam}/",
        "institution-practical-sheet": "/institution/practical/people/{worker}/",
        "institution-scores": "/institution/scores/",
        "institution-score": "/institution/scores/{reported}/",
        "institution-score-items": "/institution/scores/{reported}/questions/",
        "institution-score-alike": "/institution/scores/{reported}/likeness/",
        "institution-appeals": "/institution/appeals/",
    },
    "province": {
        "province-home": "/authority/",
        "province-assessments": "/authority/assessments/",
        "province-assessment": "/authority/assessments/{waiting_exam}/",
        "province-scores": "/authority/scores/",
        "province-score": "/authority/scores/{reported}/",
        "province-bank": "/authority/bank/",
        "province-bank-questions": "/authority/bank/{bank}/",
        "province-bank-question": "/authority/bank/questions/{question}/",
        "province-bank-new": "/authority/bank/{bank}/new/",
        "province-bank-change": "/authority/bank/questions/{question}/change/",
        "province-bank-import": "/authority/bank/{bank}/import/",
        "province-bank-blueprint": "/authority/bank/{bank}/blueprint/edit/",
        "province-bank-chapters": "/authority/bank/{bank}/chapters/",
        "province-bank-reviews": "/authority/bank/reviews/",
    },
    "exam": {
        "exam-paper": "/exam/",
    },
    "authority": {
        "authority-home": "/authority/",
        "authority-organizations": "/authority/organizations/",
        "authority-organization": "/authority/organizations/{waiting_organization}/",
        "authority-changes": "/authority/changes/",
        "authority-institutions": "/authority/institutions/",
        "authority-blacklist": "/authority/blacklist/",
        "authority-catalog": "/authority/catalog/",
        "authority-notices": "/authority/notices/",
        "authority-plans": "/authority/plans/",
    },
    "learner": {
        "learner-home": "/learner/",
        "learner-messages": "/learner/messages/",
        "learner-me": "/learner/me/",
        "learner-exams": "/learner/exams/",
        "learner-practices": "/learner/exams/practice/",
    },
}


def used_pictures() -> set[str]:
    """File names of the pictures that the README and the manuals show."""
    texts = [ROOT / "README.md", *(ROOT / "docs" / "manuals").glob("*.md")]
    return {
        name for text in texts if text.exists() for name in re.findall(r"img/([\w-]+\.png)", text.read_text())
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def platform() -> Iterator[str]:
    """A web process on a database of its own with the demonstration world; yields its address."""
    sys.path.insert(0, str(ROOT / "src"))
    from foundation.database import EmbeddedPostgres

    with tempfile.TemporaryDirectory() as var, EmbeddedPostgres(throwaway=True) as server:
        os.environ |= {
            "DATABASE_URL": server.url,
            "ZHUPEI_VAR": var,
            "DJANGO_SETTINGS_MODULE": "zhupei.config.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("demo", stdout=sys.stderr)
        port = free_port()
        from zhupei.config.serve import web_command

        web = subprocess.Popen(web_command("127.0.0.1", port, 1))
        try:
            address = f"http://127.0.0.1:{port}"
            await_answer(address + "/healthz")
            yield address
        finally:
            web.terminate()
            web.wait()


def await_answer(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def exam_placeholders() -> dict[str, Any]:
    """The exams of the demonstration: one going on, one waiting, one with a practical part, one reported."""
    from zhupei.assessment.models import AssessmentPlan, Candidate, ExamRoom
    from zhupei.exam.bank.models import Question
    from zhupei.exam.scores.models import ScoreReport

    plans = AssessmentPlan.objects.order_by("pk")
    running = plans.filter(stage="running").first()
    practical = plans.filter(has_practical=True).first()
    room = ExamRoom.objects.filter(session__plan=running).order_by("number").first()
    question = Question.objects.exclude(current=None).order_by("pk").first()
    level = f"-{question.level_id}" if question.level_id else ""
    return {
        "running_exam": running.pk,
        "waiting_exam": plans.filter(stage="not_reviewed").first().pk,
        "practical_exam": practical.pk,
        "exam_room": room.pk,
        "sitter": Candidate.objects.filter(exam_room=room).order_by("seat_number").first().pk,
        "worker": Candidate.objects.filter(plan=practical).order_by("seat_number").first().pk,
        "reported": ScoreReport.objects.filter(review__state="submitted").first().pk,
        "question": question.pk,
        "bank": f"{question.occupation_id}{level}",
    }


def exam_cookie() -> str:
    """The cookie of a machine whose examinee is answering."""
    from zhupei.exam.hall import tokens
    from zhupei.exam.hall.models import Attempt

    return tokens.make(Attempt.objects.filter(state="in_progress").order_by("pk").first().entry_id)


def placeholders() -> dict[str, Any]:
    """Keys of the objects that the addresses name, all of the demonstration accounts."""
    from zhupei.billing.models import Order
    from zhupei.enrollment.models import Batch, Enrollment
    from zhupei.organizations.models import Institution, Organization
    from zhupei.training.models import PlanItem, TrainingPlan

    firm = Organization.objects.order_by("pk").first()
    school = Institution.objects.order_by("pk").first()
    plans = TrainingPlan.objects.filter(institution=school)
    waiting = Organization.objects.filter(
        supervisor__region__code="330100", review__state="submitted"
    ).first()
    return {
        "draft_batch": Batch.objects.filter(organization=firm, enrollments__state="draft").first().pk,
        "open_order": Order.objects.filter(organization=firm, state="open").first().pk,
        "paid_order": Order.objects.filter(institution=school, state="voucher_submitted").first().pk,
        "confirmed_order": Order.objects.filter(organization=firm, state="confirmed").first().pk,
        "enrolled": Enrollment.objects.filter(organization=firm, state="enrolled").first().pk,
        "submitted": Enrollment.objects.filter(institution=school, state="submitted")
        .order_by("submitted_at")
        .first()
        .pk,
        "waiting_organization": waiting.pk,
        "open_plan": plans.filter(stage="enrolling", form="open").first().pk,
        "open_item": PlanItem.objects.filter(plan__in=plans.filter(stage="enrolling", form="open"))
        .first()
        .pk,
        "taught_plan": plans.filter(stage="in_session").first().pk,
        **exam_placeholders(),
    }


def sessions() -> dict[str, str]:
    """Portal → session key of its first demonstration account."""
    import json

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from zhupei.accounts.models import User

    keys: dict[str, str] = {}
    for row in json.loads((Path(settings.VAR) / "demo-accounts.json").read_text()):
        portal = "province" if row["account"] == "zjjst" else row["portal"]
        if portal in keys or portal == "exam" or (portal == "authority" and row["account"] != "hzjw"):
            continue
        user = User.objects.of_account(row["portal"], row["account"])
        store = SessionStore()
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = "zhupei.accounts.backends.PortalBackend"
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.save()
        keys[portal] = store.session_key
    return keys


def shoot(address: str, folder: Path, wanted: set[str] | None, words: list[str]) -> list[str]:
    """Write the pictures; returns what went wrong (answers that are no page, errors of scripts)."""
    from playwright.sync_api import sync_playwright

    values, keys, faults = placeholders(), sessions(), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        for portal, pages in PAGES.items():
            for size, (width, height) in SIZES.items():
                context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
                if portal == "exam":
                    cookie = {"name": "zhupei_exam", "value": exam_cookie(), "url": address + "/exam/"}
                    context.add_cookies([cookie])
                elif portal:
                    context.add_cookies([{"name": "sessionid", "value": keys[portal], "url": address}])
                page = context.new_page()
                page.on("pageerror", lambda error: faults.append(str(error)))
                for name, path in pages.items():
                    file = f"{name}-{size}.png"
                    if (wanted is not None and file not in wanted) or (
                        words and not any(w in name for w in words)
                    ):
                        continue
                    answer = page.goto(address + path.format(**values), wait_until="networkidle")
                    if answer is None or answer.status != 200:
                        faults.append(f"{path}: {answer and answer.status}")
                    page.screenshot(path=folder / file, full_page=wanted is None)
                context.close()
        browser.close()
    return faults


def chromium() -> str:
    import shutil

    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("Chromium is needed; on Debian: apt-get install chromium fonts-noto-cjk")


def compress(folder: Path) -> None:
    """Palette PNGs: a fifth of the size, the same to the eye."""
    from PIL import Image

    for file in folder.glob("*.png"):
        with Image.open(file) as image:
            small = image.convert("RGB").quantize(128, dither=Image.Dither.NONE)
        small.save(file, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", metavar="FOLDER", type=Path)
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    folder, wanted = (options.all, None) if options.all else (IMAGES, used_pictures())
    folder.mkdir(parents=True, exist_ok=True)
    with platform() as address:
        faults = shoot(address, folder, wanted, options.words)
    if wanted is not None:
        for file in folder.glob("*.png"):
            if file.name not in wanted:
                file.unlink()
        compress(folder)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
