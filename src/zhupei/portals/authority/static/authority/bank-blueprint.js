/* The form of a blueprint: rows are added and removed in place, the total and what the bank has are shown as one types.
   Without this module the same buttons do the same by way of the server. */

const form = document.querySelector('[data-blueprint]');
const rows = form.querySelector('[data-rows]');
const stock = JSON.parse(document.getElementById('bank-stock').textContent);
const full = Number(form.dataset.full);
const part = (row, name) => row.querySelector(`[name$="-${name}"]`).value;
const tenths = (text) => Math.round(Number(text) * 10);
const shown = (value) => String(value / 10);

function available(row) {
  const [kind, chapter, difficulty] = ['type', 'chapter', 'difficulty'].map((name) => part(row, name));
  return stock
    .filter(([a, b, c]) => a === kind && (!chapter || String(b) === chapter) && (!difficulty || String(c) === difficulty))
    .reduce((sum, [, , , n]) => sum + n, 0);
}

function refresh() {
  let total = 0;
  let questions = 0;
  for (const row of rows.children) {
    const count = Number(part(row, 'count')) || 0;
    const sum = count * (tenths(part(row, 'points')) || 0);
    total += sum;
    questions += count;
    row.querySelector('[data-sum]').textContent = sum ? `${shown(sum)} 分` : '—';
    const there = available(row);
    const line = row.querySelector('[data-stock-line]');
    const lacking = Math.max(0, count - there);
    const more = lacking ? `，还差 ${lacking} 道` : '';
    line.textContent = part(row, 'type') ? `题库里有 ${there} 道可用${more}` : '';
    line.classList.toggle('tone-bad', lacking > 0);
  }
  const spot = form.querySelector('[data-total]');
  const off = full * 10 - total;
  let verdict = '，正好满分';
  if (off > 0) verdict = `，还差 ${shown(off)} 分`;
  if (off < 0) verdict = `，多出 ${shown(-off)} 分`;
  spot.textContent = `共 ${questions} 题，${shown(total)} 分${verdict}`;
  spot.classList.toggle('is-full', off === 0);
  spot.classList.toggle('is-off', off !== 0);
}

form.addEventListener('click', (event) => {
  if (event.target.closest('[data-add-row]')) {
    event.preventDefault();
    const number = rows.dataset.next;
    rows.dataset.next = Number(number) + 1;
    rows.insertAdjacentHTML('beforeend', form.querySelector('[data-blank-row]').innerHTML.replaceAll('__n__', number));
    rows.lastElementChild.querySelector('select').focus();
    refresh();
  }
  const remove = event.target.closest('[data-remove-row]');
  if (remove) {
    event.preventDefault();
    const row = remove.closest('[data-row]');
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    (next ? next.querySelector('select') : form.querySelector('[data-add-row]')).focus();
    refresh();
  }
});
form.addEventListener('input', refresh);
form.addEventListener('change', refresh);
refresh();
window.addEventListener('pageshow', refresh);
