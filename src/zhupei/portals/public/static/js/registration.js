/* 企业注册: what a school may leave out; the password typed twice. */

const form = document.querySelector('form[data-registration]');

if (form) {
  const school = () => { form.elements.scope.required = form.elements.kind.value !== 'school'; };
  form.querySelectorAll('[name="kind"]').forEach((radio) => radio.addEventListener('change', school));
  school();

  const twice = form.elements.repeat_password;
  twice.addEventListener('change', () => {
    const spot = document.getElementById(`${twice.id}_error`);
    const differs = twice.value && twice.value !== form.elements.password.value;
    twice.classList.toggle('is-invalid', differs);
    spot.textContent = differs ? '两次输入的密码不一致，请重新输入。' : '';
  });
}
