/* <zp-upload>: drag, paste, choose or photograph a file; sends it with progress; shows, replaces and removes it. */

import { ask, csrfToken } from './shared.js';

const IMAGE = /^image\//;

function megabytes(bytes) {
  return bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

/** Whether a file is of a kind listed in an `accept` attribute. */
function fits(file, accept) {
  const kinds = accept.split(',').map((kind) => kind.trim().toLowerCase()).filter(Boolean);
  const name = file.name.toLowerCase();
  return !kinds.length || kinds.some((kind) => (kind.startsWith('.') ? name.endsWith(kind)
    : kind.endsWith('/*') ? file.type.startsWith(kind.slice(0, -1)) : file.type === kind));
}

function kindsInWords(accept) {
  return [...new Set(accept.split(',').map((kind) => kind.trim().replace(/^.*[./]/, '').toUpperCase().replace('JPEG', 'JPG')))].join('、');
}

/** POSTs a file; resolves to the server's answer, or to a refusal in words. */
function send(url, form, onProgress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('X-CSRFToken', csrfToken());
    request.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
    request.setRequestHeader('Accept', 'application/json');
    request.upload.addEventListener('progress', (event) => { if (event.lengthComputable) onProgress(Math.round((event.loaded / event.total) * 100)); });
    request.addEventListener('error', () => resolve({ ok: false, message: '网络中断，没有传完，请再传一次。' }));
    request.addEventListener('load', () => {
      try {
        const answer = JSON.parse(request.responseText);
        if (typeof answer.ok === 'boolean') { resolve(answer); return; }
      } catch { /* not the JSON expected: said below */ }
      const words = { 403: '登录已过期，请刷新页面后重新登录。', 413: '文件太大，请缩小后再传。' };
      resolve({ ok: false, message: words[request.status] || '没有传成功，请稍后再试。' });
    });
    request.send(form);
  });
}

class Upload extends HTMLElement {
  connectedCallback() {
    if (this.ready) return;
    this.ready = true;
    this.drop = this.querySelector('.drop');
    this.input = this.querySelector('input[type=file]');
    this.hidden_ = this.querySelector('input[type=hidden]');
    this.bar = this.querySelector(':scope > progress');
    this.message = this.querySelector('.upload-message');
    this.waiting = 0;
    if ('readonly' in this.dataset) return;
    const chosen = () => { this.take([...this.input.files]); this.input.value = ''; };
    this.input.addEventListener('change', chosen);
    this.querySelector('.upload-replace').addEventListener('click', () => this.input.click());
    this.querySelector('.upload-delete')?.addEventListener('click', () => this.remove_());
    for (const name of ['dragenter', 'dragover']) this.addEventListener(name, (event) => this.over(event, true));
    this.addEventListener('dragleave', (event) => this.over(event, false));
    this.addEventListener('drop', (event) => this.onDrop(event));
    if (this.input.files.length) chosen(); /* chosen before this module had run */
  }

  over(event, on) {
    if (![...(event.dataTransfer?.types || [])].includes('Files')) return;
    event.preventDefault();
    this.classList.toggle('is-over', on);
  }

  onDrop(event) {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.classList.remove('is-over');
    const files = [...event.dataTransfer.files];
    const group = this.closest('[data-upload-group]');
    if (files.length > 1 && group && !('multiple' in this.dataset)) spread(group, files); else this.take(files);
  }

  /** Whether this slot is meant for a file of that name. */
  wants(file) {
    return this.dataset.match.split(',').some((word) => word.trim() && file.name.toLowerCase().includes(word.trim().toLowerCase()));
  }

  /** Sends what was chosen; reloads the page afterwards when it was asked to and everything was accepted. */
  async take(files) {
    this.waiting += 1;
    const kept = [];
    for (const file of 'multiple' in this.dataset ? files : files.slice(0, 1)) {
      const cropped = await this.cropped(file);
      if (cropped) kept.push(await this.sendOne(cropped, 'multiple' in this.dataset ? this.line(file) : null));
    }
    this.waiting -= 1;
    const busy = [...document.querySelectorAll('zp-upload')].some((other) => other.waiting > 0);
    if ('reload' in this.dataset && kept.length && kept.every(Boolean) && !busy) location.reload();
  }

  async cropped(file) {
    if (this.dataset.portrait === undefined || !IMAGE.test(file.type)) return file;
    const { cropPortrait } = await import('./portrait.js');
    return cropPortrait(file);
  }

  refuse(file) {
    const { accept, maxMb } = this.dataset;
    if (!fits(file, accept)) return `请用 ${kindsInWords(accept)} 格式的文件。`;
    if (file.size > Number(maxMb) * 1048576) return `文件 ${megabytes(file.size)}，超过 ${maxMb} MB，请压缩后再传。`;
    return file.size === 0 ? '文件是空的，请重新选择。' : '';
  }

  line(file) {
    const item = document.createElement('li');
    const name = document.createElement('span');
    name.className = 'name';
    name.textContent = `${file.name}（${megabytes(file.size)}）`;
    const bar = document.createElement('progress');
    bar.className = 'bar';
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute('aria-label', `${file.name} 上传进度`);
    const words = document.createElement('span');
    item.append(name, bar, words);
    this.querySelector('.upload-files').append(item);
    return { bar, words };
  }

