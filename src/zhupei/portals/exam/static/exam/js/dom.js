/* Small helpers for the page's elements and screens. */

export const $ = (id) => document.getElementById(id);

/** An element with properties and children; texts are never read as markup. */
export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'class') node.className = value;
    else if (name.includes('-') || name === 'for' || name === 'role') node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== null && child !== ''));
  return node;
}

export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('class', 'ico');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(space, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Sets a text only when it changes, so that screen readers and the layout are left in peace. */
export function write(id, words) {
  const node = $(id);
  if (node.textContent !== words) node.textContent = words;
  return node;
}

/** Shows one screen and hides the others; true when it was not on already. */
export function showScreen(name) {
  const wanted = $(`screen-${name}`);
  const fresh = wanted.hidden;
  for (const screen of document.querySelectorAll('[data-screen]')) screen.hidden = screen !== wanted;
  if (fresh) scrollTo(0, 0);
  return fresh;
}

export function refuse(id, words) {
  const node = $(id);
  node.hidden = !words;
  node.textContent = words;
}

let clearing = 0;

/** Says something to screen readers; `now` interrupts. */
export function say(words, now = false) {
  const region = $(now ? 'say-now' : 'say-politely');
  region.textContent = words;
  clearTimeout(clearing);
  clearing = setTimeout(() => { $('say-now').textContent = ''; $('say-politely').textContent = ''; }, 10_000);
}

/** Asks for something again and again with growing pauses while the server cannot be reached. */
export async function persist(attempt, { unreachable, onTrouble = () => {}, canceled = () => false }) {
  for (let round = 0; ; round += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof unreachable)) throw error;
      if (canceled()) return null;
      onTrouble(error);
      await pause(Math.min(1000 * 2 ** round, 10_000) * (0.75 + Math.random() / 2));
    }
  }
}

/** Waits; a network that comes back ends the wait. */
export function pause(milliseconds) {
  return new Promise((resolve) => {
    const done = () => { clearTimeout(timer); removeEventListener('online', done); resolve(); };
    const timer = setTimeout(done, milliseconds);
    addEventListener('online', done);
  });
}
