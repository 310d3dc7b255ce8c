/* The keyboard: everything can be done without a mouse. */

import { letterOf } from './questions.js';

/** Listens until the signal stops it. `acts`: choose(letter), go(step), mark(), clear(), submit(), help(). */
export function listen(acts, signal) {
  const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -1, PageDown: 1 };
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
    if (event.key === 'Enter' && event.ctrlKey) {
      event.preventDefault();
      acts.submit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const letter = letterOf(event.key);
    if (moves[event.key]) {
      event.preventDefault();
      acts.go(moves[event.key]);
    } else if (event.repeat) return;
    else if (letter) acts.choose(letter);
    else if (event.key === 'm' || event.key === 'M') acts.mark();
    else if (event.key === 'Delete') acts.clear();
    else if (event.key === '?' || event.key === '？') acts.help();
  }, { signal });
}
