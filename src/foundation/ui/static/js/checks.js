/* What can be told wrong before sending; each check answers a sentence, or '' when nothing is wrong. The server decides. */

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

export function idNumber(value) {
  const text = value.trim().toUpperCase();
  if (!/^\d{17}[\dX]$/.test(text)) return `身份证号应为 18 位，现在是 ${text.length} 位或含有别的字符。`;
  const [year, month, day] = [text.slice(6, 10), text.slice(10, 12), text.slice(12, 14)].map(Number);
  const born = new Date(Date.UTC(year, month - 1, day));
  if (born.getUTCMonth() !== month - 1 || born.getUTCDate() !== day || born > new Date()) return '身份证号里的出生日期不存在，请核对。';
  const sum = ID_WEIGHTS.reduce((total, weight, index) => total + weight * Number(text[index]), 0);
  return '10X98765432'[sum % 11] === text[17] ? '' : '身份证号最后一位对不上，请逐位核对。';
}

export function uscc(value) {
  const text = value.trim().toUpperCase();
  if (!/^[0-9A-HJ-NPQRTUWXY]{18}$/.test(text)) return `统一社会信用代码应为 18 位数字和大写字母（没有 I、O、S、V、Z），现在是 ${text.length} 位。`;
  const sum = USCC_WEIGHTS.reduce((total, weight, index) => total + weight * USCC_ALPHABET.indexOf(text[index]), 0);
  return USCC_ALPHABET[(31 - (sum % 31)) % 31] === text[17] ? '' : '统一社会信用代码最后一位对不上，请对照营业执照逐位核对。';
}

export function phone(value) {
  return /^1[3-9]\d{9}$/.test(value.replace(/[\s-]/g, '')) ? '' : '手机号应为 11 位，以 1 开头。';
}

const CHECKS = { id_number: idNumber, uscc, phone };

/** The sentence for one control of a form. */
export function check(control) {
  const { validity, dataset } = control;
  const label = dataset.label || '这一项';
  const text = typeof control.value === 'string' ? control.value.trim() : '';
  if (validity.valueMissing || (control.required && !text && control.type !== 'file' && control.type !== 'checkbox')) {
    return control.tagName === 'SELECT' || control.type === 'file' || control.type === 'checkbox' ? `请选择${label}。` : `请填写${label}。`;
  }
  if (!text) return '';
  if (dataset.check && CHECKS[dataset.check]) return CHECKS[dataset.check](text);
  if (validity.tooShort) return `${label}至少 ${control.minLength} 个字符。`;
  if (validity.tooLong) return `${label}最多 ${control.maxLength} 个字符。`;
  if (validity.typeMismatch) return control.type === 'email' ? '邮箱格式不对，例：name@example.com。' : `${label}格式不对。`;
  if (validity.rangeUnderflow) return `${label}不能小于 ${control.min}。`;
  if (validity.rangeOverflow) return `${label}不能大于 ${control.max}。`;
  if (validity.badInput || validity.stepMismatch) return `${label}应填数字或日期。`;
  if (validity.patternMismatch) return control.title || `${label}格式不对。`;
  return '';
}
