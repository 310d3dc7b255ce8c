"""`zhupei open_authority REGION ACCOUNT --name NAME --phone PHONE`: the first account of a department, who opens all others."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.errors import DomainError
from foundation.scoping import Actor
from zhupei.organizations.models import Authority, Role
from zhupei.organizations.services import staff


class Command(BaseCommand):
    help = "开设一个主管部门的管理员账号，打印初始密码（首次登录须修改）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("region", help="行政区划代码：330000 为省，330100 为杭州市")
        parser.add_argument("account", help="登录账号，4 位以上的字母或数字")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--phone", required=True, help="手机号，找回密码用")

    def handle(self, *args: Any, region: str, account: str, name: str, phone: str, **options: Any) -> None:
        body = Authority.objects.select_related("region").filter(region__code=region).first()
        if body is None:
            raise CommandError("没有这个地区的主管部门，请核对行政区划代码。")
        actor = Actor(portal="authority", body=body, roles=frozenset({Role.OWNER.value}))
        password = secrets.token_urlsafe(12)
        try:
            user = staff.add_staff(actor, staff.StaffData(name, account, phone, Role.OWNER.value, password))
        except DomainError as refusal:
            raise CommandError("".join(refusal.items.values()) or refusal.message) from None
        self.stdout.write(f"{body}：账号 {user.account}，初始密码 {password}，首次登录须修改。")
