"""`zhupei exam_hall`: an exam that is ready to be sat, as one JSON document; for rehearsals and load tests."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from zhupei.demo.exam_hall import open_hall


class Command(BaseCommand):
    help = "开设一场可以直接参加的演练考试，列出准考证号"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=3, help="人数")
        parser.add_argument("--minutes", type=int, default=120, help="考试时长（分钟）")
        parser.add_argument("--in-seconds", type=int, default=-60, help="多少秒后开考，负数为已开考")
        parser.add_argument("--occupations", type=int, default=1, help="岗位（工种）数")
        parser.add_argument("--earliest-submission", type=int, default=30, help="最早交卷（分钟）")
        parser.add_argument("--late", type=int, default=30, help="迟到不得入场（分钟）")
        parser.add_argument(
            "--admission", choices=["waived", "invigilator"], default="waived", help="入场方式"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不能开设演练考试。")
        hall = open_hall(
            options["people"],
            starts_at=timezone.now() + dt.timedelta(seconds=options["in_seconds"]),
            minutes=options["minutes"],
            admission=options["admission"],
            occupations=options["occupations"],
            earliest_submission=options["earliest_submission"],
            late=options["late"],
        )
        self.stdout.write(json.dumps(hall.as_json(), ensure_ascii=False))
