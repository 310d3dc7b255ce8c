/* Takes every change to the machine's store at once and to the server soon: one request at a time, until it is confirmed.

   A change is sent with the version it is based on; the server lets the higher one win and an equal one overwrite. So
   a second value for a question whose first may still be under way is based on one version more. */

import { Refusal, Unreachable, call } from './api.js';
import { save } from './store.js';

const QUIET_MS = 200;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;

export class Saver extends EventTarget {
  constructor(attempt, version, answers, kept) {
    super();
    this.attempt = attempt;
    this.version = version; // what the next change is based on
    this.confirmedVersion = version; // the last one heard from the server
    this.answers = answers;
    this.marks = new Set(kept?.marks || []);
    this.position = kept?.position || 0;
    this.dirty = new Set();
    this.sent = null;
    this.busy = false;
    this.failures = 0;
    this.trouble = null;
    this.savedAt = null;
    this.stopped = false;
    this.timer = 0;
    addEventListener('online', this.hurry);
  }

  hurry = () => { if (this.failures) this.soon(0); };

  /** Everything that is confirmed or waits, in the machine's store. */
  keep() {
    if (this.stopped) return null;
    const waiting = Object.fromEntries([...this.dirty].map((id) => [id, this.answers[id] || []]));
    const { attempt, version, confirmedVersion: confirmed, position } = this;
    return save({ attempt, version, confirmed, position, waiting, marks: [...this.marks] });
  }

  set(id, letters) {
    const before = this.sent?.answers[id];
    if (before && before.join() !== letters.join()) this.version = Math.max(this.version, this.sent.version + 1);
    this.answers[id] = letters;
    this.dirty.add(id);
    this.keep();
    this.tell();
    if (!this.failures && !this.timer) this.soon(QUIET_MS);
  }

  soon(delay) {
    clearTimeout(this.timer);
    this.timer = this.stopped ? 0 : setTimeout(() => this.send(), delay);
  }

  async send() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.busy || this.stopped || !this.dirty.size) return;
    this.busy = true;
    const answers = Object.fromEntries([...this.dirty].map((id) => [id, this.answers[id] || []]));
    this.sent = { version: this.version, answers };
    try {
      this.confirmed(await call('PUT', 'answers', this.sent), answers);
    } catch (error) {
      this.failed(error);
    } finally {
      this.busy = false;
    }
    this.tell();
    if (this.dirty.size) this.soon(this.failures ? this.delay() : 0);
  }

  confirmed(answer, answers) {
    for (const [id, letters] of Object.entries(answers)) {
      if ((this.answers[id] || []).join() === letters.join()) this.dirty.delete(id);
    }
    this.sent = null;
    this.version = Math.max(this.version, answer.version);
    this.confirmedVersion = answer.version;
    this.savedAt = Date.parse(answer.saved_at);
    this.failures = 0;
    this.trouble = null;
    this.keep();
    this.dispatchEvent(new Event('reached'));
  }

  failed(error) {
    this.failures += 1;
    this.trouble = error;
    if (error instanceof Unreachable) this.dispatchEvent(new CustomEvent('lost', { detail: error.offline }));
    else if (error instanceof Refusal && [401, 403, 409].includes(error.status)) {
      this.stop();
      this.dispatchEvent(new CustomEvent('refused', { detail: error }));
    } else if (!(error instanceof Refusal)) throw error;
  }

  delay() {
    const wait = Math.min(FIRST_RETRY_MS * 2 ** (this.failures - 1), LAST_RETRY_MS);
    return wait * (0.75 + Math.random() / 2);
  }

  tell() { this.dispatchEvent(new Event('change')); }

  /** saved, saving or unsent, and how many wait. */
  get state() {
    if (!this.dirty.size) return 'saved';
    return this.failures ? 'unsent' : 'saving';
  }

  /** Sends what waits without the usual quiet. */
  flush() {
    if (this.dirty.size) this.soon(0);
  }

  /** Resolves when nothing waits any more (true), or the saver was stopped or `canceled` (false). */
  async drained(canceled = () => false) {
    this.flush();
    while (this.dirty.size && !this.stopped && !canceled()) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.addEventListener('change', () => { clearTimeout(timer); resolve(); }, { once: true });
      });
    }
    return !this.dirty.size;
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    removeEventListener('online', this.hurry);
  }
}
