"""What the builders share: accounts to print, users, documents and log rows written in bulk."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.utils import timezone

from foundation.files.models import Document
from foundation.workflow.models import TransitionLog
from zhupei.accounts.models import User
from zhupei.demo import plan
from zhupei.demo.invented import Inventor
from zhupei.organizations.models import Membership


@dataclass
class Account:
    """One demonstration account as printed at start."""

    portal: str
    label: str
    account: str
    password: str


@dataclass
class DemoWorld:
    """Collects rows and writes them kind by kind."""

    now: dt.datetime = field(default_factory=timezone.now)
    random: random.Random = field(default_factory=lambda: random.Random(plan.SEED))
    invent: Inventor = field(default_factory=lambda: Inventor(plan.SEED))
    accounts: list[Account] = field(default_factory=list)
    logs: list[TransitionLog] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    learner: User | None = None

    def __post_init__(self) -> None:
        self.password = make_password(plan.PASSWORD)
        self.serial = 0

    def ago(self, days: float, hours: float = 0) -> dt.datetime:
        """So many days and hours before now."""
        return self.now - dt.timedelta(days=days, hours=hours)

    def working_time(self, days: float) -> dt.datetime:
        """Some minute between 9 and 17 o'clock on a day at least a day ago."""
        day = timezone.localtime(self.ago(max(days, 1)))
        return day.replace(hour=self.random.randrange(9, 17), minute=self.random.randrange(60))

    # --- small tools
    def user(self, portal: str, account: str, name: str, body: Any, label: str = "") -> User:
        user = User.objects.create(
            portal=portal,
            account=account,
            name=name,
            phone=self.invent.person().phone,
            password=self.password,
        )
        field_name = {"enterprise": "organization", "institution": "institution", "authority": "authority"}[
            portal
        ]
        Membership.objects.create(user=user, role="owner", **{field_name: body})
        self.users[f"{portal}:{body.pk}"] = user
        if label:
            self.accounts.append(Account(portal, label, account, plan.PASSWORD))
        return user

    def staff(self, portal: str, account: str, name: str, body: Any, role: str, label: str) -> User:
        """A further member of a body, with a role of its own."""
        user = User.objects.create(
            portal=portal,
            account=account,
            name=name,
            phone=self.invent.person().phone,
            password=self.password,
        )
        Membership.objects.create(user=user, role=role, **{portal: body})
        self.accounts.append(Account(portal, label, account, plan.PASSWORD))
        return user

    def document(
        self, kind: str, owner_key: str, name: str, content: bytes, size: tuple[int, int]
    ) -> Document:
        key = uuid.UUID(int=self.random.getrandbits(128), version=4)
        row = Document(
            id=key,
            kind=kind,
            owner_key=owner_key,
            name=name,
            content_type="image/jpeg",
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            width=size[0],
            height=size[1],
        )
        row.file.save(name, ContentFile(content), save=False)
        self.documents.append(row)
        return row

    def flush_documents(self) -> None:
        Document.objects.bulk_create(self.documents, batch_size=1000)
        self.documents = []

    def log(
        self,
        machine: str,
        subject: Any,
        action: str,
        before: str,
        after: str,
        key: str,
        at: dt.datetime,
        **more: Any,
    ) -> None:
        user = self.users.get(key)
        body = more.pop("body", "系统")
        self.logs.append(
            TransitionLog(
                machine=machine,
                subject_type=subject._meta.label_lower,
                subject_id=subject.pk,
                action=action,
                from_state=before,
                to_state=after,
                user=user,
                actor_key=key,
                actor_label=f"{body} · {user}" if user else str(body),
                at=at,
                **more,
            )
        )

    def flush_logs(self) -> None:
        TransitionLog.objects.bulk_create(self.logs, batch_size=2000)
        self.logs = []
