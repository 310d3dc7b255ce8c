from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OrganizationsConfig(AppConfig):
    name = "zhupei.organizations"
    verbose_name = "单位"

    def ready(self) -> None:
        from foundation.files import policies
        from foundation.review import rights
        from zhupei.organizations import filing, roles, wording
        from zhupei.organizations import policies as papers
        from zhupei.organizations.reviews import register_kinds
        from zhupei.organizations.setup import load_basics

        post_migrate.connect(load_basics, sender=self, dispatch_uid="regions_and_authorities")
        policies.register("organization", papers.organization_documents)
        policies.register("institution", papers.institution_documents)
        rights.register("roles", roles.review_right)
        register_kinds()
        filing.register_kind()
        wording.register()
