"""`zhupei release_account PORTAL ACCOUNT`: lift the lockout and the second step of an account."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from foundation.scoping import SYSTEM
from zhupei.accounts.models import User
from zhupei.accounts.services import release_account


class Command(BaseCommand):
    help = "解除一个账号的登录暂停和两步验证（手机和备用码都丢失时用）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("portal", help="入口：enterprise、institution、authority、learner")
        parser.add_argument("account", help="账号")

    def handle(self, *args: Any, portal: str, account: str, **options: Any) -> None:
        user = User.objects.of_account(portal, account)
        if user is None:
            raise CommandError("没有这个账号。")
        with transaction.atomic():
            release_account(SYSTEM, user)
        self.stdout.write("已解除登录暂停和两步验证，请用原密码登录后重新启用。")
