/* The server's time, carried on by the monotonic clock of this machine: turning its date back changes nothing. */

const ZONE = 'Asia/Shanghai';
const SLACK_MS = 400;
const hourAndMinute = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const withSeconds = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const withDay = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, month: 'numeric', day: 'numeric' });

let offset = Date.now() - performance.now();
let known = false;

/** Takes the server's `now` of an answer; sent and received by performance.now(). */
export function heard(now, sent, received) {
  const stated = Date.parse(now);
  if (Number.isNaN(stated)) return;
  const half = (received - sent) / 2;
  const found = stated + half - received;
  if (!known || Math.abs(found - offset) > half + SLACK_MS) offset = found;
  known = true;
}

/** Milliseconds since 1970 by the server's clock. */
export const now = () => performance.now() + offset;

export const isoNow = () => new Date(now()).toISOString();

export const clockTime = (moment) => hourAndMinute.format(moment);

export const clockSeconds = (moment) => withSeconds.format(moment);

/** "10:30", or "11月28日 10:30" on another day. */
export function dayAndTime(moment) {
  const day = withDay.format(moment);
  return day === withDay.format(now()) ? clockTime(moment) : `${day} ${clockTime(moment)}`;
}

/** What is left as hh:mm:ss; never below zero. */
export function remaining(until) {
  const seconds = Math.max(0, Math.ceil((until - now()) / 1000));
  const two = (number) => String(number).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
