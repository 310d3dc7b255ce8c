from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "zhupei.accounts"
    verbose_name = "账号"
