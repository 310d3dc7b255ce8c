/* <zp-viewer>: one picture large, the others as a strip; zoom, turn, drag, side by side with the portrait. */

import { isTyping } from './shared.js';

const STEP = 1.25;
const MAX = 8;

class Viewer extends HTMLElement {
  connectedCallback() {
    if (this.ready) return;
    this.ready = true;
    this.image = this.querySelector('.pane img');
    this.pane = this.querySelector('.pane');
    this.stage = this.querySelector('.stage');
    this.face = this.querySelector('.pane-face');
    this.buttons = [...this.querySelectorAll('.thumbs button')];
    this.turns = new Map();
    this.fit();
    this.image.addEventListener('load', () => this.fit());
    this.addEventListener('click', (event) => this.onClick(event));
    this.pane.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    this.pane.addEventListener('dblclick', (event) => this.zoomAt(this.scale > this.fitted * 1.05 ? this.fitted / this.scale : 2.5, event));
    this.pane.addEventListener('pointerdown', (event) => this.onDrag(event));
    document.addEventListener('keydown', this.onKey);
    this.watcher = new ResizeObserver(() => this.fit());
    this.watcher.observe(this.pane);
  }

  disconnectedCallback() {
    document.removeEventListener('keydown', this.onKey);
    this.watcher?.disconnect();
  }

  get index() { return this.buttons.findIndex((button) => button.getAttribute('aria-pressed') === 'true'); }

  get angle() { return this.turns.get(this.index) || 0; }

  show(index) {
    const button = this.buttons[(index + this.buttons.length) % this.buttons.length];
    this.buttons.forEach((other) => other.setAttribute('aria-pressed', String(other === button)));
    const { src, label } = button.dataset;
    this.querySelector('.stage-caption').textContent = label;
    this.querySelector('.pane .none').hidden = !!src;
    this.image.hidden = !src;
    this.image.alt = label;
    if (src && this.image.getAttribute('src') !== src) this.image.src = src; else this.fit();
    this.dispatchEvent(new CustomEvent('viewer:show', { bubbles: true, detail: { key: button.dataset.key } }));
  }

  fit() {
    const { naturalWidth: width, naturalHeight: height } = this.image;
    if (!width || !this.pane.clientWidth) return;
    const sideways = this.angle % 180 !== 0;
    const [w, h] = sideways ? [height, width] : [width, height];
    this.fitted = this.scale = Math.min((this.pane.clientWidth - 16) / w, (this.pane.clientHeight - 16) / h, 3);
    this.x = this.pane.clientWidth / 2;
    this.y = this.pane.clientHeight / 2;
    this.draw();
  }

  draw() {
    const { naturalWidth: width, naturalHeight: height } = this.image;
    this.image.style.transform = `translate(${this.x}px, ${this.y}px) rotate(${this.angle}deg) scale(${this.scale}) translate(${-width / 2}px, ${-height / 2}px)`;
  }

  zoomAt(factor, event) {
    const box = this.pane.getBoundingClientRect();
    const [px, py] = event?.clientX ? [event.clientX - box.left, event.clientY - box.top] : [box.width / 2, box.height / 2];
    const scale = Math.min(Math.max(this.scale * factor, this.fitted * .5), Math.max(MAX, this.fitted));
    const ratio = scale / this.scale;
    this.x = px + (this.x - px) * ratio;
    this.y = py + (this.y - py) * ratio;
    this.scale = scale;
    this.draw();
  }

  onWheel(event) {
    event.preventDefault();
    this.zoomAt(event.deltaY < 0 ? 1.12 : 1 / 1.12, event);
  }

  onDrag(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.stage.focus({ preventScroll: true });
    const start = { x: event.clientX - this.x, y: event.clientY - this.y };
    const move = (step) => { this.x = step.clientX - start.x; this.y = step.clientY - start.y; this.draw(); };
    this.pane.setPointerCapture(event.pointerId);
    this.pane.addEventListener('pointermove', move);
    this.pane.addEventListener('pointerup', () => this.pane.removeEventListener('pointermove', move), { once: true });
  }

  onClick(event) {
    const thumb = event.target.closest('.thumbs button');
    if (thumb) this.show(this.buttons.indexOf(thumb));
    const tool = event.target.closest('[data-do]');
    if (tool) this.act(tool.dataset.do);
  }

  act(name) {
    if (name === 'in') this.zoomAt(STEP);
    if (name === 'out') this.zoomAt(1 / STEP);
    if (name === 'fit') this.fit();
    if (name === 'rotate') { this.turns.set(this.index, (this.angle + 90) % 360); this.fit(); }
    if (name === 'face' && this.face) {
      this.face.hidden = !this.face.hidden;
      this.querySelector('[data-do="face"]').setAttribute('aria-pressed', String(!this.face.hidden));
      this.fit();
    }
  }

  onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const acts = { ArrowRight: () => this.show(this.index + 1), ArrowLeft: () => this.show(this.index - 1), '+': () => this.act('in'), '=': () => this.act('in'), '-': () => this.act('out'), 0: () => this.act('fit') };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  };
}

if (!customElements.get('zp-viewer')) customElements.define('zp-viewer', Viewer);
