from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OrganizationsConfig(AppConfig):
    name = "zhupei.organizations"
    verbose_name = "单位"

    def ready(self) -> None:
        from foundation.files import policies
        from foundation.review import kinds, rights
        from foundation.ui.states import register_state_styles
        from zhupei.organizations import filing, roles
        from zhupei.organizations import policies as papers
        from zhupei.organizations.models import NoticeState
        from zhupei.organizations.reviews import CHANGE_KIND, REGISTRATION_KIND
        from zhupei.organizations.setup import load_basics

        post_migrate.connect(load_basics, sender=self, dispatch_uid="regions_and_authorities")
        policies.register("organization", papers.organization_documents)
        policies.register("institution", papers.institution_documents)
        rights.register("roles", roles.review_right)
        for kind in (REGISTRATION_KIND, CHANGE_KIND, filing.FILE_KIND):
            kinds.register(kind)
        register_state_styles(NoticeState, {"draft": "wait", "published": "ok", "withdrawn": "mute"})
