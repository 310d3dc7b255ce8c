"""Enrollments, the batches they came in, their roster imports and their materials."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.crypto import BlindIndexField, EncryptedJSONField, EncryptedTextField
from foundation.files.models import Document, private_storage
from foundation.jobs.models import Job
from foundation.scoping import Scope, ScopedQuerySet, Sees
from zhupei.catalog.models import Delivery, Offer, OfTrade, Programme
from zhupei.organizations.models import Institution, Organization
from zhupei.people.models import Gender, Person


class EnrollmentState(models.TextChoices):
    """报名状态: the words of states.md, the same on every screen (QRY-03)."""

    DRAFT = "draft", "未提交"
    SUBMITTED = "submitted", "待资格审核"
    RETURNED = "returned", "退回修改"
    ELIGIBLE = "eligible", "资格审核通过"
    INELIGIBLE = "ineligible", "不通过"
    ORDERED = "ordered", "待缴费"
    PAID = "paid", "待缴费确认"
    ENROLLED = "enrolled", "已报名"
    IN_TRAINING = "in_training", "培训中"
    TRAINED = "trained", "培训完成"
    ABSENT = "absent", "缺勤"
    IN_ASSESSMENT = "in_assessment", "考核中"
    PASSED = "passed", "合格"
    FAILED = "failed", "不合格"
    MISSED = "missed", "缺考"
    CERTIFIED = "certified", "已发证"
    WITHDRAWN = "withdrawn", "已撤回"
    REFUNDED = "refunded", "已退费"


FINISHED_STATES = [
    EnrollmentState.INELIGIBLE,
    EnrollmentState.FAILED,
    EnrollmentState.MISSED,
    EnrollmentState.CERTIFIED,
    EnrollmentState.WITHDRAWN,
    EnrollmentState.REFUNDED,
]
NOT_YET_SUBMITTED = [EnrollmentState.DRAFT, EnrollmentState.RETURNED]


# Nobody else has business with what has not been handed in yet, nor with what was taken back before.
HANDED_IN = ~(Q(state=EnrollmentState.DRAFT) | Q(state=EnrollmentState.WITHDRAWN, submitted_at=None))
# Of batches and enrollments: the authorities above either side.
SUPERVISORS = ("organization__supervisor", "institution__supervisor")


class Education(models.TextChoices):
    GRADUATE = "graduate", "研究生"
    BACHELOR = "bachelor", "本科"
    COLLEGE = "college", "大专"
    SECONDARY = "secondary", "中专"
    HIGH_SCHOOL = "high_school", "高中"
    MIDDLE_SCHOOL = "middle_school", "初中"


class MaterialKind(models.TextChoices):
    """The six images of a person (MAT-01); the labels are the words in the file names."""

    PORTRAIT = "portrait", "头像"
    ID_FRONT = "id_front", "身份证正面"
    ID_BACK = "id_back", "身份证反面"
    EDUCATION = "education", "学历证书"
    APPLICATION_FORM = "application_form", "报名表"
    WORK_YEARS = "work_years", "工作年限证明"


# What an enrollment has from its batch.
_OF_BATCH = (
    *("organization_id", "institution_id", "offer_id", "programme_id", "occupation_id", "level_id"),
    "delivery",
)


class Batch(OfTrade):
    """One confirmed roster: one organization, one institution, one trade, one mode (ENR-01)."""

    number = models.CharField("批次号", max_length=20, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="batches")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="batches")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    delivery = models.CharField("培训方式", max_length=10, choices=Delivery)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("提交时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(enterprise="organization", institution="institution", authority=SUPERVISORS)

    class Meta:
        verbose_name = verbose_name_plural = "报名批次"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.trade} · {self.get_delivery_display()}"

    def enrollment(self, **values: Any) -> Enrollment:
        """Somebody's enrollment in the batch, not saved yet: for what the batch is for."""
        return Enrollment(batch=self, **{name: getattr(self, name) for name in _OF_BATCH}, **values)


class ImportState(models.TextChoices):
    OPEN = "open", "待确认"
    CONFIRMED = "confirmed", "已导入"
    DISCARDED = "discarded", "已放弃"


