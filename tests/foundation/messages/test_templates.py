"""Message templates are data (NTF-01)."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from foundation.messages import templates
from foundation.messages.models import MessageTemplate


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(templates, "_DEFAULTS", dict(templates._DEFAULTS))
    return templates


@pytest.mark.django_db
def test_missing_templates_are_inserted_after_migrate_and_edited_ones_stay(registry):
    """NTF-01: an administrator's words survive an upgrade."""
    registry.register_template("tests.new", label="新事件", sms="【筑培】新")
    MessageTemplate.objects.filter(code="accounts.code").update(sms="改过的 {code}")

    call_command("migrate", verbosity=0)

    assert MessageTemplate.objects.get(code="tests.new").sms == "【筑培】新"
    assert MessageTemplate.objects.get(code="accounts.code").sms == "改过的 {code}"
    assert registry.insert_missing_templates() == 0


def test_one_code_has_one_text(registry):
    """Two stages that claim one event are a mistake; registering twice the same is not."""
    registry.register_template("tests.twice", label="甲")
    registry.register_template("tests.twice", label="甲")
    with pytest.raises(ValueError, match=r"tests\.twice"):
        registry.register_template("tests.twice", label="乙")
