/* Review screens: keys J K A R, chips of reasons, a verdict that needs a reason. */

import { isTyping } from './shared.js';

// A key that was struck twice must not decide on the next case before anybody has seen it.
const LOOK_FIRST_MS = 600;
let seen = false;
let timer = 0;

function keyed(decides) {
  return [...document.querySelectorAll('[data-key]')].filter((target) => target.dataset.key.length === 1 && !!target.closest('[data-verdict]') === decides);
}

/* Keys that act carry aria-keyshortcuts: whoever looks, listens or tests can tell. */
function act(decides) {
  for (const target of keyed(decides)) target.setAttribute('aria-keyshortcuts', target.dataset.key.toUpperCase());
}

/* The time in sight begins with the first picture of the page, which a tab in the background does not get. */
function lookFirst() {
  seen = false;
  clearTimeout(timer);
  for (const target of keyed(true)) target.removeAttribute('aria-keyshortcuts');
  requestAnimationFrame(() => {
    timer = setTimeout(() => { seen = true; act(true); }, LOOK_FIRST_MS);
  });
}

act(false);
lookFirst();
window.addEventListener('pageshow', (event) => { if (event.persisted) lookFirst(); });

function sayEarly(target, hidden) {
  const words = target.closest('[data-verdict]')?.querySelector('[data-early]');
  if (words) words.hidden = hidden;
}

document.addEventListener('keydown', (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target || target.disabled || !target.checkVisibility()) return;
  event.preventDefault();
  const early = !seen && !!target.closest('[data-verdict]');
  sayEarly(target, !early);
  if (!early) target.click();
});

function chosen(form) {
  return form.querySelector('input[name="reason"]:checked') || [...form.querySelectorAll('[name="other_text"]')].some((input) => input.value.trim());
}

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-other]');
  if (!button) return;
  const others = button.closest('form').querySelector('[data-others]');
  if (others.hidden) {
    others.hidden = false;
    button.setAttribute('aria-expanded', 'true');
  } else {
    const line = others.querySelector('.other').cloneNode(true);
    line.querySelectorAll('input, select').forEach((control) => { control.value = ''; });
    others.append(line);
  }
  others.querySelector('.other:last-child [name="other_text"]').focus();
});

/* On the window, so that it comes before any question is asked. */
window.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('form[data-verdict]')) return;
  const need = form.querySelector('[data-need]');
  const missing = event.submitter?.hasAttribute('data-needs-reason') && !chosen(form);
  need.hidden = !missing;
  if (missing) {
    event.preventDefault();
    event.stopImmediatePropagation();
    (form.querySelector('input[name="reason"]') || form.querySelector('[name="other_text"]'))?.focus();
  }
}, true);
