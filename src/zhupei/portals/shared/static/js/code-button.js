/* 获取验证码: sends the code without touching the rest of the form, says what happened, counts down. */

import { csrfToken } from './shared.js';

const MOST_COUNTED = 120;

function countDown(button, seconds) {
  const words = button.dataset.words || (button.dataset.words = button.textContent);
  const end = Date.now() + seconds * 1000;
  button.disabled = true;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0) {
      button.disabled = false;
      button.textContent = '重新获取';
      return;
    }
    button.textContent = `${words}（${left}）`;
    setTimeout(tick, 500);
  };
  tick();
}

async function press(button) {
  const { form } = button;
  const say = (sentence, good) => {
    const spot = form.querySelector(`[data-code-message="${button.dataset.sendCode}"]`);
    spot.textContent = sentence;
    spot.className = `code-message ${good ? 'tone-ok' : 'tone-bad'}`;
  };
  const body = new FormData();
  body.append('purpose', button.dataset.sendCode);
  for (const [name, control] of [['phone', button.dataset.phone], ['portal', button.dataset.portal], ['account', button.dataset.account]]) {
    const field = control && form.elements[control];
    if (field) body.append(name, field.value);
  }
  button.disabled = true;
  say('正在发送…', true);
  try {
    const response = await fetch(button.dataset.url, {
      method: 'POST', body, headers: { 'X-CSRFToken': csrfToken(), Accept: 'application/json' },
    });
    const answer = response.headers.get('Content-Type')?.includes('json') ? await response.json() : null;
    if (!answer) {
      say('页面停留太久，请刷新后再获取验证码。', false);
      button.disabled = false;
      return;
    }
    say(answer.message, answer.ok);
    if (answer.retry_after && answer.retry_after <= MOST_COUNTED) countDown(button, answer.retry_after);
    else button.disabled = false;
    if (answer.ok) form.elements[button.dataset.code]?.focus();
  } catch {
    say('网络不通，验证码没有发出，请再试一次。', false);
    button.disabled = false;
  }
}

/* Capturing: before the form's own checks, which have nothing to do with this button. */
document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-send-code]');
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  press(button);
}, true);
