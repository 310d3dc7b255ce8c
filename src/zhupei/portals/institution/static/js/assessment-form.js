/* The form of an assessment plan: how many are chosen, all of a list at once. Without this module each box still counts. */

const area = document.querySelector('[data-pick-people]');
const count = area.querySelector('[data-picked-count]');
const boxes = (key) => [...area.querySelectorAll(key ? `[data-pick="${key}"]` : '[data-pick]')];

function show() {
  const picked = boxes().filter((box) => box.checked).length;
  count.textContent = `已选 ${picked} 人`;
  for (const all of area.querySelectorAll('[data-pick-all]')) {
    const own = boxes(all.dataset.pickAll);
    const ticked = own.filter((box) => box.checked).length;
    all.checked = ticked === own.length;
    all.indeterminate = ticked > 0 && ticked < own.length;
  }
}

area.addEventListener('change', (event) => {
  const key = event.target.dataset.pickAll;
  if (key) for (const box of boxes(key)) box.checked = event.target.checked;
  show();
});

for (const all of area.querySelectorAll('[data-pick-all]')) all.parentElement.hidden = false;
show();
