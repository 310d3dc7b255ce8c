/* What every page does: Ctrl K, focus on an error summary, numbers that hide again, tokens for htmx. */

import { csrfToken } from './shared.js';

const HIDE_AFTER_MS = 30_000;

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    const search = document.querySelector('[data-shortcut="k"]');
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
});

document.addEventListener('htmx:configRequest', (event) => {
  if (event.detail.verb !== 'get') event.detail.headers['X-CSRFToken'] = csrfToken();
});

function notify(sentence) {
  const main = document.getElementById('main');
  if (!main) return;
  document.getElementById('page-error')?.remove();
  const alert = document.createElement('div');
  alert.id = 'page-error';
  alert.className = 'alert alert-bad';
  alert.setAttribute('role', 'alert');
  alert.textContent = sentence;
  const title = main.querySelector(':scope > .title');
  if (title) title.after(alert); else main.prepend(alert);
  alert.scrollIntoView({ block: 'nearest' });
}

document.addEventListener('htmx:sendError', () => notify('网络不通，请检查网络后再试。'));
document.addEventListener('htmx:responseError', (event) => {
  const { status } = event.detail.xhr;
  notify(status === 403 ? '登录已过期或没有权限，请刷新页面后重新登录。'
    : status === 404 ? '内容已不存在，请刷新页面。' : '没有成功，请稍后再试；仍不行请联系客服。');
});

document.addEventListener('htmx:afterSwap', (event) => {
  const masked = event.target.closest?.('.masked');
  if (!masked) return;
  const button = masked.querySelector('.eye');
  button.hidden = true;
  setTimeout(() => {
    masked.querySelector('.masked-text').textContent = masked.dataset.masked;
    button.hidden = false;
  }, HIDE_AFTER_MS);
});

document.addEventListener('htmx:load', (event) => {
  if (event.target.matches?.('[data-reload-page]')) location.reload();
});

document.querySelector('[data-focus]')?.focus();

document.querySelectorAll('[data-back]').forEach((button) => {
  button.hidden = history.length < 2;
  button.addEventListener('click', () => history.back());
});
