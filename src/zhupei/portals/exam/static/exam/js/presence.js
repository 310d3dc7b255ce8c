/* Tells the server that this machine is there, and when the examinee left the window (EXM-06). */

import { Refusal, Unreachable, call } from './api.js';
import { isoNow } from './clock.js';

const BEAT_MS = 20_000;
const SOON_MS = 400;
const GLANCE_MS = 250; // what takes the focus for a moment is not leaving

export class Presence extends EventTarget {
  constructor() {
    super();
    this.events = [];
    this.away = false;
    this.offline = false;
    this.busy = false;
    this.wasFull = false;
  }

  start() {
    const { signal } = this.stopper = new AbortController();
    document.addEventListener('visibilitychange', () => this.look(), { signal });
    document.addEventListener('fullscreenchange', () => this.fullScreen(), { signal });
    for (const name of ['blur', 'focus']) addEventListener(name, () => this.look(), { signal });
    addEventListener('online', () => this.beat(), { signal });
    this.wasFull = !!document.fullscreenElement;
    this.soon(BEAT_MS * (0.25 + Math.random() / 2)); // a hall that starts in one moment reports spread out
  }

  stop() {
    this.stopper?.abort();
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.looking);
  }

  look() {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => {
      const away = document.hidden || !document.hasFocus();
      if (away === this.away) return;
      this.away = away;
      this.note(away ? 'left' : 'returned', away && document.hidden ? '切换了页面或最小化' : '');
    }, GLANCE_MS);
  }

  fullScreen() {
    const full = !!document.fullscreenElement;
    if (full === this.wasFull) return;
    this.wasFull = full;
    this.note(full ? 'returned' : 'left', full ? '回到全屏' : '退出全屏');
    this.dispatchEvent(new CustomEvent('fullscreen', { detail: full }));
  }

  /** The network is gone; told to the server once it is back. */
  lost() {
    if (this.offline) return;
    this.offline = true;
    this.events.push({ kind: 'offline', at: isoNow(), detail: '' });
  }

  reached() {
    if (!this.offline) return;
    this.offline = false;
    this.note('online');
  }

  note(kind, detail = '') {
    this.events.push({ kind, at: isoNow(), detail });
    this.soon(SOON_MS);
  }

  soon(delay) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.beat(), delay);
  }

  async beat() {
    if (this.busy || this.stopped) return;
    this.busy = true;
    const told = this.events.slice(0, 50);
    try {
      const answer = await call('POST', 'presence', { events: told }, { keepalive: true });
      this.events = this.events.slice(told.length);
      this.dispatchEvent(new CustomEvent('answer', { detail: answer }));
    } catch (error) {
      if (error instanceof Unreachable) this.dispatchEvent(new CustomEvent('lost', { detail: error.offline }));
      else if (error instanceof Refusal && [401, 403, 409].includes(error.status)) {
        this.dispatchEvent(new CustomEvent('refused', { detail: error }));
      } else this.events = this.events.slice(told.length);
    } finally {
      this.busy = false;
    }
    const more = this.events.some((event) => !told.includes(event));
    this.soon(more ? SOON_MS : BEAT_MS);
  }
}
