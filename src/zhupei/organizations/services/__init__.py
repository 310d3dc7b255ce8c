"""What people do with organizations, institutions, the blacklist and notices; one function, one act."""

from zhupei.organizations.data import ChangeData, ContactData, InstitutionData, RegistrationData
from zhupei.organizations.services.bars import bar_body, lift_body_bar
from zhupei.organizations.services.changes import request_change, withdraw_change
from zhupei.organizations.services.contacts import update_contact
from zhupei.organizations.services.documents import upload_paper
from zhupei.organizations.services.institutions import (
    create_institution,
    reset_institution_password,
    set_institution_active,
    update_institution,
)
from zhupei.organizations.services.notices import (
    edit_notice,
    publish_notice,
    withdraw_notice,
    write_notice,
)
from zhupei.organizations.services.registration import (
    correct_registration,
    register_organization,
    withdraw_registration,
)
from zhupei.organizations.services.reviewing import accept_review, approve_review, reject_review
from zhupei.organizations.services.supervision import supervisor_for

__all__ = [
    "ChangeData",
    "ContactData",
    "InstitutionData",
    "RegistrationData",
    "accept_review",
    "approve_review",
    "bar_body",
    "correct_registration",
    "create_institution",
    "edit_notice",
    "lift_body_bar",
    "publish_notice",
    "register_organization",
    "reject_review",
    "request_change",
    "reset_institution_password",
    "set_institution_active",
    "supervisor_for",
    "update_contact",
    "update_institution",
    "upload_paper",
    "withdraw_change",
    "withdraw_notice",
    "withdraw_registration",
    "write_notice",
]
