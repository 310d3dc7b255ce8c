/* 签到: two numbers; what is wrong is said at the field, what the server refuses below. */

import { Refusal, Unreachable, call, session } from './api.js';
import { dayAndTime, now, remaining } from './clock.js';
import { $, persist, refuse, say, showScreen, write } from './dom.js';

const ID_NUMBER = /^\d{17}[\dX]$/;
const clean = (text) => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();

let counting = 0;
let onEntry = () => {};

function faultOf(name, value) {
  if (name === 'ticket') {
    if (!value) return '请输入准考证号。';
    return /^\d+$/.test(value) ? '' : '准考证号只有数字，请对照准考证核对。';
  }
  if (!value) return '请输入身份证号。';
  return ID_NUMBER.test(value) ? '' : `身份证号应是 18 位，现在是 ${value.length} 位，请核对。`;
}

function check(input) {
  const fault = faultOf(input.name, clean(input.value));
  write(`${input.id}-error`, fault);
  input.setAttribute('aria-invalid', String(!!fault));
  return !fault;
}

function busy(on) {
  $('sign-in-button').disabled = on;
  write('sign-in-button', on ? '正在签到' : '签到');
}

/** Counts down to the opening of 签到 by the server's clock, then signs in with what was typed. */
function waitForOpening(numbers, opensAt) {
  const opening = Date.parse(opensAt);
  write('too-early-words', `${dayAndTime(opening)} 开始签到`);
  showScreen('too-early');
  const tick = () => {
    write('too-early-count', remaining(opening));
    if (now() < opening) return;
    clearInterval(counting);
    showScreen('sign-in');
    enter(numbers);
  };
  clearInterval(counting);
  counting = setInterval(tick, 250);
  tick();
  say(`还没有到签到时间，${dayAndTime(opening)} 开始签到`);
}

async function enter(numbers) {
  busy(true);
  refuse('sign-in-refusal', '');
  try {
    const entry = await persist(() => call('POST', 'sign-in', numbers), {
      unreachable: Unreachable,
      onTrouble: (error) => refuse('sign-in-refusal', `${error.message}，正在重试，请稍候。`),
    });
    refuse('sign-in-refusal', '');
    $('sign-in-form').reset();
    await onEntry(entry);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 425 && error.body.opens_at) waitForOpening(numbers, error.body.opens_at);
    else refuse('sign-in-refusal', error.message);
  } finally {
    busy(false);
  }
}

/** Wires the form; `taken(entry)` goes on after a good pair. */
export function initSignIn(taken) {
  onEntry = taken;
  const inputs = [$('ticket'), $('id-number')];
  for (const input of inputs) {
    input.addEventListener('blur', () => { if (input.value) check(input); });
    input.addEventListener('input', () => { if ($(`${input.id}-error`).textContent) check(input); });
  }
  $('sign-in-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const wrong = inputs.filter((input) => !check(input));
    if (wrong.length) { wrong[0].focus(); return; }
    enter({ ticket: clean($('ticket').value), id_number: clean($('id-number').value) });
  });
  $('too-early-back').addEventListener('click', () => {
    clearInterval(counting);
    askToSignIn();
  });
}

/** Shows the form, with a line above it that says why, if there is a reason. */
export function askToSignIn(note = '') {
  refuse('sign-in-note', note);
  refuse('sign-in-refusal', '');
  showScreen('sign-in');
  $('ticket').focus();
  if (note) say(note);
  session().catch(() => {}); // a fresh token and the time, should the page have stood open for long
}
