/* Forms: asks before what cannot be undone, sends once, checks a field as it is left, keeps a draft in this tab. */

import { check } from './checks.js';
import { ask, element } from './shared.js';

/* -- ask ------------------------------------------------------------------------------------------------------- */

function question(form, submitter) {
  const source = submitter?.dataset.confirm || submitter?.dataset.confirmReason ? submitter : form;
  const { confirm, confirmReason } = source.dataset;
  if (!confirm && !confirmReason) return null;
  const picked = document.querySelector('[data-picked]')?.textContent || '';
  return {
    sentence: (confirm || '').replaceAll('{n}', picked),
    label: source.dataset.confirmLabel,
    danger: source.dataset.confirmTone === 'danger',
    reasonLabel: confirmReason ? (source.dataset.reasonLabel || '原因') : '',
    reasonName: confirmReason,
  };
}

const answered = new WeakSet();

document.addEventListener('submit', async (event) => {
  const { target: form, submitter } = event;
  const asked = answered.has(form) ? null : question(form, submitter);
  if (!asked) { answered.delete(form); return; }
  if (form.matches('form[data-checked]') && firstWrong(form)) return; /* said below, before any question */
  event.preventDefault();
  event.stopImmediatePropagation();
  const answer = await ask(asked);
  if (answer === null) return;
  if (asked.reasonName) {
    let input = form.querySelector(`input[type=hidden][name="${asked.reasonName}"]`);
    if (!input) {
      input = element('input');
      input.type = 'hidden';
      input.name = asked.reasonName;
      form.append(input);
    }
    input.value = answer;
  }
  answered.add(form);
  form.requestSubmit(submitter && submitter.form === form ? submitter : undefined);
}, true);

document.addEventListener('click', async (event) => {
  const link = event.target.closest('a[data-confirm]');
  if (!link) return;
  event.preventDefault();
  const answer = await ask({ sentence: link.dataset.confirm, label: link.dataset.confirmLabel, danger: link.dataset.confirmTone === 'danger' });
  if (answer !== null) location.assign(link.href);
});

document.addEventListener('htmx:confirm', async (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  if (await ask({ sentence: event.detail.question }) !== null) event.detail.issueRequest(true);
});

/* -- check ------------------------------------------------------------------------------------------------------ */

function showError(control, sentence) {
  const spot = document.getElementById(`${control.id}_error`);
  control.classList.toggle('is-invalid', !!sentence);
  if (sentence) control.setAttribute('aria-invalid', 'true'); else control.removeAttribute('aria-invalid');
  if (spot) spot.textContent = sentence;
}

document.addEventListener('focusout', (event) => {
  const control = event.target;
  if (!(control instanceof HTMLElement) || !control.closest('form[data-checked]') || !control.dataset.label) return;
  if (!control.value && !control.dataset.touched) return;
  showError(control, check(control));
});
document.addEventListener('input', (event) => {
  const control = event.target;
  if (!(control instanceof HTMLElement) || !control.closest('form[data-checked]')) return;
  control.dataset.touched = 'yes';
  if (control.classList.contains('is-invalid') && control.dataset.label) showError(control, check(control));
});
document.querySelectorAll('form[data-checked]').forEach((form) => { form.noValidate = true; });

function firstWrong(form) {
  let first = null;
  for (const control of form.elements) {
    if (!control.dataset?.label || control.type === 'radio' || control.disabled) continue;
    const sentence = check(control);
    showError(control, sentence);
    if (sentence && !first) first = control;
  }
  return first;
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches('form[data-checked]') || event.submitter?.formNoValidate) return;
  const wrong = firstWrong(form);
  if (wrong) {
    event.preventDefault();
    event.stopImmediatePropagation();
    wrong.focus();
    wrong.scrollIntoView({ block: 'center' });
  }
});

/* -- send once --------------------------------------------------------------------------------------------------- */

function restore(button) {
  if (!button.dataset.words) return;
  button.replaceChildren(...button.kept);
  delete button.dataset.words;
  button.disabled = false;
  button.classList.remove('is-sending');
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post' || form.target === '_blank') return;
  const download = 'download' in form.dataset || (event.submitter && 'download' in event.submitter.dataset);
  const pressed = event.submitter || form.querySelector('button[type=submit], button:not([type])');
  const all = [...form.elements].filter((node) => node.matches('button[type=submit], button:not([type]), input[type=submit]'));
  setTimeout(() => {
    for (const button of all) button.disabled = true;
    if (pressed instanceof HTMLButtonElement) {
      pressed.kept = [...pressed.childNodes];
      pressed.dataset.words = 'kept';
      pressed.textContent = download ? '正在准备…' : '正在提交…';
      pressed.classList.add('is-sending');
    }
    if (download) {
      setTimeout(() => { for (const button of all) { button.disabled = false; restore(button); } }, 3000);
    }
  });
});
window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  document.querySelectorAll('button:disabled').forEach((button) => {
    if (button.dataset.words) {
      for (const other of button.form?.elements || []) if (other.type === 'submit') other.disabled = false;
      restore(button);
    }
  });
});

/* -- draft: kept in this tab only, never on the disk of a shared computer ----------------------------------------- */

const draftKey = (form) => `draft:${location.pathname}:${form.dataset.draft}`;
const keepable = (control) => control.name && control.name !== 'csrfmiddlewaretoken' && !control.closest('zp-upload')
  && !['password', 'file', 'hidden', 'submit', 'button'].includes(control.type);

function keep(form) {
  const values = {};
  for (const control of form.elements) {
    if (!keepable(control)) continue;
    if (control.type === 'checkbox' || control.type === 'radio') {
      if (control.checked) (values[control.name] ||= []).push(control.value);
      else values[control.name] ||= [];
    } else values[control.name] = [control.value];
  }
  try { sessionStorage.setItem(draftKey(form), JSON.stringify(values)); } catch { /* storage is full or forbidden */ }
}

function bringBack(form) {
  let values = null;
  try { values = JSON.parse(sessionStorage.getItem(draftKey(form)) || 'null'); } catch { return; }
  if (!values || form.querySelector('.error-summary')) return;
  for (const control of form.elements) {
    const kept = keepable(control) ? values[control.name] : undefined;
    if (!kept) continue;
    if (control.type === 'checkbox' || control.type === 'radio') control.checked = kept.includes(control.value);
    else if (!control.value && kept[0]) control.value = kept[0];
  }
}

document.querySelectorAll('form[data-draft]').forEach((form) => {
  bringBack(form);
  form.addEventListener('input', () => keep(form));
  form.addEventListener('submit', () => { setTimeout(() => { if (form.querySelector('.is-sending')) sessionStorage.removeItem(draftKey(form)); }); });
});
