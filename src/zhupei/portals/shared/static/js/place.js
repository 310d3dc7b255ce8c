/* City and county follow each other; the choice of review is asked for where there is one. */

for (const part of document.querySelectorAll('[data-place]')) {
  const { city, region, is_provincial: provincial } = part.closest('form').elements;
  const choosing = part.dataset.place.split(',').filter(Boolean);
  const choice = part.querySelector('[data-field="review_choice"]');
  const groups = [...region.querySelectorAll('optgroup')].map((group) => ({
    group, code: [...group.children].at(-1).value,
  }));
  const owner = () => groups.find(({ group }) => [...group.children].some((option) => option.selected));

  const follow = () => {
    for (const { group, code } of groups) {
      const fits = !city.value || city.value === code;
      if (fits && !group.parentNode) region.append(group);
      if (!fits && group.parentNode) group.remove();
    }
    if (region.selectedIndex < 0) region.value = '';
    choice.hidden = provincial.checked || !choosing.includes(city.value);
  };

  if (owner() && !city.value) city.value = owner().code;
  city.addEventListener('change', () => { region.value = ''; follow(); });
  region.addEventListener('change', () => {
    if (region.value && owner()) city.value = owner().code;
    follow();
  });
  provincial.addEventListener('change', follow);
  follow();
}
