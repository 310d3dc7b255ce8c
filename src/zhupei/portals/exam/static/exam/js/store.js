/* What this machine keeps while an exam is under way: answers, what is not yet uploaded, flags. IndexedDB, one record an attempt. */

const NAME = 'zhupei-exam';
const STORE = 'attempts';
const OLD_MS = 24 * 3600_000;

let opened = null;

function open() {
  opened ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'attempt' });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
      request.onblocked = () => resolve(null);
    } catch {
      resolve(null); // a browser that keeps nothing: the server's copy is all there is
    }
  });
  return opened;
}

async function act(mode, work) {
  const base = await open();
  if (!base) return null;
  return new Promise((resolve) => {
    try {
      const transaction = base.transaction(STORE, mode, mode === 'readwrite' ? { durability: 'strict' } : {});
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request?.result ?? null);
      transaction.onerror = transaction.onabort = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

export const load = (attempt) => act('readonly', (store) => store.get(attempt));

export const forget = (attempt) => act('readwrite', (store) => store.delete(attempt));

export const save = (record) => act('readwrite', (store) => store.put({ ...record, at: Date.now() }));

/** Drops what earlier examinees at this machine left behind. */
export async function forgetOld() {
  const records = (await act('readonly', (store) => store.getAll())) || [];
  for (const record of records) if (!(Date.now() - record.at < OLD_MS)) await forget(record.attempt);
}
