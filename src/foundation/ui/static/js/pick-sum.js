/* Checkboxes that add up: a form[data-pick-sum] shows how many are ticked and their sum, and asks with these numbers.

   Each checkbox bears data-cents and, when it stands for several, data-count. Inside [data-pick-group] a [data-pick-group-all] box
   ticks the others; alone in its group it counts itself. The form's data-question may hold {n} and {total}. */

const inYuan = (cents) => `¥${(cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

function parts(group) {
  const all = group.querySelector('[data-pick-group-all]');
  const boxes = [...group.querySelectorAll('input[type=checkbox][data-cents]')].filter((box) => box !== all);
  return { all, boxes };
}

function add(boxes) {
  const picked = boxes.filter((box) => box.checked);
  return {
    count: picked.reduce((sum, box) => sum + Number(box.dataset.count || 1), 0),
    cents: picked.reduce((sum, box) => sum + Number(box.dataset.cents), 0),
  };
}

function refresh(form) {
  let count = 0;
  let cents = 0;
  for (const group of form.querySelectorAll('[data-pick-group]')) {
    const { all, boxes } = parts(group);
    const sum = add(boxes.length ? boxes : [all]);
    if (boxes.length && all) {
      all.checked = sum.count === boxes.length;
      all.indeterminate = sum.count > 0 && sum.count < boxes.length;
    }
    group.querySelectorAll('[data-pick-group-count]').forEach((spot) => { spot.textContent = sum.count; });
    group.querySelectorAll('[data-pick-group-total]').forEach((spot) => { spot.textContent = inYuan(sum.cents); });
    count += sum.count;
    cents += sum.cents;
  }
  form.querySelectorAll('[data-pick-count]').forEach((spot) => { spot.textContent = count; });
  form.querySelectorAll('[data-pick-total]').forEach((spot) => { spot.textContent = inYuan(cents); });
  form.querySelector('[data-agreed-count]').value = count;
  form.querySelector('[data-agreed-total]').value = (cents / 100).toFixed(2);
  form.querySelector('[data-pick-none]').hidden = true;
  if (count) form.dataset.confirm = form.dataset.question.replaceAll('{n}', count).replaceAll('{total}', inYuan(cents));
  else delete form.dataset.confirm;
}

function prepare(form) {
  form.querySelectorAll('[data-pick-group-all][hidden]').forEach((box) => { box.hidden = false; });
  form.addEventListener('change', (event) => {
    const box = event.target;
    if (box.matches('[data-pick-group-all]')) parts(box.closest('[data-pick-group]')).boxes.forEach((other) => { other.checked = box.checked; });
    refresh(form);
  });
  form.addEventListener('submit', (event) => {
    if (form.dataset.confirm) return;
    event.preventDefault();
    form.querySelector('[data-pick-none]').hidden = false;
    form.querySelector('input[type=checkbox]')?.focus();
  });
  refresh(form);
}

document.querySelectorAll('form[data-pick-sum]').forEach(prepare);
/* Coming back to the page, the browser restores the ticks after the module has run. */
window.addEventListener('pageshow', () => document.querySelectorAll('form[data-pick-sum]').forEach(refresh));
