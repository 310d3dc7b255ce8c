/* A picture of a question, enlarged: buttons, + and −, arrows to move about. */

import { $, write } from './dom.js';

const STEP = 1.25;
const LEAST = 0.25;
const MOST = 6;

let scale = 1;

function show(wanted) {
  scale = Math.min(MOST, Math.max(LEAST, wanted));
  const image = $('zoom-image');
  image.style.width = `${Math.round(image.naturalWidth * scale)}px`;
  write('zoom-percent', `${Math.round(scale * 100)}%`);
}

function fit() {
  const [image, pane] = [$('zoom-image'), $('zoom-pane')];
  if (!image.naturalWidth) return;
  show(Math.min((pane.clientWidth - 24) / image.naturalWidth, (pane.clientHeight - 24) / image.naturalHeight, 3));
}

/** Opens the picture as large as the window allows. */
export function enlarge(source, words) {
  $('zoom-image').alt = words;
  $('zoom-image').src = source;
  $('zoom-dialog').showModal();
  $('zoom-image').decode().catch(() => {}).then(fit);
  $('zoom-pane').focus();
}

$('zoom-in').addEventListener('click', () => show(scale * STEP));
$('zoom-out').addEventListener('click', () => show(scale / STEP));
$('zoom-close').addEventListener('click', () => $('zoom-dialog').close());
$('zoom-dialog').addEventListener('keydown', (event) => {
  if (event.key === '+' || event.key === '=') show(scale * STEP);
  if (event.key === '-') show(scale / STEP);
});
$('zoom-pane').addEventListener('wheel', (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  show(event.deltaY < 0 ? scale * STEP : scale / STEP);
}, { passive: false });
