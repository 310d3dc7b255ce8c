/* The score sheet adds itself up as one types. */

const sheet = document.querySelector('[data-sheet]');
const sum = document.querySelector('[data-sum]');

function add() {
  let tenths = 0;
  for (const line of sheet.querySelectorAll('[data-points]')) tenths += Math.round((Number(line.value) || 0) * 10);
  sum.textContent = String(tenths / 10);
}

if (sheet && sum) {
  sheet.addEventListener('input', add);
  add();
}
