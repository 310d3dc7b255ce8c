/* The result, and the sentences that end the work at this machine. */

import { $, showScreen, write } from './dom.js';

const LEAVE_S = 120;

/** Score, verdict, and after a while (or the button) the page for the next examinee by `leave()`. */
export function showResult(result, entry, leave) {
  $('result').dataset.passed = String(!!result.passed);
  write('result-who', [entry?.title, [entry?.name, entry?.ticket && `准考证 ${entry.ticket}`].filter(Boolean).join('　')].filter(Boolean).join('\n'));
  write('result-score', String(Number(result.score)));
  const practical = result.has_practical ?? entry?.has_practical;
  const subject = practical ? '理论考试' : '';
  write('result-verdict', `${subject}${result.passed ? '合格' : '不合格'}`);
  $('result-practical').hidden = !practical;
  showScreen('result');
  $('result-title').focus();
  let left = LEAVE_S;
  const tick = () => {
    write('result-leave', `${left} 秒后自动返回签到页`);
    left -= 1;
    if (left < 0) go();
  };
  const timer = setInterval(tick, 1000);
  const go = () => { clearInterval(timer); leave(); };
  $('leave-button').onclick = go;
  tick();
}

/** A sentence with one way out. */
export function showMessage(title, words, label, act) {
  write('message-title', title);
  write('message-words', words);
  write('message-button', label);
  $('message-button').onclick = act;
  showScreen('message');
  $('message-title').focus();
}

export function showSending(title, words) {
  write('sending-title', title);
  write('sending-words', words);
  showScreen('sending');
}
