from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "zhupei.accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from foundation.messages.templates import register_template

        register_template(
            "accounts.code",
            label="短信验证码",
            sms="【筑培】您的验证码是 {code}，{minutes} 分钟内有效，用于{purpose}。"
            "请勿告诉他人，工作人员不会向您索要。",
        )
        register_template(
            "accounts.password_changed",
            label="密码已修改",
            sms="【筑培】您的账号密码已修改。如果不是您本人操作，请立即用“忘记密码”重新设置。",
        )
