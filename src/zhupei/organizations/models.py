"""Authorities, applicant organizations, training institutions, and who works for them."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.crypto import BlindIndexField, EncryptedTextField
from foundation.files.models import Document
from foundation.review.models import HANDED_IN, Review, Reviewed, ReviewedQuerySet, ReviewState
from foundation.scoping import NOTHING, Actor, Rule, Scope, ScopedQuerySet, Sees
from zhupei.regions.models import Region, RegionLevel


class AuthorityQuerySet(ScopedQuerySet["Authority"]):
    def provincial(self) -> AuthorityQuerySet:
        return self.filter(region__level=RegionLevel.PROVINCE)


class Authority(models.Model):
    """A housing and construction department; it supervises one region."""

    name = models.CharField("名称", max_length=100)
    region = models.OneToOneField(Region, verbose_name="地区", on_delete=models.PROTECT)
    contact_phone = models.CharField("咨询电话", max_length=30, blank=True)

    objects = AuthorityQuerySet.as_manager()
    seen_by = Scope(authority="pk")

    class Meta:
        verbose_name = verbose_name_plural = "主管部门"

    def __str__(self) -> str:
        return self.name

    @property
    def is_provincial(self) -> bool:
        return self.region.level == RegionLevel.PROVINCE

    @property
    def sees_all(self) -> bool:
        """The province sees all, a city its own (SEC-01): the scopes of all models ask this."""
        return self.is_provincial


class OrganizationKind(models.TextChoices):
    ENTERPRISE = "enterprise", "企业"
    BRANCH = "branch", "分公司"
    SCHOOL = "school", "学校"


class Organization(Reviewed):
    """An applicant organization. Its supervisor follows from region and affiliation (ORG-08)."""

    kind = models.CharField(
        "单位类型", max_length=12, choices=OrganizationKind, default=OrganizationKind.ENTERPRISE
    )
    name = models.CharField("单位名称", max_length=120)
    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True)
    legal_representative = models.CharField("法定代表人", max_length=60, blank=True)
    address = models.CharField("地址", max_length=200)
    scope = models.TextField("经营范围", blank=True)
    region = models.ForeignKey(Region, verbose_name="所属地区", on_delete=models.PROTECT)
    is_provincial = models.BooleanField("省属单位", default=False)
    supervisor = models.ForeignKey(
        Authority, verbose_name="主管部门", on_delete=models.PROTECT, related_name="organizations"
    )
    contact_name = models.CharField("联系人", max_length=60)
    contact_phone = EncryptedTextField("联系人手机")
    contact_phone_index = BlindIndexField(source="contact_phone", db_index=True)
    office_phone = models.CharField("办公电话", max_length=30, blank=True)
    responsible_name = models.CharField("负责人", max_length=60)
    responsible_phone = EncryptedTextField("负责人手机")
    responsible_phone_index = BlindIndexField(source="responsible_phone", db_index=True)
    created_at = models.DateTimeField("注册时间", auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReviewedQuerySet.as_manager()
    # An institution sees who enrolls with it; enrollment adds the relation `batches`.
    seen_by = Scope(enterprise="pk", authority="supervisor", institution="batches__institution")

    class Meta:
        verbose_name = verbose_name_plural = "报名单位"

    def __str__(self) -> str:
        return self.name

    @property
    def is_approved(self) -> bool:
        return self.review.state == ReviewState.APPROVED

    @property
    def key(self) -> str:
        return f"enterprise:{self.pk}"


class Slot(models.TextChoices):
    """What is uploaded at registration, by its recognized file name (ORG-03)."""

    LICENSE = "yyzz", "营业执照"
    LETTER = "cns", "企业承诺书"
    QUALIFICATION = "zzzs", "资质证书"


class OrganizationDocument(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="documents")
    slot = models.CharField("材料", max_length=10, choices=Slot)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "slot"], name="one_document_a_slot")]


class OrganizationChange(Reviewed):
    """A change of name, code, region or affiliation under review; the old values stay in force (ORG-11)."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="changes")
    name = models.CharField("单位名称", max_length=120)
    uscc = models.CharField("统一社会信用代码", max_length=18)
    region = models.ForeignKey(Region, verbose_name="所属地区", on_delete=models.PROTECT)
    is_provincial = models.BooleanField("省属单位", default=False)
    supervisor = models.ForeignKey(
        Authority, verbose_name="主管部门", on_delete=models.PROTECT, related_name="+"
    )
    license = models.ForeignKey(
        Document, verbose_name="营业执照", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    letter = models.ForeignKey(
        Document, verbose_name="企业承诺书", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    what = models.CharField("变更项目", max_length=60, blank=True)
    reason = models.CharField("变更原因", max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReviewedQuerySet.as_manager()
    # An authority what it decides and what its firms apply for.
    seen_by = Scope(
        enterprise="organization",
        authority=Sees("review__reviewer_key", "organization__supervisor", when=HANDED_IN),
    )

    class Meta:
        verbose_name = verbose_name_plural = "单位信息变更"

    def __str__(self) -> str:
        return f"{self.organization}信息变更"


OPEN_INSTITUTION = Q(is_active=True)


def on_offer(actor: Actor) -> Q:
    """Condition on institutions for an organization (ORG-09): a city's own and the provincial ones; the province's only these."""
    if not isinstance(actor.body, Organization):
        return NOTHING
    provincial = Q(supervisor__region__level=RegionLevel.PROVINCE)
    near = Q() if actor.body.supervisor.is_provincial else Q(supervisor=actor.body.supervisor_id)
    return OPEN_INSTITUTION & (provincial | near)


class Institution(models.Model):
    """A training institution, created by an authority (ORG-12)."""

    name = models.CharField("机构名称", max_length=100, unique=True)
    short_name = models.CharField("简称", max_length=5, unique=True, validators=[MaxLengthValidator(5)])
    supervisor = models.ForeignKey(
        Authority, verbose_name="主管部门", on_delete=models.PROTECT, related_name="institutions"
    )
    region = models.ForeignKey(Region, verbose_name="所在地区", on_delete=models.PROTECT)
    address = models.CharField("地址", max_length=200)
    contact_name = models.CharField("联系人", max_length=60, blank=True)
    contact_phone = models.CharField("咨询电话", max_length=30, blank=True)
    introduction = models.TextField("机构介绍", blank=True)
    strengths = models.CharField("培训特色", max_length=200, blank=True)
    account_name = models.CharField("户名", max_length=100)
    account_number = models.CharField("账号", max_length=40)
    account_bank = models.CharField("开户行", max_length=100)
    is_active = models.BooleanField("营业", default=True)
    review = models.OneToOneField(
        Review, verbose_name="备案审核", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReviewedQuerySet.as_manager()
    seen_by = Scope(
        institution="pk",
        authority="supervisor",
        enterprise=Rule(on_offer),
        visitor=Rule(lambda actor: OPEN_INSTITUTION),  # the public list
    )

    class Meta:
        verbose_name = verbose_name_plural = "培训机构"
        ordering = ["supervisor__region__code", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_provincial(self) -> bool:
        return self.supervisor.is_provincial

    @property
    def is_filed(self) -> bool:
        """Whether the file (备案) is approved; without a review it is none of the ones that have to be."""
        return self.review is None or self.review.state == ReviewState.APPROVED

    @property
    def key(self) -> str:
        return f"institution:{self.pk}"


class FileSlot(models.TextChoices):
    """The papers of an institution's file (ORG-12)."""

    LICENSE = "license", "营业执照"
    LETTER = "letter", "承诺书"


class InstitutionDocument(models.Model):
    """One paper of an institution's file."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="documents")
    slot = models.CharField("材料", max_length=10, choices=FileSlot)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "机构备案材料"
        constraints = [
            models.UniqueConstraint(fields=["institution", "slot"], name="one_document_a_file_slot")
        ]


class TestSite(models.Model):
    """A place where an institution trains or tests."""

    __test__ = False  # the name is the field's own; pytest must not take it for a test

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField("名称", max_length=100)
    address = models.CharField("地址", max_length=200)
    seats = models.PositiveIntegerField("机位数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "测试地点"

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """A room of a site: for teaching, or with computers for testing (机房)."""

    site = models.ForeignKey(TestSite, verbose_name="地点", on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField("名称", max_length=60)
    seats = models.PositiveIntegerField("座位数")
    has_computers = models.BooleanField("机房", default=False)
    is_active = models.BooleanField("启用", default=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(institution="site__institution", authority="site__institution__supervisor")

    class Meta:
        verbose_name = verbose_name_plural = "教室"
        ordering = ["site", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="room_name_once_a_site")]

    def __str__(self) -> str:
        return f"{self.site}{self.name}"


class TeacherKind(models.TextChoices):
    OWN = "own", "本机构"
    EXTERNAL = "external", "外聘"


class Teacher(models.Model):
    """师资 of an institution; external ones (外聘师资) are recorded separately (ORG-12)."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="teachers")
    kind = models.CharField("类别", max_length=10, choices=TeacherKind, default=TeacherKind.OWN)
    name = models.CharField("姓名", max_length=60)
    id_number = EncryptedTextField("身份证号")
    id_number_index = BlindIndexField(source="id_number", db_index=True)
    title = models.CharField("职称", max_length=40, blank=True)
    subject = models.CharField("任教科目", max_length=100)
    certificate = models.CharField("证书", max_length=100, blank=True)
    employer = models.CharField("所在单位", max_length=120, blank=True, help_text="外聘师资填写")
    is_active = models.BooleanField("在岗", default=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(institution="institution", authority="institution__supervisor")

    class Meta:
        verbose_name = verbose_name_plural = "师资"
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "id_number_index"], name="teacher_once_an_institution"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（外聘）" if self.kind == TeacherKind.EXTERNAL else self.name


class Role(models.TextChoices):
    """What a member does for its body; `organizations.roles` says what each may."""

    OWNER = "owner", "管理员"
    CLERK = "clerk", "经办"
    FINANCE = "finance", "财务"
    EXAMINER = "examiner", "监考考评"
    ACCEPTOR = "acceptor", "受理"
    REVIEWER = "reviewer", "审核"
    ISSUER = "issuer", "发证"


class Membership(models.Model):
    """Which body a user acts for; exactly one."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="membership")
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    institution = models.ForeignKey(
        Institution, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    authority = models.ForeignKey(
        Authority, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField("角色", max_length=12, choices=Role, default=Role.OWNER)

    class Meta:
        verbose_name = verbose_name_plural = "单位成员"
        constraints = [
            models.CheckConstraint(
                name="membership_of_one_body",
                condition=Q(organization__isnull=False, institution=None, authority=None)
                | Q(organization=None, institution__isnull=False, authority=None)
                | Q(organization=None, institution=None, authority__isnull=False),
            )
        ]


class Bar(models.Model):
    """What every entry of the black list says (黑名单, ORG-15)."""

    authority = models.ForeignKey(
        Authority, verbose_name="列入部门", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("原因", max_length=300)
    starts_on = models.DateField("起始日期", default=timezone.localdate)
    ends_on = models.DateField("截止日期", null=True, blank=True)
    lifted_at = models.DateTimeField("解除时间", null=True, blank=True)
    lifted_reason = models.CharField("解除原因", max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("列入时间", auto_now_add=True)

    seen_by = Scope(authority="authority")

    class Meta:
        abstract = True

    @property
    def in_words(self) -> str:
        """Behind the name of whoever it stops: who barred, why, until when."""
        until = f"至 {self.ends_on}" if self.ends_on else "未定解除日期"
        return f"已被{self.authority}列入黑名单（{self.reason}，{until}）"


class BarQuerySet(ScopedQuerySet["BodyBar"]):
    def in_force(self) -> BarQuerySet:
        """Bars that hold today."""
        today = timezone.localdate()
        return self.filter(starts_on__lte=today, lifted_at=None).filter(
            Q(ends_on=None) | Q(ends_on__gte=today)
        )

    def of(self, body: Organization | Institution) -> BarQuerySet:
        """Bars of one organization or institution."""
        if isinstance(body, Organization):
            return self.filter(organization=body)
        return self.filter(institution=body)


class BodyBar(Bar):
    """An organization or institution barred from business by an authority (ORG-15)."""

    organization = models.ForeignKey(
        Organization,
        verbose_name="报名单位",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="bars",
    )
    institution = models.ForeignKey(
        Institution,
        verbose_name="培训机构",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="bars",
    )

    objects = BarQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位黑名单"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="bar_of_one_body",
                condition=Q(organization__isnull=False, institution=None)
                | Q(organization=None, institution__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.body)

    @property
    def body(self) -> Organization | Institution | None:
        """Who is barred."""
        return self.organization or self.institution

    @property
    def kind_label(self) -> str:
        """企业, 分公司, 学校 or 培训机构."""
        return str(self.organization.get_kind_display()) if self.organization else "培训机构"


class NoticeState(models.TextChoices):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤下"


PUBLISHED = Q(state=NoticeState.PUBLISHED)


class NoticeQuerySet(ScopedQuerySet["Notice"]):
    def published(self) -> NoticeQuerySet:
        """What everybody may read, newest first."""
        return self.filter(PUBLISHED).order_by("-published_at", "-pk")


class Notice(models.Model):
    """An announcement (通知公告) of an authority; plain text, paragraphs divided by line ends."""

    authority = models.ForeignKey(
        Authority, verbose_name="发布部门", on_delete=models.PROTECT, related_name="notices"
    )
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    state = models.CharField("状态", max_length=10, choices=NoticeState, default=NoticeState.DRAFT)
    published_at = models.DateTimeField("发布时间", null=True, blank=True, db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    updated_at = models.DateTimeField("修改时间", auto_now=True)

    objects = NoticeQuerySet.as_manager()
    seen_by = Scope(authority="authority", everybody=Rule(lambda actor: PUBLISHED))

    class Meta:
        verbose_name = verbose_name_plural = "通知公告"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title
