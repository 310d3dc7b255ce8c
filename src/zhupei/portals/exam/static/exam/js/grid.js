/* The number grid (答题卡): where one is, what is answered, flagged, open. */

import { $, make, write } from './dom.js';
import { sectionNote, sections } from './questions.js';

export class Grid {
  constructor(questions, onGo) {
    this.buttons = questions.map((question, index) => {
      const button = make('button', { type: 'button', class: 'exam-number' }, String(index + 1));
      button.addEventListener('click', () => onGo(index));
      return button;
    });
    const blocks = sections(questions).map((section, number) => {
      const name = `section-${number}`;
      return make('section', { 'aria-labelledby': name },
        make('h3', { id: name }, section.words, make('small', {}, sectionNote(section))),
        make('div', { class: 'exam-number-row' }, ...section.questions.map(({ index }) => this.buttons[index])));
    });
    $('numbers').replaceChildren(...blocks);
  }

  /** Draws the whole state; `stateOf(index)` = {done, marked}. */
  draw(current, stateOf) {
    const counts = { done: 0, marked: 0, open: 0 };
    this.buttons.forEach((button, index) => {
      const { done, marked } = stateOf(index);
      counts[done ? 'done' : 'open'] += 1;
      if (marked) counts.marked += 1;
      const words = [`第 ${index + 1} 题`, done ? '已答' : '未答', ...(marked ? ['待查'] : [])].join('，');
      if (button.getAttribute('aria-label') !== words) button.setAttribute('aria-label', words);
      button.classList.toggle('is-done', done);
      button.classList.toggle('is-marked', marked);
      if (index === current) button.setAttribute('aria-current', 'true'); else button.removeAttribute('aria-current');
    });
    for (const [name, count] of Object.entries(counts)) write(`count-${name}`, String(count));
    return counts;
  }
}
