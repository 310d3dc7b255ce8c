/* The form of a question: shows the fields of the type that is chosen; of a single choice one answer only is ticked.
   Without this module all fields are there and the server takes those of the type. */

const form = document.querySelector('[data-question-form]');
const chosen = () => form.querySelector('input[name="type"]:checked')?.value;

function show(block, kind) {
  block.querySelector('[data-choices]').hidden = kind === 'true_false' || kind === 'case';
  block.querySelector('[data-truth]').hidden = kind !== 'true_false';
  block.dataset.kind = kind;
  block.querySelector('[data-stem-label]').textContent = kind === 'case' ? '案例说明' : '题干';
}

function showAll() {
  const kind = chosen();
  const caseParts = form.querySelector('[data-case]');
  caseParts.hidden = kind !== 'case';
  for (const block of form.querySelectorAll('[data-part]')) {
    const own = block.closest('.case-part');
    show(block, own ? own.querySelector('select').value || 'single' : kind);
  }
}

form.addEventListener('change', (event) => {
  const control = event.target;
  if (control.name === 'type' || control.matches('.case-part select')) showAll();
  const block = control.closest('[data-part]');
  if (control.matches('.option-right input') && control.checked && block.dataset.kind === 'single') {
    for (const other of block.querySelectorAll('.option-right input')) if (other !== control) other.checked = false;
  }
});
showAll();
window.addEventListener('pageshow', showAll);
