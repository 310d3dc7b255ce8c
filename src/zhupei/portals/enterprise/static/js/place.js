/* The county list follows the city; the choice of review is shown where there is one. */

for (const part of document.querySelectorAll('[data-place]')) {
  const { city, region, is_provincial: provincial } = part.closest('form').elements;
  const choosing = part.dataset.place.split(',').filter(Boolean);
  const choice = part.querySelector('[data-field="review_choice"]');
  const groups = [...region.querySelectorAll('optgroup')].map((group) => ({
    group, code: [...group.children].at(-1).value,
  }));
  const follow = () => {
    for (const { group, code } of groups) {
      if (!city.value || city.value === code) region.append(group);
      else group.remove();
    }
    choice.hidden = provincial.checked || !choosing.includes(city.value);
  };
  city.addEventListener('change', () => { region.value = ''; follow(); region.value = ''; });
  provincial.addEventListener('change', follow);
  const chosen = region.value;
  const owner = groups.find(({ group }) => [...group.children].some((option) => option.value === chosen));
  if (owner && chosen) city.value = owner.code;
  follow();
  region.value = chosen;
}
