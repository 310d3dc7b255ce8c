/* Helpers of the other modules; loading it does nothing by itself. */

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content
    || document.querySelector('input[name="csrfmiddlewaretoken"]')?.value || '';
}

export function isTyping(target) {
  return target instanceof Element && !!target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]');
}

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

/** Asks a question in a dialog; resolves to null (no) or to the reason typed ('' when none was asked for). */
export function ask({ sentence, label = '确定', danger = false, reasonLabel = '' }) {
  return new Promise((resolve) => {
    const dialog = element('dialog', 'ask');
    dialog.setAttribute('aria-labelledby', 'ask-title');
    const form = element('form');
    form.method = 'dialog';
    const body = element('div', 'ask-body');
    const icon = element('i', `ti ti-${danger ? 'alert-triangle' : 'help-circle'}`);
    icon.setAttribute('aria-hidden', 'true');
    const words = element('div');
    const title = element('h2', '', '请确认');
    title.id = 'ask-title';
    words.append(title, element('p', '', sentence));
    let reason = null;
    if (reasonLabel) {
      const caption = element('label', 'form-label', reasonLabel);
      reason = element('textarea', 'form-control');
      reason.rows = 3;
      reason.required = true;
      reason.maxLength = 500;
      reason.id = 'ask-reason';
      caption.htmlFor = 'ask-reason';
      words.append(caption, reason);
    }
    body.append(icon, words);
    const buttons = element('div', 'ask-buttons');
    const no = element('button', 'btn', '取消');
    no.type = 'button';
    const yes = element('button', `btn ${danger ? 'btn-danger' : 'btn-primary'}`, label || '确定');
    yes.type = 'submit';
    buttons.append(no, yes);
    form.append(body, buttons);
    dialog.append(form);
    document.body.append(dialog);
    let answer = null;
    no.addEventListener('click', () => dialog.close());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      answer = reason ? reason.value.trim() : '';
      if (reason && !answer) { reason.focus(); answer = null; return; }
      dialog.close();
    });
    dialog.addEventListener('close', () => { dialog.remove(); resolve(answer); });
    dialog.showModal();
    (reason || (danger ? no : yes)).focus();
  });
}
