/* Draws one question: its words, pictures and options as large choices. */

import { $, icon, make } from './dom.js';
import { hint, isMultiple, points, typeWords } from './questions.js';
import { enlarge } from './zoom.js';

function picture(source, words) {
  const button = make('button', { class: 'exam-picture', type: 'button', 'aria-label': `放大${words}` },
    make('img', { src: source, alt: words }), make('span', { class: 'exam-picture-hint' }, icon('zoom'), '点击放大'));
  button.addEventListener('click', () => enlarge(source, words));
  return button;
}

function head(question, index, total) {
  const parts = [make('span', {}, `第 ${index + 1} 题`, make('span', { class: 'quiet' }, ` / ${total}`)),
    make('span', { class: isMultiple(question) ? 'exam-type multiple' : 'exam-type' }, typeWords(question)),
    make('span', { class: 'quiet' }, points(question))];
  $('question-head').replaceChildren(...parts);
}

function drawCase(story) {
  const section = $('case');
  $('question-body').classList.toggle('has-case', !!story);
  section.hidden = !story;
  if (!story) {
    section.dataset.number = '';
    return;
  }
  const words = `案例 ${story.number}　第 ${story.part} / ${story.parts} 小题`;
  if (section.dataset.number === String(story.number)) {
    section.querySelector('h3').textContent = words;
    return;
  }
  section.dataset.number = story.number;
  section.replaceChildren(make('h3', {}, words), make('p', { class: 'exam-story' }, story.stem),
    story.picture ? picture(story.picture, '案例图片') : '');
  section.scrollTop = 0;
}

function option(question, { key, text }, chosen, onChoose) {
  const input = make('input', {
    type: isMultiple(question) ? 'checkbox' : 'radio', name: 'choice', value: key, checked: chosen.includes(key),
  });
  input.addEventListener('change', () => onChoose(key, input.checked));
  return make('label', { class: 'exam-option' }, input, make('b', {}, key), make('span', {}, text));
}

/** Puts the question on the page; `onChoose(letter, on)` hears of every choice. */
export function drawQuestion(question, index, total, chosen, onChoose) {
  head(question, index, total);
  drawCase(question.case);
  const fieldset = make('fieldset', { class: isMultiple(question) ? 'exam-options many' : 'exam-options' },
    make('legend', { class: 'exam-stem' }, question.stem));
  if (question.picture) fieldset.append(picture(question.picture, '题目图片'));
  const note = hint(question);
  if (note) fieldset.append(make('p', { class: 'exam-hint' }, note));
  fieldset.append(...question.options.map((choice) => option(question, choice, chosen, onChoose)));
  $('ask').replaceChildren(fieldset);
}

/** Shows what is chosen now in the options that are on the page. */
export function showChosen(chosen) {
  for (const input of $('ask').querySelectorAll('input')) input.checked = chosen.includes(input.value);
}
