/* Lists: rows are picked, the bulk bar appears, empty filters stay out of the address, wide tables scroll. */

function parts(node) {
  const list = node.closest('[data-list]') || document;
  return {
    list,
    boxes: [...list.querySelectorAll('[data-pick]')],
    page: list.querySelector('[data-pick-page]'),
    bar: list.querySelector('[data-bulk-bar]'),
  };
}

function refresh(node, all = false) {
  const { boxes, page, bar } = parts(node);
  const picked = boxes.filter((box) => box.checked);
  boxes.forEach((box) => box.closest('tr').classList.toggle('is-picked', box.checked));
  if (page) {
    page.checked = boxes.length > 0 && picked.length === boxes.length;
    page.indeterminate = picked.length > 0 && picked.length < boxes.length;
  }
  if (!bar) return;
  const offer = bar.querySelector('[data-pick-all]');
  const total = Number(offer?.dataset.total || 0);
  bar.hidden = picked.length === 0;
  bar.querySelector('[data-all]').value = all ? '1' : '';
  bar.querySelector('[data-picked]').textContent = all ? total : picked.length;
  if (offer) offer.hidden = all || picked.length < boxes.length || total <= boxes.length;
}

let lastPicked = null;
document.addEventListener('click', (event) => {
  const box = event.target.closest?.('[data-pick]');
  if (box) {
    if (event.shiftKey && lastPicked?.isConnected) {
      const { boxes } = parts(box);
      const [from, to] = [boxes.indexOf(lastPicked), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    lastPicked = box;
    refresh(box);
  } else if (event.target.closest?.('[data-pick-page]')) {
    const { boxes } = parts(event.target);
    boxes.forEach((other) => { other.checked = event.target.checked; });
    refresh(event.target);
  } else if (event.target.closest?.('[data-pick-all]')) {
    refresh(event.target, true);
  } else if (event.target.closest?.('[data-pick-none]')) {
    const { boxes } = parts(event.target);
    boxes.forEach((other) => { other.checked = false; });
    refresh(event.target);
  }
});

document.addEventListener('htmx:configRequest', (event) => {
  const { parameters, elt } = event.detail;
  if (!elt.matches('[data-filters]')) return;
  for (const [name, value] of [...parameters.entries()]) if (value === '') parameters.delete(name);
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('form[data-filters]') || form.hasAttribute('hx-get')) return;
  for (const control of form.elements) if (control.name && control.value === '') control.disabled = true;
});

document.querySelectorAll('[data-pick]:checked').forEach((box) => refresh(box));

/* A table that is too wide for its place scrolls in its own box; one that fits lets its head stick to the page. */
const watcher = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const wrap = target.closest('.table-wrap.sticky');
    const table = wrap?.querySelector(':scope > table');
    if (table) wrap.classList.toggle('is-wide', table.offsetWidth > wrap.clientWidth + 1);
  }
});
function watch(root) {
  root.querySelectorAll?.('.table-wrap.sticky > table').forEach((table) => {
    watcher.observe(table);
    watcher.observe(table.parentElement);
  });
}
watch(document);
document.addEventListener('htmx:load', (event) => watch(event.target));
