"""What people do with organizations, institutions, the blacklist and notices; one function, one act."""

from zhupei.organizations.data import ChangeData, ContactData, InstitutionData, RegistrationData
from zhupei.organizations.services.bars import bar_body, lift_body_bar
from zhupei.organizations.services.changes import request_change, withdraw_change
from zhupei.organizations.services.contacts import update_contact
from zhupei.organizations.services.documents import upload_paper
from zhupei.organizations.services.facilities import (
    RoomData,
    TeacherData,
    add_room,
    add_teacher,
    remove_room,
    set_room_active,
    set_teacher_active,
    update_room,
    update_teacher,
    upload_file_paper,
)
from zhupei.organizations.services.filing import submit_institution_file, withdraw_institution_file
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
from zhupei.organizations.services.supervision import supervisor_for

__all__ = [
    "ChangeData",
    "ContactData",
    "InstitutionData",
    "RegistrationData",
    "RoomData",
    "TeacherData",
    "add_room",
    "add_teacher",
    "bar_body",
    "correct_registration",
    "create_institution",
    "edit_notice",
    "lift_body_bar",
    "publish_notice",
    "register_organization",
    "remove_room",
    "request_change",
    "reset_institution_password",
    "set_institution_active",
    "set_room_active",
    "set_teacher_active",
    "submit_institution_file",
    "supervisor_for",
    "update_contact",
    "update_institution",
    "update_room",
    "update_teacher",
    "upload_file_paper",
    "upload_paper",
    "withdraw_change",
    "withdraw_institution_file",
    "withdraw_notice",
    "withdraw_registration",
    "write_notice",
]
