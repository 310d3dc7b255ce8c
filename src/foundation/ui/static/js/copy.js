/* Buttons that copy a text: data-copy="the text". Hidden without scripts. */

const SHOWN_MS = 2000;

/** Plain http pages have no clipboard API: there the text is selected and copied the old way. */
async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* refused: try the old way */ }
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.className = 'visually-hidden';
  document.body.append(area);
  area.select();
  let done = false;
  try { done = document.execCommand('copy'); } catch { /* said below */ }
  area.remove();
  return done;
}

document.querySelectorAll('[data-copy]').forEach((button) => { button.hidden = false; });

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-copy]');
  if (!button) return;
  const word = button.querySelector('[data-copy-word]');
  const done = await copy(button.dataset.copy);
  button.focus();
  word.setAttribute('role', 'status');
  word.textContent = done ? '已复制' : '请手动复制';
  setTimeout(() => { word.textContent = '复制'; }, SHOWN_MS);
});