class RosterImport(models.Model):
    """A roster that was uploaded but not yet confirmed: nothing is enrolled before that (ENR-03, ENR-05).

    `rows` is a list of {"row": spreadsheet row number, "cells": {column: text as typed}, "fixed": [columns corrected
    on the screen]}; personal data, therefore sealed. `header_row` is where the headings stood, `passed_over` names
    further sheets of the file that hold people, too.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="roster_imports")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField("文件名", max_length=200)
    rows = EncryptedJSONField("名单")
    row_count = models.PositiveIntegerField("行数", default=0)
    header_row = models.PositiveIntegerField("表头行", default=1)
    passed_over = models.JSONField("未读取的工作表", default=list, blank=True)
    state = models.CharField("状态", max_length=10, choices=ImportState, default=ImportState.OPEN)
    batch = models.OneToOneField(
        Batch, null=True, blank=True, on_delete=models.PROTECT, related_name="roster_import"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(enterprise="organization")

    class Meta:
        verbose_name = verbose_name_plural = "名单导入"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name


class EnrollmentQuerySet(ScopedQuerySet["Enrollment"]):
    def unfinished(self) -> EnrollmentQuerySet:
        return self.exclude(state__in=FINISHED_STATES)


class Enrollment(OfTrade):
    """One person's way to one certificate. `state` is moved only by the machine in zhupei.enrollment.machine."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="enrollments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrollments")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="enrollments")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="enrollments")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    delivery = models.CharField("培训方式", max_length=10, choices=Delivery)
    state = models.CharField(
        "报名状态", max_length=16, choices=EnrollmentState, default=EnrollmentState.DRAFT
    )
    # As on the roster and the paper form, at the time of enrolling:
    name = models.CharField("姓名", max_length=60)
    id_number = EncryptedTextField("身份证号")
    id_number_index = BlindIndexField(source="id_number", db_index=True)
    gender = models.CharField("性别", max_length=6, choices=Gender)
    birth_date = models.DateField("出生日期")
    phone = EncryptedTextField("手机号")
    phone_index = BlindIndexField(source="phone", db_index=True)
    education = models.CharField("学历", max_length=16, choices=Education)
    work_unit = models.CharField("工作单位", max_length=120)
    major = models.CharField("所学专业", max_length=60, blank=True)
    graduated_on = models.CharField("毕业时间", max_length=20, blank=True)
    practice_years = models.DecimalField(
        "岗位工作年限", max_digits=4, decimal_places=1, null=True, blank=True
    )
    practice_periods = models.JSONField("工作经历", default=list, blank=True)
    email = models.EmailField("邮箱", blank=True)
    address = models.CharField("通讯地址", max_length=200, blank=True)
    # What a training plan charges, where one was enrolled into; otherwise the offer's fee standard counts.
    agreed_fee = models.DecimalField("计划收费", max_digits=9, decimal_places=2, null=True, blank=True)
    # The last decision, for lists; the full record is the transition log.
    reasons = models.JSONField("逐项原因", default=dict, blank=True)
    remark = models.CharField("备注", max_length=500, blank=True)
    submitted_at = models.DateTimeField("提交审核时间", null=True, blank=True)
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    created_at = models.DateTimeField("报名时间", auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EnrollmentQuerySet.as_manager()
    seen_by = Scope(
        enterprise="organization",
        institution=Sees("institution", when=HANDED_IN),
        authority=Sees(*SUPERVISORS, when=HANDED_IN),
        learner="person__user",
    )

    class Meta:
        verbose_name = verbose_name_plural = "报名"
        ordering = ["-created_at", "pk"]
        indexes = [
            models.Index(fields=["organization", "state", "-created_at"], name="enrollment_of_organization"),
            models.Index(fields=["institution", "state", "submitted_at"], name="enrollment_worklist"),
            models.Index(fields=["batch", "state"], name="enrollment_of_batch"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "occupation", "level"],
                condition=~Q(state__in=FINISHED_STATES),
                nulls_distinct=False,
                name="enrolled_once_an_occupation",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def fee(self) -> Decimal:
        """What the training costs now, in yuan."""
        return self.offer.fee if self.agreed_fee is None else self.agreed_fee


class Material(models.Model):
    """The present image of one kind for one enrollment; uploading again replaces it."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="materials")
    kind = models.CharField("资料", max_length=20, choices=MaterialKind)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    note = models.CharField("说明", max_length=200, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "报名资料"
        constraints = [models.UniqueConstraint(fields=["enrollment", "kind"], name="one_material_a_kind")]


class ArchiveUpload(models.Model):
    """One ZIP of materials for a batch, judged in the background (MAT-02).

    The file is removed once it has been judged; `result` stays: {"matched": n, "problems": [{entry, code, message}],
    "notes": [{entry, message}]}. File names hold ID numbers, therefore it is sealed.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="archives")
    file = models.FileField("压缩包", storage=private_storage, upload_to="archives/%Y%m", max_length=200)
    file_name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("大小（字节）")
    job = models.OneToOneField(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    result = EncryptedJSONField("结果", null=True, blank=True)
    finished_at = models.DateTimeField("处理完成时间", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(enterprise="batch__organization")

    class Meta:
        verbose_name = verbose_name_plural = "资料压缩包"
        ordering = ["-created_at"]