  async sendOne(file, line) {
    const bar = line?.bar || this.bar;
    const say = (sentence, tone) => {
      const spot = line?.words || this.message;
      spot.textContent = sentence;
      spot.className = `${line ? '' : 'upload-message '}tone-${tone}`.trim();
    };
    const refusal = this.refuse(file);
    if (refusal) { say(refusal, 'bad'); if (line) bar.hidden = true; return false; }
    const form = new FormData();
    form.append(this.dataset.name, file, file.name);
    new URLSearchParams(this.dataset.extra).forEach((value, name) => form.append(name, value));
    bar.hidden = false;
    bar.value = 0;
    say('正在上传…', 'mute');
    const answer = await send(this.dataset.url, form, (percent) => { bar.value = percent; if (percent === 100) say('正在检查…', 'mute'); });
    bar.hidden = true;
    say(answer.message || (answer.ok ? '已上传' : '没有传成功，请再试一次。'), answer.ok ? 'ok' : 'bad');
    if (answer.ok && !line) this.show(file, answer);
    this.dispatchEvent(new CustomEvent(answer.ok ? 'upload:done' : 'upload:refused', { bubbles: true, detail: answer }));
    return answer.ok;
  }

  show(file, answer) {
    if (this.hidden_) { this.hidden_.value = answer.id ?? ''; this.hidden_.dispatchEvent(new Event('change', { bubbles: true })); }
    this.drop.hidden = true;
    const row = this.querySelector('.upload-row');
    row.hidden = false;
    row.querySelector('.upload-name').textContent = `${answer.name || file.name} · ${megabytes(file.size)}`;
    this.picture(IMAGE.test(file.type) ? (answer.url || URL.createObjectURL(file)) : '');
    this.openLink(answer.url || '');
    this.checks(answer.checks || []);
  }

  openLink(url) {
    let link = this.querySelector('.upload-open');
    if (!url) { link?.remove(); return; }
    if (!link) {
      link = document.createElement('a');
      link.className = 'btn btn-sm upload-open';
      link.target = '_blank';
      link.rel = 'noopener';
      link.textContent = '查看大图';
      this.querySelector('.upload-replace').before(link);
    }
    link.href = url;
  }

  picture(url) {
    const box = this.querySelector('.upload-picture');
    box.hidden = false;
    box.replaceChildren();
    if (!url) { this.showFile(''); return; }
    const image = document.createElement('img');
    image.alt = this.dataset.label || '已上传的图片';
    image.src = url;
    box.append(image);
  }

  showFile() {
    const icon = document.createElement('i');
    icon.className = 'ti ti-file-check file-icon';
    icon.setAttribute('aria-hidden', 'true');
    this.querySelector('.upload-picture').replaceChildren(icon);
  }

  checks(checks) {
    const place = this.querySelector('.upload-checks');
    place.replaceChildren();
    if (!checks.length) return;
    const list = document.createElement('ul');
    list.className = 'checks';
    const icons = { ok: 'circle-check', wait: 'alert-triangle', bad: 'circle-x' };
    for (const { tone, label, figure } of checks) {
      const item = document.createElement('li');
      item.className = `c-${tone}`;
      const icon = document.createElement('i');
      icon.className = `ti ti-${icons[tone] || 'info-circle'}`;
      icon.setAttribute('aria-hidden', 'true');
      const words = document.createElement('span');
      words.textContent = label;
      item.append(icon, words);
      if (figure) {
        const number = document.createElement('span');
        number.className = 'figure';
        number.textContent = figure;
        item.append(number);
      }
      list.append(item);
    }
    place.append(list);
  }

  async remove_() {
    if (await ask({ sentence: `删除${this.dataset.label || '这个文件'}？删除后可以重新上传。`, label: '删除', danger: true }) === null) return;
    const answer = await send(this.dataset.deleteUrl, new FormData(), () => {});
    this.message.textContent = answer.message || '';
    this.message.className = `upload-message tone-${answer.ok ? 'ok' : 'bad'}`;
    if (!answer.ok) return;
    if (this.hidden_) this.hidden_.value = '';
    this.querySelector('.upload-picture').hidden = true;
    this.querySelector('.upload-row').hidden = true;
    this.drop.hidden = false;
    this.checks([]);
    this.dispatchEvent(new CustomEvent('upload:removed', { bubbles: true, detail: answer }));
  }
}

/** Puts each of several files into the slot whose names fit; says which ones fit nowhere. */
function spread(group, files) {
  const slots = [...group.querySelectorAll('zp-upload')];
  const lost = [];
  for (const file of files) {
    const slot = slots.find((other) => other.wants(file));
    if (slot) slot.take([file]); else lost.push(file.name);
  }
  const spot = group.parentElement.querySelector('[data-upload-unmatched]');
  if (spot) {
    spot.textContent = lost.length ? `没有认出这些文件，请分别放到对应的格子里：${lost.join('、')}` : '';
    spot.className = 'upload-message tone-bad';
  }
}

document.addEventListener('dragover', (event) => {
  const group = event.target.closest?.('[data-upload-group]');
  if (group) { event.preventDefault(); group.classList.add('is-over'); }
});
document.addEventListener('dragleave', (event) => event.target.closest?.('[data-upload-group]')?.classList.remove('is-over'));
document.addEventListener('drop', (event) => {
  document.querySelectorAll('.uploads.is-over').forEach((group) => group.classList.remove('is-over'));
  const group = event.target.closest?.('[data-upload-group]');
  if (!group || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  spread(group, [...event.dataTransfer.files]);
});

/* A pasted picture goes where the pointer or the focus is, else into the only or first empty slot. */
document.addEventListener('paste', (event) => {
  const files = [...(event.clipboardData?.files || [])];
  if (!files.length) return;
  const open = [...document.querySelectorAll('zp-upload:not([data-readonly])')];
  const target = open.find((slot) => slot.matches(':hover, :focus-within')) || open.find((slot) => !slot.drop.hidden) || open[0];
  if (target) { event.preventDefault(); target.take(files); }
});

if (!customElements.get('zp-upload')) customElements.define('zp-upload', Upload);
