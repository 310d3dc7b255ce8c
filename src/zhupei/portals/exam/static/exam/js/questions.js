/* The paper's questions: words for their types, sections for the number grid. */

const TYPES = { single: '单选题', multiple: '多选题', true_false: '判断题' };
const HINTS = { multiple: '请选出全部正确的选项，多选、少选、错选都不得分' };

export const typeWords = (question) => TYPES[question.type] || '选择题';

export const isMultiple = (question) => question.type === 'multiple';

export const hint = (question) => HINTS[question.type] || '';

export const points = (question) => `${question.points} 分`;

/** What the grid groups by: the type, or the case a question belongs to. */
function sectionOf(question) {
  return question.case ? { key: 'case', words: '案例题' } : { key: question.type, words: typeWords(question) };
}

/** [{words, questions: [{question, index}]}] in the order of the paper. */
export function sections(questions) {
  const found = [];
  questions.forEach((question, index) => {
    const { key, words } = sectionOf(question);
    if (found.at(-1)?.key !== key) found.push({ key, words, questions: [] });
    found.at(-1).questions.push({ question, index });
  });
  return found;
}

/** "60 题，每题 1 分", without the points where they differ. */
export function sectionNote({ questions }) {
  const worth = new Set(questions.map(({ question }) => question.points));
  const each = worth.size === 1 ? `，每题 ${[...worth][0]} 分` : '';
  return `${questions.length} 题${each}`;
}

/** The letter of a key stroke: A–F and 1–6; empty for anything else. */
export function letterOf(key) {
  if (/^[a-f]$/i.test(key)) return key.toUpperCase();
  return /^[1-6]$/.test(key) ? 'ABCDEF'[Number(key) - 1] : '';
}
