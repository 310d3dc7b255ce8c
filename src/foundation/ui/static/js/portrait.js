/* A one inch portrait in the page: move and enlarge behind the frame, then a JPEG of 295 × 413 below 80 KB. */

const WIDTH = 295;
const HEIGHT = 413;
const SHOWN = { width: 250, height: 350 };
const LIMIT_BYTES = 80 * 1024;

function blobOf(canvas, quality) {
  return new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', quality); });
}

/** Compresses by lowering the quality until the picture is below the limit. */
export async function compress(canvas, limit = LIMIT_BYTES) {
  let blob = null;
  for (let quality = .95; quality > .3; quality -= .08) {
    blob = await blobOf(canvas, quality);
    if (blob && blob.size <= limit - 1024) return blob;
  }
  return blob;
}

function paint(canvas, bitmap, view, width, height) {
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext('2d');
  const ratio = width / SHOWN.width;
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = 'high';
  pen.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
  pen.rotate((view.turn * Math.PI) / 180);
  pen.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  pen.setTransform(1, 0, 0, 1, 0, 0);
}

function covering(bitmap, turn) {
  const [width, height] = turn % 180 ? [bitmap.height, bitmap.width] : [bitmap.width, bitmap.height];
  return Math.max(SHOWN.width / width, SHOWN.height / height);
}

function build() {
  const dialog = document.createElement('dialog');
  dialog.className = 'crop';
  dialog.setAttribute('aria-labelledby', 'crop-title');
  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  };
  const title = make('h2', '', '裁成一寸照');
  title.id = 'crop-title';
  const help = make('p', 'quiet small', '拖动照片，让脸在虚线圈里、露出双肩；用滑杆放大缩小。');
  const frame = make('div', 'crop-frame');
  const canvas = make('canvas');
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', '照片预览，方向键移动');
  frame.append(canvas);
  const tools = make('div', 'crop-tools');
  const zoom = make('input', 'form-range');
  Object.assign(zoom, { type: 'range', min: '1', max: '4', step: '0.02', value: '1' });
  zoom.setAttribute('aria-label', '放大缩小');
  const turn = make('button', 'btn btn-sm', '旋转');
  turn.type = 'button';
  tools.append(zoom, turn);
  const buttons = make('div', 'ask-buttons p-0');
  const no = make('button', 'btn', '取消');
  const yes = make('button', 'btn btn-primary', '用这张');
  no.type = yes.type = 'button';
  buttons.append(no, yes);
  dialog.append(title, help, frame, tools, buttons);
  document.body.append(dialog);
  return { dialog, canvas, zoom, turn, no, yes };
}

/** Asks the person to crop; resolves to a File named like the original, or to null. */
export async function cropPortrait(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return file; /* not a picture the browser reads: the server says what is wrong with it */
  }
  const { dialog, canvas, zoom, turn, no, yes } = build();
  const view = { x: SHOWN.width / 2, y: SHOWN.height / 2, scale: covering(bitmap, 0), turn: 0 };
  const draw = () => {
    const least = covering(bitmap, view.turn);
    view.scale = least * Number(zoom.value);
    const [width, height] = view.turn % 180 ? [bitmap.height, bitmap.width] : [bitmap.width, bitmap.height];
    const [halfW, halfH] = [(width * view.scale) / 2, (height * view.scale) / 2];
    view.x = Math.min(halfW, Math.max(SHOWN.width - halfW, view.x));
    view.y = Math.min(halfH, Math.max(SHOWN.height - halfH, view.y));
    paint(canvas, bitmap, view, SHOWN.width * 2, SHOWN.height * 2);
  };
  draw();
  zoom.addEventListener('input', draw);
  turn.addEventListener('click', () => { view.turn = (view.turn + 90) % 360; draw(); });
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    zoom.value = String(Number(zoom.value) + (event.deltaY < 0 ? .08 : -.08));
    draw();
  }, { passive: false });
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    const start = { x: event.clientX - view.x, y: event.clientY - view.y };
    const move = (step) => { view.x = step.clientX - start.x; view.y = step.clientY - start.y; draw(); };
    canvas.addEventListener('pointermove', move);
    canvas.addEventListener('pointerup', () => canvas.removeEventListener('pointermove', move), { once: true });
  });
  canvas.addEventListener('keydown', (event) => {
    const moves = { ArrowLeft: [-6, 0], ArrowRight: [6, 0], ArrowUp: [0, -6], ArrowDown: [0, 6] };
    if (!moves[event.key]) return;
    event.preventDefault();
    view.x += moves[event.key][0];
    view.y += moves[event.key][1];
    draw();
  });
  return new Promise((resolve) => {
    let result = null;
    no.addEventListener('click', () => dialog.close());
    yes.addEventListener('click', async () => {
      yes.disabled = true;
      const final = document.createElement('canvas');
      paint(final, bitmap, view, WIDTH, HEIGHT);
      const blob = await compress(final);
      result = new File([blob], `${file.name.replace(/\.[^.]*$/, '')}.jpg`, { type: 'image/jpeg' });
      dialog.close();
    });
    dialog.addEventListener('close', () => { dialog.remove(); bitmap.close(); resolve(result); });
    dialog.showModal();
    yes.focus();
  });
}
