/* The exam page: which screen comes when. Sign-in → admission → rules → paper → result. */

import { Refusal, Unreachable, call, session } from './api.js';
import { showMessage, showResult, showSending } from './after.js';
import { leaveBefore, showRules, start, waitForAdmission } from './before.js';
import { $, pause, persist, showScreen, write } from './dom.js';
import { Hall } from './hall.js';
import { askToSignIn, initSignIn } from './sign-in.js';
import { forget, forgetOld, load } from './store.js';
import { submitAtEnd } from './submitting.js';
import { initTextSize } from './text-size.js';

const DONE = 'zhupei-exam-done'; // this tab showed the result of this attempt
const SPREAD_MS = 3000; // a full hall does not submit in one moment
const OVER = new Set(['submitted', 'auto_submitted', 'over']);

const tab = Math.random().toString(36).slice(2);
const others = 'BroadcastChannel' in window ? new BroadcastChannel('zhupei-exam') : null;

let entry = null;
let hall = null;
let signedInAnew = false;

function leaveFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
}

/** The store is emptied before the score is shown: nothing of a person stays at the machine. */
async function finished(result) {
  const attempt = hall?.saver.attempt || entry?.attempt;
  hall = null;
  if (attempt) await forget(attempt);
  try { sessionStorage.setItem(DONE, entry?.ticket ? '1' : ''); } catch { /* keeps nothing */ }
  leaveFullScreen();
  showResult(result, entry, leave);
}

function leave() {
  entry = null;
  try { sessionStorage.removeItem(DONE); } catch { /* keeps nothing */ }
  askToSignIn();
}

/** The time is over, or the server says so: the result is asked for until it is there. */
async function timeUp(title = '考试时间到，正在自动交卷') {
  leaveBefore();
  showSending(title, '请稍候，不要关闭本页。');
  await pause(Math.random() * SPREAD_MS);
  try {
    await finished(await submitAtEnd((error) => showSending(title, `${error.message}，正在重试，请勿关闭本页。`)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused(error);
  }
}

function signInAgain() {
  hall = null;
  askToSignIn('请重新签到，继续考试。已经保存的答案都在。');
}

/** A refusal while answering or before: over, another machine, sign in again, or the invigilator's word. */
function refused(error) {
  leaveFullScreen();
  const kind = `${error.status}`;
  if (error.code === 'voided' && entry?.attempt) forget(entry.attempt);
  if (kind === '409') timeUp('考试已经结束，正在查询结果');
  else if (error.code === 'moved') {
    showMessage('您的考试已在另一台机器上打开', '请到那台机器上继续答题。如果不是您本人换的机器，请立即举手告知监考员。',
      '在本机重新签到', signInAgain);
  } else if (kind === '401') signInAgain();
  else if (error.code === 'not_admitted') waitForAdmission(entry, admitted);
  else showMessage('考试不能继续', error.message, '返回签到页', () => askToSignIn());
}

function admitted({ entry: found, refusal }) {
  if (refusal) refused(refusal);
  else if (found) proceed(found);
  else askToSignIn('请重新签到。如果监考员没有放行，请举手说明情况。');
}

/** What this machine could not upload, with the version it is based on.

    After a new sign-in another machine may have gone on in between (the server's version is higher than the last one
    heard here): then our changes are sent as old as they are, so that they lose against whatever came after. */
function waitingOf(paper, kept) {
  const known = new Set(paper.questions.map(({ id }) => id));
  const overtaken = signedInAnew && paper.version > kept.confirmed;
  const mine = ([id]) => known.has(id) && !(overtaken && !kept.confirmed && id in paper.answers);
  const answers = Object.fromEntries(Object.entries(kept.waiting).filter(mine));
  return { version: overtaken ? Math.max(0, kept.confirmed - 1) : kept.version, answers };
}

/** Uploads what was kept before a reload or a new sign-in; the paper as it is then. */
async function uploadKept(paper, kept, onTrouble) {
  const change = kept ? waitingOf(paper, kept) : { answers: {} };
  if (!Object.keys(change.answers).length) return paper;
  await persist(() => call('PUT', 'answers', change), { unreachable: Unreachable, onTrouble });
  return persist(start, { unreachable: Unreachable, onTrouble });
}

async function openPaper(onTrouble) {
  let paper = await persist(start, { unreachable: Unreachable, onTrouble });
  const kept = await load(paper.attempt);
  try {
    paper = await uploadKept(paper, kept, onTrouble);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 422) throw error;
  }
  leaveBefore();
  others?.postMessage({ tab, attempt: paper.attempt });
  showScreen('paper');
  hall?.end(() => {});
  hall = new Hall({ ...entry, ...paper, title: paper.title || titleOf(entry) }, paper, kept, { done: finished, timeUp, refused });
}

const titleOf = (found) => found?.title || (found?.occupation ? `${found.occupation} 理论考试` : found?.plan);

/** Goes on where this entry is. */
async function proceed(found) {
  entry = { ...found, title: titleOf(found) };
  if (OVER.has(found.state) && found.face_check === 'required') {
    showMessage('考试时间已到', '您的答案已经自动交卷。要看成绩，请过一分钟重新签到。', '返回签到页', () => askToSignIn());
  } else if (OVER.has(found.state)) {
    await finished(await submitAtEnd(trouble));
  } else if (found.face_check === 'required') waitForAdmission(entry, admitted);
  else if (found.state === 'in_progress') {
    write('loading-words', '正在打开试卷');
    $('loading-help').hidden = true;
    showScreen('loading');
    await openPaper(trouble);
  } else {
    showRules(entry, async (onTrouble) => {
      try {
        await openPaper(onTrouble);
      } catch (error) {
        if (!(error instanceof Refusal) || [425, 422].includes(error.status)) throw error;
        refused(error);
      }
    });
  }
}

function trouble(error) {
  write('loading-words', `${error.message}，正在重新连接`);
  $('loading-help').hidden = false;
}

async function goOn(found) {
  try {
    await proceed(found);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused(error);
  }
}

async function boot() {
  initTextSize();
  initSignIn((found) => { signedInAnew = true; return goOn(found); });
  forgetOld();
  let known;
  try {
    known = await persist(session, { unreachable: Unreachable, onTrouble: trouble });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    askToSignIn();
    return;
  }
  const found = known.entry;
  const seen = sessionStorage.getItem(DONE);
  if (!found || found.state === 'voided' || (OVER.has(found.state) && !seen)) askToSignIn();
  else await goOn(found);
}

others?.addEventListener('message', ({ data }) => {
  if (!hall || data.tab === tab || data.attempt !== hall.saver.attempt) return;
  hall.end(() => {});
  hall = null;
  showMessage('考试已在本机的另一个窗口打开', '请在那个窗口继续答题，本窗口可以关闭。', '改在本窗口继续', () => location.reload());
});

if (CSS.supports('color', 'color-mix(in srgb, red, blue)')) boot();
