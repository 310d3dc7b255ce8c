/* Waiting for the invigilator; the rules and the countdown; 开始答题. */

import { Refusal, Unreachable, call, session } from './api.js';
import { dayAndTime, now, remaining } from './clock.js';
import { $, make, refuse, say, showScreen, write } from './dom.js';

const POLL_MS = 3000;
const SLOWEST_POLL_MS = 12_000; // who waits long asks less often
const SYNC_MS = 90_000;

let timer = 0;
let wanted = 0; // a later screen makes the earlier one's answers void

function stop() {
  clearTimeout(timer);
  clearInterval(timer);
  wanted += 1;
}

function facts(entry) {
  const rows = [['姓名', entry.name], ['准考证号', entry.ticket], ['考核计划', entry.plan], ['岗位（工种）', entry.occupation],
    ['座位', entry.seat], ['开考时间', dayAndTime(Date.parse(entry.starts_at))]].filter(([, value]) => value);
  for (const list of document.querySelectorAll('[data-facts]')) {
    list.replaceChildren(...rows.map(([label, value]) => make('div', {}, make('dt', {}, label), make('dd', {}, value))));
  }
}

/** The whole screen; where the browser allows it, Esc closes dialogs and does not leave it. */
export function fillScreen() {
  document.documentElement.requestFullscreen?.().then(() => navigator.keyboard?.lock?.(['Escape'])).catch(() => {});
}

/** Asks now and then whether the invigilator has admitted; `next(session)` gets whatever has changed. */
export function waitForAdmission(entry, next) {
  stop();
  facts(entry);
  if (showScreen('waiting')) say('签到成功，等待监考员核验放行');
  const mine = wanted;
  let every = POLL_MS;
  const poll = async () => {
    let answer = null;
    try {
      answer = await session();
    } catch (error) {
      if (!(error instanceof Unreachable) && !(error instanceof Refusal)) throw error;
      if (error instanceof Refusal) { if (mine === wanted) next({ refusal: error }); return; }
    }
    if (mine !== wanted) return;
    if (answer && (!answer.entry || answer.entry.face_check !== 'required')) next(answer);
    else {
      every = Math.min(every * 1.2, SLOWEST_POLL_MS);
      timer = setTimeout(poll, every * (0.75 + Math.random() / 2));
    }
  };
  timer = setTimeout(poll, POLL_MS * Math.random());
}

function ruleOfTime({ minutes, submission_minutes: earliest }) {
  if (!minutes) return;
  const early = earliest ? `，开考 ${earliest} 分钟后可以交卷` : '';
  write('rule-time', `考试时长 ${minutes} 分钟${early}，时间到自动交卷。剩余时间看屏幕右上方。`);
}

/** The rules; the button opens by the server's clock. `begin()` may raise a Refusal, which is shown. */
export function showRules(entry, begin) {
  stop();
  facts(entry);
  ruleOfTime(entry);
  refuse('start-refusal', '');
  showScreen('rules');
  const starts = Date.parse(entry.starts_at);
  const button = $('start-button');
  let working = false;
  let synced = performance.now();
  const tick = () => {
    const open = now() >= starts;
    write('start-words', open ? '考试已经开始' : '距离开考');
    write('start-count', open ? '' : remaining(starts));
    $('start-count').hidden = open;
    if (open && button.disabled && !working) {
      button.disabled = false;
      button.focus();
      say('考试已经开始，请按开始答题', true);
    }
    if (!open && performance.now() - synced > SYNC_MS) {
      synced = performance.now();
      session().catch(() => {});
    }
  };
  button.disabled = true;
  button.onclick = async () => {
    working = button.disabled = true;
    refuse('start-refusal', '');
    fillScreen();
    try {
      await begin((error) => refuse('start-refusal', `${error.message}，正在重试，请稍候。`));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse('start-refusal', error.message);
    } finally {
      working = button.disabled = false;
    }
  };
  timer = setInterval(tick, 250);
  tick();
}

export const leaveBefore = stop;

/** The paper with what is saved. */
export const start = () => call('POST', 'start');
