"""Orders, what they charge for, and the vouchers of their payment."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from foundation.crypto import EncryptedTextField
from foundation.files.models import Document
from foundation.scoping import Follows, Scope, ScopedQuerySet
from zhupei.enrollment.models import Enrollment
from zhupei.organizations.models import Institution, Organization


class OrderState(models.TextChoices):
    OPEN = "open", "待缴费"
    VOUCHER_SUBMITTED = "voucher_submitted", "待确认"
    VOUCHER_REJECTED = "voucher_rejected", "凭证退回"
    CONFIRMED = "confirmed", "已确认"
    CANCELED = "cancelled", "已取消"
    REFUNDED = "refunded", "已退费"


# The payer's turn: pay, and upload a voucher.
UNPAID = (OrderState.OPEN, OrderState.VOUCHER_REJECTED)


class Order(models.Model):
    """Approved, unpaid enrollments of one organization at one institution (BIL-01). Money in yuan."""

    number = models.CharField("订单号", max_length=20, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="orders")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField("订单状态", max_length=20, choices=OrderState, default=OrderState.OPEN)
    head_count = models.PositiveIntegerField("人数")
    total = models.DecimalField("金额", max_digits=12, decimal_places=2)
    # The account as it was shown when the order was made; a later change must not confuse a payer.
    account_name = models.CharField("户名", max_length=100)
    account_number = models.CharField("账号", max_length=40)
    account_bank = models.CharField("开户行", max_length=100)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("下单时间", auto_now_add=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    # Made by the page that orders, so that a form sent twice makes one order.
    request_key = models.UUIDField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(
        enterprise="organization",
        institution="institution",
        authority=("organization__supervisor", "institution__supervisor"),
    )

    class Meta:
        verbose_name = verbose_name_plural = "订单"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["institution", "state", "-created_at"], name="order_of_institution"),
            models.Index(fields=["organization", "state", "-created_at"], name="order_of_organization"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organization", "request_key"], name="one_order_a_request")
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One person's fee in one order; `is_live` falls when the order is canceled."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="order_lines")
    fee = models.DecimalField("收费", max_digits=9, decimal_places=2)
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"], condition=models.Q(is_live=True), name="one_live_order_an_enrollment"
            )
        ]


class Voucher(models.Model):
    """汇款凭证: what the organization says it paid; kept also when it was rejected and replaced."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="vouchers")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    payer_name = models.CharField("付款单位", max_length=120)
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    paid_on = models.DateField("汇款日期")
    invoice_title = models.CharField("开票抬头", max_length=120, blank=True)
    remarks = models.TextField("情况说明", blank=True)
    rejected_reason = models.CharField("退回原因", max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("提交时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(everybody=Follows("order"))

    class Meta:
        verbose_name = verbose_name_plural = "汇款凭证"
        ordering = ["-created_at", "-pk"]


class InvoiceState(models.TextChoices):
    REQUESTED = "requested", "待开票"
    ISSUED = "issued", "已开票"
    WITHDRAWN = "withdrawn", "已撤回"


class Invoice(models.Model):
    """The invoice of one confirmed order; buyer is the payer."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice")
    state = models.CharField("开票状态", max_length=12, choices=InvoiceState, default=InvoiceState.REQUESTED)
    title = models.CharField("发票抬头", max_length=120)
    tax_number = models.CharField("纳税人识别号", max_length=18)
    phone = EncryptedTextField("接收手机")
    remark = models.CharField("备注", max_length=200, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField("申请时间")
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(everybody=Follows("order"))

    class Meta:
        verbose_name = verbose_name_plural = "发票"
        ordering = ["-requested_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.title} {self.get_state_display()}"


class InvoiceFile(models.Model):
    """One handed-over file; the newest is the valid one, earlier ones are kept."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="files")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    number = models.CharField("发票号码", max_length=20)
    issued_on = models.DateField("开票日期")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
