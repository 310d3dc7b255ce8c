/* Calls to /exam/api/: refusals with the server's sentence, and "not reached" for all that a later try may mend. */

import { heard } from './clock.js';

const BASE = '/exam/api/';
const TIMEOUT_MS = 15_000;
const LATER = new Set([408, 429, 500, 502, 503, 504]);

/** The server refused: status, code and a sentence for people. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body.message || '没有成功，请举手告知监考员。');
    this.status = status;
    this.code = body.code || '';
    this.body = body;
  }
}

/** No answer, or one that a later try may change. `offline`: not even the machine was reached. */
export class Unreachable extends Error {
  constructor(offline) {
    super(offline ? '网络已断开' : '服务器暂时没有响应');
    this.offline = offline;
  }
}

let csrf = '';

async function send(method, path, body, keepalive) {
  const headers = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-CSRFToken'] = csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const sent = performance.now();
  let answer;
  let data = null;
  try {
    answer = await fetch(BASE + path, {
      method, headers, keepalive, body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const received = performance.now();
    data = await answer.json().catch(() => null);
    if (data?.now) heard(data.now, sent, received);
  } catch {
    throw new Unreachable(true);
  }
  if (LATER.has(answer.status) && !(answer.status === 429 && data?.message)) throw new Unreachable(false);
  return { status: answer.status, ok: answer.ok, data };
}

/** GET session: the token for the other calls, the time, and the entry of this browser if there is one. */
export async function session() {
  const { status, ok, data } = await send('GET', 'session');
  if (data?.csrf) csrf = data.csrf;
  if (!ok || !data) throw data?.message ? new Refusal(status, data) : new Unreachable(false);
  return data;
}

/** One call; the answer's JSON. Raises Refusal or Unreachable. A token that has become stale is fetched anew once. */
export async function call(method, path, body, { keepalive = false } = {}) {
  for (let round = 0; ; round += 1) {
    const { status, ok, data } = await send(method, path, body, keepalive);
    if (ok && data) return data;
    const stale = status === 403 && (!data?.code || data.code === 'csrf');
    if (stale && round === 0) {
      await session();
      continue;
    }
    if (!data) throw new Unreachable(false);
    throw new Refusal(status, data);
  }
}
