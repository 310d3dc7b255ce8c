/* The bar's truth: clock, saved mark, banners. */

import { clockSeconds, clockTime, now, remaining } from './clock.js';
import { $, say, write } from './dom.js';

const TOAST_MS = 8000;
const WARNINGS = [[15, 'soon'], [5, 'last']];
const ICONS = { saved: '#i-cloud', saving: '#i-wait', unsent: '#i-cloud-off' };

let toastTimer = 0;

/** One line under the bar for a while, and for screen readers at once. */
export function toast(words) {
  write('toast-words', words);
  $('toast').hidden = false;
  say(words, true);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $('toast').hidden = true; }, TOAST_MS);
}

/** 已保存 only after the server has confirmed everything. */
export function showSaved({ state, savedAt, dirty }) {
  const words = {
    saved: savedAt ? `已保存 ${clockSeconds(savedAt)}` : '答案自动保存',
    saving: '正在保存',
    unsent: `未上传 ${dirty.size} 题`,
  }[state];
  $('saved').dataset.kind = state;
  $('saved-icon').setAttribute('href', ICONS[state]);
  write('saved-words', words);
}

/** Why answers can't be uploaded; nothing hides the banner. */
export function showTrouble(trouble) {
  const banner = $('offline-banner');
  if (!trouble) {
    banner.hidden = true;
    return;
  }
  const kept = '答案保存在本机，恢复后自动上传，请继续答题';
  const words = trouble.offline === true ? `网络已断开，${kept}`
    : trouble.offline === false ? `服务器暂时没有响应，${kept}`
      : `答案没有上传：${trouble.message}`;
  write('offline-words', words);
  banner.hidden = false;
}

/** Draws the clock and gives the warnings; true once the time is over. */
export class Clock {
  constructor(endsAt) {
    this.warned = new Set();
    this.setEnd(endsAt);
  }

  /** Takes another end; an extension is told. */
  setEnd(endsAt) {
    if (this.endsAt && endsAt > this.endsAt) {
      toast(`考试时间已延长，${clockTime(endsAt)} 结束`);
    }
    this.endsAt = endsAt;
    for (const [minutes] of WARNINGS) {
      if (this.minutes > minutes) this.warned.delete(minutes);
      else if (this.shown === undefined) this.warned.add(minutes);
    }
  }

  get minutes() { return (this.endsAt - now()) / 60_000; }

  draw() {
    this.shown = remaining(this.endsAt);
    write('clock-time', this.shown);
    const { minutes } = this;
    const level = WARNINGS.filter(([limit]) => minutes <= limit).at(-1)?.[1] || '';
    if ($('clock').dataset.level !== level) $('clock').dataset.level = level;
    for (const [limit] of WARNINGS) {
      if (minutes <= limit && !this.warned.has(limit)) {
        this.warned.add(limit);
        toast(`距离考试结束还有 ${limit} 分钟`);
      }
    }
    return minutes <= 0;
  }
}
