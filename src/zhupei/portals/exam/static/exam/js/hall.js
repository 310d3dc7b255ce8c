/* Answering: holds the paper, the answers and where one is; everything on the screen follows from it. */

import { fillScreen } from './before.js';
import { clockTime, now } from './clock.js';
import { $, say, write } from './dom.js';
import { Grid } from './grid.js';
import { listen } from './keys.js';
import { Presence } from './presence.js';
import { drawQuestion, showChosen } from './question.js';
import { isMultiple } from './questions.js';
import { Saver } from './saver.js';
import { Clock, showSaved, showTrouble, toast } from './status.js';
import { Submitting } from './submitting.js';

const TICK_MS = 250;
const LOCK_MS = 800; // before the end: the last choice still has to reach the server

export class Hall {
  /** `paper`: the answer of start; `kept`: this machine's record; `ends`: {done(result), timeUp(), refused(error)}. */
  constructor(entry, paper, kept, ends) {
    this.ends = ends;
    this.stopper = new AbortController();
    this.signal = this.stopper.signal;
    this.questions = paper.questions;
    this.submitFrom = Date.parse(paper.submit_from);
    this.saver = new Saver(paper.attempt, paper.version, { ...paper.answers }, kept);
    this.index = Math.min(this.saver.position, this.questions.length - 1);
    this.grid = new Grid(this.questions, (index) => this.show(index));
    this.presence = new Presence();
    this.clock = new Clock(Date.parse(paper.ends_at));
    this.submitting = new Submitting(this, { done: (result) => this.end(() => ends.done(result)), refused: (error) => this.refused(error) });
    this.who(entry);
    this.wire();
    this.show(this.index);
    this.tick();
    this.changed();
  }

  who({ name, ticket, seat, title }) {
    write('bar-title', title || '理论考试');
    write('bar-name', name || '');
    write('bar-ticket', ticket ? `准考证 ${ticket}` : '');
    write('bar-seat', seat ? `座位 ${seat}` : '');
  }

  wire() {
    const { signal, saver, presence } = this;
    const on = (id, act) => $(id).addEventListener('click', act, { signal });
    on('previous', () => this.go(-1));
    on('next', () => this.go(1));
    on('mark', () => this.mark());
    on('clear', () => this.clear());
    on('submit-button', () => this.submit());
    on('help-button', () => $('help-dialog').showModal());
    on('help-close', () => $('help-dialog').close());
    on('sheet-button', () => this.sheet(!$('sheet').classList.contains('is-open')));
    on('sheet-close', () => this.sheet(false));
    on('full-screen-button', fillScreen);
    listen({
      go: (step) => this.go(step), choose: (letter) => this.stroke(letter), mark: () => this.mark(),
      clear: () => this.clear(), submit: () => this.submit(), help: () => $('help-dialog').showModal(),
    }, signal);
    for (const name of ['copy', 'cut', 'paste', 'contextmenu', 'dragstart', 'selectstart']) {
      $('screen-paper').addEventListener(name, (event) => event.preventDefault(), { signal });
    }
    addEventListener('beforeunload', (event) => event.preventDefault(), { signal });
    this.wireLink(saver, presence);
    this.timer = setInterval(() => this.tick(), TICK_MS);
    presence.start();
  }

  /** What the connection says: saved, lost, found again, refused. */
  wireLink(saver, presence) {
    const { signal } = this;
    const lost = (event) => { if (event.detail) presence.lost(); this.changed(event.detail); };
    const reached = () => { presence.reached(); this.down = undefined; this.changed(); };
    saver.addEventListener('change', () => this.changed(), { signal });
    saver.addEventListener('reached', reached, { signal });
    saver.addEventListener('lost', lost, { signal });
    saver.addEventListener('refused', (event) => this.refused(event.detail), { signal });
    presence.addEventListener('lost', lost, { signal });
    presence.addEventListener('refused', (event) => this.refused(event.detail), { signal });
    presence.addEventListener('fullscreen', (event) => { $('window-banner').hidden = event.detail; }, { signal });
    presence.addEventListener('answer', (event) => {
      reached();
      saver.hurry();
      this.news(event.detail);
    }, { signal });
    addEventListener('offline', () => lost({ detail: true }), { signal });
    addEventListener('online', () => { saver.hurry(); }, { signal });
  }

  /** An extension, or another time from which one may submit. */
  news({ ends_at: endsAt, submit_from: submitFrom }) {
    if (endsAt) this.clock.setEnd(Date.parse(endsAt));
    if (submitFrom) this.submitFrom = Date.parse(submitFrom);
    this.tick();
  }

