/* A- and A+: the size of the question's words, remembered on this machine. */

import { $, say } from './dom.js';

const KEY = 'zhupei-exam-size';
const WORDS = ['小', '标准', '大', '特大', '最大'];

function show(size) {
  document.body.dataset.size = size;
  $('smaller').disabled = size === 0;
  $('larger').disabled = size === WORDS.length - 1;
}

function change(step) {
  const size = Math.min(WORDS.length - 1, Math.max(0, Number(document.body.dataset.size) + step));
  show(size);
  say(`字号：${WORDS[size]}`);
  try { localStorage.setItem(KEY, size); } catch { /* a browser that keeps nothing */ }
}

export function initTextSize() {
  let size = 1;
  try { size = Number(localStorage.getItem(KEY) ?? 1); } catch { /* as above */ }
  show(WORDS[size] ? size : 1);
  $('smaller').addEventListener('click', () => change(-1));
  $('larger').addEventListener('click', () => change(1));
}
