/* 企业注册: the county list follows the city; the choice of review is asked for where there is one. */

const form = document.querySelector('form[data-registration]');

if (form) {
  const { city, region } = form.elements;
  const choosing = (form.dataset.choosing || '').split(',').filter(Boolean);
  const groups = [...region.querySelectorAll('optgroup')].map((group) => ({
    group, code: [...group.children].at(-1).value,
  }));
  const choice = form.querySelector('[data-field="review_choice"]');
  const provincial = form.elements.is_provincial;

  const follow = () => {
    for (const { group, code } of groups) {
      const fits = !city.value || city.value === code;
      if (fits && !group.parentNode) region.append(group);
      if (!fits && group.parentNode) group.remove();
    }
    if (region.selectedIndex < 0) region.value = '';
    choice.hidden = provincial.checked || !choosing.includes(city.value);
  };

  const owner = groups.find(({ group }) => [...group.children].some((option) => option.selected));
  if (owner && !city.value) city.value = owner.code;
  city.addEventListener('change', () => { region.value = ''; follow(); });
  region.addEventListener('change', () => {
    const holder = groups.find(({ group }) => [...group.children].some((option) => option.value === region.value));
    if (holder && region.value) city.value = holder.code;
    follow();
  });
  provincial.addEventListener('change', follow);

  const school = () => { form.elements.scope.required = form.elements.kind.value !== 'school'; };
  form.querySelectorAll('[name="kind"]').forEach((radio) => radio.addEventListener('change', school));
  school();
  follow();

  const twice = form.elements.repeat_password;
  twice.addEventListener('change', () => {
    const spot = document.getElementById(`${twice.id}_error`);
    const differs = twice.value && twice.value !== form.elements.password.value;
    twice.classList.toggle('is-invalid', differs);
    spot.textContent = differs ? '两次输入的密码不一致，请重新输入。' : '';
  });
}
