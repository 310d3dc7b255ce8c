/* The form of a training plan: rows are added and removed in place, found organizations join the list as they are ticked.
   Without this module the same buttons do the same by way of the server. */

const HOUR = 45;
const form = document.querySelector('[data-plan-form]');
const rows = form.querySelector('[data-rows]');

/* -- rows ------------------------------------------------------------------------------------------------------- */

const part = (row, name) => row.querySelector(`[name$="-${name}"]`);

function dayAfter(text) {
  const date = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return '';
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}

/* A new row goes on where the last one ended: the next day, same hours, teacher and room. */
function addRow() {
  const number = rows.dataset.next;
  rows.dataset.next = Number(number) + 1;
  const html = form.querySelector('[data-blank-row]').innerHTML.replaceAll('__n__', number);
  const before = rows.lastElementChild;
  rows.insertAdjacentHTML('beforeend', html);
  const row = rows.lastElementChild;
  if (before && part(before, 'day').value) {
    part(row, 'day').value = dayAfter(part(before, 'day').value);
    for (const name of ['starts', 'ends', 'teacher', 'room']) part(row, name).value = part(before, name).value;
  }
  part(row, 'day').focus();
  countHours();
}

function removeRow(row) {
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  (next ? part(next, 'day') : form.querySelector('[data-add-row]')).focus();
  countHours();
}

function minutes(text) {
  const [hour, minute] = text.split(':').map(Number);
  return hour * 60 + minute;
}

function countHours() {
  let total = 0;
  for (const row of rows.children) {
    const from = part(row, 'starts').value;
    const to = part(row, 'ends').value;
    if (part(row, 'day').value && from && to && to > from) total += minutes(to) - minutes(from);
  }
  form.querySelector('[data-hours]').textContent = total ? `现在共 ${Math.floor(total / HOUR)} 学时` : '';
}

form.addEventListener('click', (event) => {
  if (event.target.closest('[data-add-row]')) {
    event.preventDefault();
    addRow();
  }
  const remove = event.target.closest('[data-remove-row]');
  if (remove) {
    event.preventDefault();
    removeRow(remove.closest('[data-row]'));
  }
});
rows.addEventListener('input', countHours);

/* -- organizations ---------------------------------------------------------------------------------------------- */

const picked = form.querySelector('[data-picked-organizations]');
const find = form.querySelector('[data-find]');

form.addEventListener('change', (event) => {
  const box = event.target;
  if (box.matches('[data-found]') && box.checked) {
    const line = box.closest('div');
    delete box.dataset.found;
    const there = picked.querySelector(`input[value="${box.value}"]`);
    if (there) {
      there.checked = true;
      line.remove();
    } else {
      picked.append(line);
    }
    find.focus();
  }
  if (box.name === 'form') showDesignated();
});
find.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') event.preventDefault();
});
form.querySelector('[data-find-button]').hidden = true;

function showDesignated() {
  const designated = form.querySelector('[name="form"][value="designated"]').checked;
  form.querySelector('[data-designated]').hidden = !designated;
}

showDesignated();
countHours();
