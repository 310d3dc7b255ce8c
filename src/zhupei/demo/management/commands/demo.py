"""`zhupei demo`: load the demonstration world into an empty platform and list its accounts."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from zhupei.accounts.models import Portal
from zhupei.catalog.models import Occupation
from zhupei.demo.build import build
from zhupei.demo.collector import Account
from zhupei.organizations.models import Organization

EXAM = "exam"


class Command(BaseCommand):
    help = "装入演示数据（仅当平台还没有任何单位时），列出演示账号"

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不能装入演示数据。")
        remembered = Path(settings.VAR) / "demo-accounts.json"
        if Organization.objects.exists():
            if not remembered.exists():
                self.stdout.write("平台里已有单位，没有装入演示数据。")
                return
            accounts = [Account(**row) for row in json.loads(remembered.read_text())]
        else:
            if not Occupation.objects.exists():
                raise CommandError("目录是空的，请先运行 zhupei migrate。")
            started = time.monotonic()
            accounts = build()
            remembered.write_text(json.dumps([vars(row) for row in accounts], ensure_ascii=False, indent=1))
            self.stderr.write(f"演示数据已装入，用时 {time.monotonic() - started:.1f} 秒。")
        self.stdout.write("演示账号（密码都是 " + accounts[0].password + "）：")
        for row in accounts:
            if row.portal != EXAM:
                portal = str(Portal(row.portal).label)
                self.stdout.write(f"  {portal:<4}  {row.account:<20}  {row.label}")
        sitters = [row for row in accounts if row.portal == EXAM]
        if sitters:
            self.stdout.write(
                "演示考试（/exam/，装入演示数据后两小时内；以后用 zhupei exam_hall 新开一场）："
            )
        for row in sitters:
            self.stdout.write(f"  准考证号 {row.account}  身份证号 {row.password}  {row.label}")
