/* An exam room, live: asks every few seconds, puts in only what has changed, keeps focus and what is being typed. */

const hall = document.querySelector('[data-hall]');
const EVERY_MS = Number(hall.dataset.every) * 1000;
const shown = new Map(); /* key → the HTML as it came, tokens left out */
let seat = new URL(location.href).searchParams.get('seat') || '';
let offset = Number(hall.dataset.now) * 1000 - Date.now();
let asking = null;
let again = false;

const plain = (node) => node.outerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, '').replace(/ aria-current="true"/g, '');
const keyed = (region) => [...region.children].filter((node) => node.dataset.key);

/* -- what is there ------------------------------------------------------------------------------------------------ */

function takeOver(old, fresh) {
  if (old.matches('details') && fresh.matches('details')) {
    fresh.open = old.open;
    for (const control of old.querySelectorAll('input:not([type=hidden]):not([type=radio]), textarea, select')) {
      const same = fresh.querySelector(`#${control.id}`);
      if (same) same.value = control.value;
    }
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  if (!focused) return;
  const same = focused === old ? fresh : focused.id && fresh.querySelector(`#${focused.id}`);
  (same || fresh.querySelector('a, button, input'))?.focus({ preventScroll: true });
}

function renew(region, fresh) {
  const old = new Map(keyed(region).map((node) => [node.dataset.key, node]));
  const wanted = keyed(fresh);
  const keys = new Set(wanted.map((node) => node.dataset.key));
  for (const [key, node] of old) {
    if (!keys.has(key)) { node.remove(); shown.delete(key); }
  }
  let before = null;
  for (const node of wanted) {
    const { key } = node.dataset;
    const html = plain(node);
    const here = old.get(key);
    let now = here;
    if (!here) {
      now = node;
      if (before) before.after(now); else region.prepend(now);
      window.htmx?.process(now);
    } else if (shown.get(key) !== html) {
      now = node;
      takeOver(here, now);
    }
    shown.set(key, html);
    before = now;
  }
}

function mark() {
  for (const link of hall.querySelectorAll('.hall-map [data-seat]')) {
    if (link.dataset.seat === seat) link.setAttribute('aria-current', 'true'); else link.removeAttribute('aria-current');
  }
}

/* -- asking ------------------------------------------------------------------------------------------------------- */

const offline = hall.querySelector('[data-offline]');

function say(sentence) {
  offline.hidden = !sentence;
  if (offline.textContent !== sentence) offline.textContent = sentence;
}

async function ask() {
  if (asking) { again = true; return; }
  const wanted = seat;
  asking = fetch(`${hall.dataset.hall}${wanted ? `?seat=${encodeURIComponent(wanted)}` : ''}`, {
    headers: { 'X-Requested-With': 'XMLHttpRequest' }, cache: 'no-store', signal: AbortSignal.timeout(15_000),
  });
  try {
    const answer = await asking;
    if (answer.redirected) { location.reload(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-fresh]');
    if (!fresh) { location.reload(); return; }
    offset = Number(fresh.dataset.now) * 1000 - Date.now();
    if (wanted === seat) {
      for (const part of fresh.querySelectorAll('[data-region]')) {
        renew(hall.querySelector(`[data-region="${part.dataset.region}"]`), document.importNode(part, true));
      }
      mark();
    }
    say('');
  } catch {
    say(`网络不通，画面停在 ${clock(Date.now() + offset)}，正在重新连接。`);
  } finally {
    asking = null;
    if (again) { again = false; ask(); }
  }
}

/* What the page came with counts as shown. */
for (const region of hall.querySelectorAll('[data-region]')) for (const node of keyed(region)) shown.set(node.dataset.key, plain(node));

let timer = null;
function run() {
  clearInterval(timer);
  timer = null;
  if (document.hidden) return;
  ask();
  timer = setInterval(ask, EVERY_MS);
}
document.addEventListener('visibilitychange', run);
run();

/* -- one seat ----------------------------------------------------------------------------------------------------- */

async function choose(value, from) {
  seat = value;
  const address = new URL(location.href);
  if (seat) address.searchParams.set('seat', seat); else address.searchParams.delete('seat');
  history.replaceState(null, '', address);
  mark();
  await ask();
  while (asking) await asking.catch(() => null).then(() => new Promise((done) => { setTimeout(done, 30); }));
  const panel = hall.querySelector('[data-region="panel"]');
  if (seat && panel.getBoundingClientRect().top > innerHeight - 160) panel.scrollIntoView({ block: 'start' });
  if (!seat && from) hall.querySelector(`[data-seat="${CSS.escape(from)}"]`)?.focus();
}

hall.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-seat], a[data-close-seat]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  choose(link.dataset.seat || '', seat);
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && seat && !document.querySelector('dialog[open]')) { choose('', seat); return; }
  const here = event.target.closest?.('.hall-map .seat');
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() }[event.key];
  if (!here || !step) return;
  event.preventDefault();
  const all = [...hall.querySelectorAll('.hall-map > .seat')];
  let place = all.indexOf(here) + step;
  while (all[place] && !all[place].matches('a')) place += step;
  all[place]?.focus();
});

function columns() {
  return getComputedStyle(hall.querySelector('.hall-map')).gridTemplateColumns.split(' ').length;
}

/* -- the clock ---------------------------------------------------------------------------------------------------- */

function clock(at) {
  return new Date(at).toLocaleTimeString('zh-CN', { hour12: false, timeZone: 'Asia/Shanghai' });
}

function left(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} 小时 ${String(minutes % 60).padStart(2, '0')} 分 ${String(seconds % 60).padStart(2, '0')} 秒`;
}

function tick() {
  const now = Date.now() + offset;
  const starts = Math.round((Number(hall.dataset.starts) * 1000 - now) / 1000);
  const ends = Math.round((Number(hall.dataset.ends) * 1000 - now) / 1000);
  hall.querySelector('[data-clock]').textContent = clock(now);
  hall.querySelector('[data-countdown]').textContent = starts > 86_400 ? '还没有开考'
    : starts > 0 ? `距开考 ${left(starts)}` : ends > 0 ? `距结束 ${left(ends)}` : '本场考试时间已到';
}
tick();
setInterval(tick, 1000);