  changed(down) {
    if (down !== undefined) this.down = down;
    showSaved(this.saver);
    const { trouble } = this.saver;
    showTrouble(trouble || (this.down === undefined ? null : { offline: this.down }));
  }

  stateOf(index) {
    const { id } = this.questions[index];
    return { done: !!this.saver.answers[id]?.length, marked: this.saver.marks.has(id) };
  }

  get question() { return this.questions[this.index]; }

  get chosen() { return this.saver.answers[this.question.id] || []; }

  show(index) {
    const inside = $('ask').contains(document.activeElement) || $('numbers').contains(document.activeElement);
    this.index = index;
    drawQuestion(this.question, index, this.questions.length, this.chosen, (key, on) => this.choose(key, on));
    $('previous').disabled = index === 0;
    $('next').disabled = index === this.questions.length - 1;
    this.sheet(false);
    this.draw();
    if (inside || document.activeElement === document.body) $('question-head').focus({ preventScroll: true });
    else say(`第 ${index + 1} 题`);
    scrollTo(0, 0);
    this.saver.position = index;
    this.saver.keep();
  }

  draw() {
    this.counts = this.grid.draw(this.index, (index) => this.stateOf(index));
    const { done, marked } = this.stateOf(this.index);
    $('mark').setAttribute('aria-pressed', String(marked));
    write('mark-words', marked ? '取消待查' : '标记待查');
    $('clear').disabled = !done;
  }

  go(step) {
    const index = this.index + step;
    if (index >= 0 && index < this.questions.length) this.show(index);
    else say(step > 0 ? '已经是最后一题' : '已经是第一题');
  }

  goFirst(wanted) {
    const index = this.questions.findIndex((_, number) => wanted(this.stateOf(number)));
    if (index < 0) return;
    this.show(index);
    $('question-head').focus();
  }

  /** A letter of the keyboard: chooses, or takes back in a multiple choice. */
  stroke(letter) {
    if (!this.question.options.some(({ key }) => key === letter)) return;
    const on = !this.chosen.includes(letter);
    if (!on && !isMultiple(this.question)) return;
    this.choose(letter, on);
    showChosen(this.chosen);
    say(`${on ? '已选' : '已取消'} ${letter}`);
  }

  choose(letter, on) {
    if (this.locked) { showChosen(this.chosen); return; }
    const rest = isMultiple(this.question) ? this.chosen.filter((other) => other !== letter) : [];
    this.saver.set(this.question.id, on ? [...rest, letter].sort() : rest);
    this.draw();
  }

  clear() {
    if (this.locked || !this.chosen.length) return;
    const back = document.activeElement === $('clear');
    this.saver.set(this.question.id, []);
    showChosen([]);
    this.draw();
    if (back) $('question-head').focus();
    say('已清除本题答案');
  }

  mark() {
    const { id } = this.question;
    const { marks } = this.saver;
    if (!marks.delete(id)) marks.add(id);
    this.saver.keep();
    this.draw();
    say(marks.has(id) ? '已标记待查' : '已取消待查');
  }

  /** The number grid of a narrow window, opened over the question. */
  sheet(open) {
    $('sheet').classList.toggle('is-open', open);
    $('sheet-button').setAttribute('aria-expanded', String(open));
    if (open) this.grid.buttons[this.index].focus();
  }

  get maySubmit() { return now() >= this.submitFrom; }

  submit() {
    if (this.locked) return;
    if (this.maySubmit) this.submitting.open();
    else toast(`${clockTime(this.submitFrom)} 后才可以交卷，请继续答题`);
  }

  tick() {
    const over = this.clock.draw();
    const from = clockTime(this.submitFrom);
    $('submit-button').disabled = !this.maySubmit;
    write('submit-button', this.maySubmit ? '交卷' : `${from} 后可以交卷`);
    write('sheet-foot', `${this.maySubmit ? '' : `${from} 后可以交卷，`}${clockTime(this.clock.endsAt)} 自动交卷。断网时答案存在本机，恢复后自动上传。`);
    this.locked = this.clock.endsAt - now() <= LOCK_MS;
    if (this.locked) this.saver.flush();
    if (over) this.end(() => this.ends.timeUp());
  }

  refused(error) { this.end(() => this.ends.refused(error)); }

  /** Stops everything that runs, then hands on; once. */
  end(next) {
    if (this.ended) return;
    this.ended = true;
    this.stopper.abort();
    clearInterval(this.timer);
    this.presence.stop();
    this.saver.stop();
    for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
    next();
  }
}
