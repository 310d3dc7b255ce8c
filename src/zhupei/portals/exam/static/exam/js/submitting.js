/* 交卷: the summary, the last upload, the one question, and the server's answer. */

import { Refusal, Unreachable, call } from './api.js';
import { $, persist, refuse, write } from './dom.js';

/** The summary dialog. `hall` gives counts, jumps, the saver; `done(result)` hears the end, `refused(error)` a refusal. */
export class Submitting {
  constructor(hall, { done, refused }) {
    Object.assign(this, { hall, done, refused, running: false, canceled: false });
    const { signal } = hall;
    const on = (id, act) => $(id).addEventListener('click', act, { signal });
    on('submit-cancel', () => this.close());
    on('submit-confirm', () => this.run());
    on('to-open', () => this.jump((state) => !state.done));
    on('to-marked', () => this.jump((state) => state.marked));
    $('submit-dialog').addEventListener('close', () => { this.canceled = true; }, { signal });
  }

  open() {
    if ($('submit-dialog').open) return;
    const { done, open, marked } = this.hall.counts;
    write('sum-done', String(done));
    write('sum-open', String(open));
    write('sum-marked', String(marked));
    $('to-open').hidden = !open;
    $('to-marked').hidden = !marked;
    write('submit-words', open ? `还有 ${open} 题没有作答。交卷后不能再修改答案。` : '交卷后不能再修改答案。');
    refuse('submit-refusal', '');
    this.enable(true);
    $('submit-dialog').showModal();
    $('submit-cancel').focus();
  }

  close() { if ($('submit-dialog').open) $('submit-dialog').close(); }

  jump(wanted) {
    this.close();
    this.hall.goFirst(wanted);
  }

  enable(on) {
    this.running = !on;
    $('submit-confirm').disabled = !on;
    for (const id of ['to-open', 'to-marked']) $(id).disabled = !on;
  }

  async run() {
    if (this.running) return;
    this.enable(false);
    this.canceled = false;
    const canceled = () => this.canceled;
    refuse('submit-refusal', '');
    try {
      if (this.hall.saver.dirty.size) write('submit-words', '正在上传答案，传完后自动交卷。');
      if (!await this.hall.saver.drained(canceled)) return;
      write('submit-words', '正在交卷。');
      const result = await persist(() => call('POST', 'submit'), {
        unreachable: Unreachable, canceled,
        onTrouble: (error) => write('submit-words', `${error.message}，正在重试。可以先返回继续答题。`),
      });
      if (result) this.done(result);
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 425) {
      refuse('submit-refusal', error.message);
      write('submit-words', '还没有交卷，请继续答题。');
      this.enable(true);
    } else this.refused(error);
  }
}

/** At the end of the time: asks until the server has the result. Refusals other than "too early" are raised. */
export async function submitAtEnd(onTrouble) {
  for (;;) {
    try {
      return await persist(() => call('POST', 'submit'), { unreachable: Unreachable, onTrouble });
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 425) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1500)); // our clock is a little fast
    }
  }
}
