import { apiUrl, pathSegments } from './address';
import { disconnected, signInAgain } from './connection';
import { parseJson, problemFrom } from './problem';

// Sending files to an upload: three requests at once, whatever page is open. A large file has a PUT of its own; small
// ones of one folder share it, because the server makes each request durable. State lives here and not in a component,
// because people leave the page while it goes on.

export interface FileToSend {
  file: File;
  /** Where it goes, below the upload's root. */
  path: string;
}

export interface FailedFile extends FileToSend {
  message: string;
}

/** What a page shows of a running or ended transfer; a new object at each change. */
export interface Transfer {
  /** Tells one transfer from the next to the same upload. */
  id: number;
  files: number;
  done: number;
  bytes: number;
  sent: number;
  /** Bytes per second, smoothed; 0 while unknown. */
  rate: number;
  /** One of the paths under way. */
  current: string;
  failed: FailedFile[];
  running: boolean;
}

interface Job {
  state: Transfer;
  waiting: FileToSend[];
  workers: number;
  /** Bytes that each request has sent so far. */
  active: Map<XMLHttpRequest, number>;
  settled: number;
  sample: { at: number; sent: number };
}

const atOnce = 3;
/** Files up to this many bytes share a request, up to so many bytes and files together. */
const small = 64 * 1024;
const together = { bytes: 1024 * 1024, files: 50 };
const tries = 4;
const announceEvery = 100;
const smoothing = 0.3;

const jobs = new Map<string, Job>();
const listeners = new Set<() => void>();
let number = 0;
let announcing: ReturnType<typeof setTimeout> | undefined;

/** Follows all transfers; fires at most ten times a second. */
export function subscribeTransfers(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The transfer to one upload, if there is or was one. */
export const transferOf = (uploadId: string): Transfer | undefined => jobs.get(uploadId)?.state;

/** Whether anything is still being sent; leaving the page would cut it. */
export const anyTransfer = (): boolean => [...jobs.values()].some((job) => job.state.running);

/** Adds files to what is being sent to an upload; existing files of the same path are replaced. */
export function sendFiles(uploadId: string, files: FileToSend[]): void {
  const before = jobs.get(uploadId);
  const job: Job = before?.state.running === true ? before : newJob();
  jobs.set(uploadId, job);
  job.waiting.push(...files);
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  change(job, { files: job.state.files + files.length, bytes: job.state.bytes + bytes, running: true });
  while (job.workers < atOnce && job.waiting.length > 0) void work(uploadId, job);
}

/** Stops after cutting what is under way; files already stored stay. */
export function stopTransfer(uploadId: string): void {
  const job = jobs.get(uploadId);
  if (job === undefined) return;
  job.waiting = [];
  for (const request of job.active.keys()) request.abort();
  change(job, { running: false });
}

/** Forgets an ended transfer, e.g. when its notice is closed. */
export function forgetTransfer(uploadId: string): void {
  jobs.delete(uploadId);
  announce();
}

/** Sends again what failed. */
export function retryFailed(uploadId: string): void {
  const failed = jobs.get(uploadId)?.state.failed ?? [];
  jobs.delete(uploadId);
  sendFiles(
    uploadId,
    failed.map(({ file, path }) => ({ file, path })),
  );
}

function newJob(): Job {
  number += 1;
  return {
    state: { id: number, files: 0, done: 0, bytes: 0, sent: 0, rate: 0, current: '', failed: [], running: true },
    waiting: [],
    workers: 0,
    active: new Map(),
    settled: 0,
    sample: { at: performance.now(), sent: 0 },
  };
}

async function work(uploadId: string, job: Job): Promise<void> {
  job.workers += 1;
  for (let batch = nextBatch(job.waiting); batch.length > 0; batch = nextBatch(job.waiting)) {
    change(job, { current: batch[0]?.path ?? '' });
    const problem = await send(uploadId, job, batch);
    // What one file of several is refused for says nothing about the others.
    if (problem === undefined || batch.length === 1 || !job.state.running) settle(job, batch, problem);
    else for (const one of batch) settle(job, [one], await send(uploadId, job, [one]));
  }
  job.workers -= 1;
  if (job.workers === 0 && job.state.done + job.state.failed.length >= job.state.files) change(job, { running: false, sent: job.state.bytes });
}

function settle(job: Job, batch: FileToSend[], problem: string | undefined): void {
  job.settled += batch.reduce((sum, { file }) => sum + file.size, 0);
  if (problem === undefined) change(job, { done: job.state.done + batch.length });
  else if (job.state.running) change(job, { failed: [...job.state.failed, ...batch.map((one) => ({ ...one, message: problem }))] });
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

// An archive is unpacked by the server when it comes alone, so it must not share a request.
const canShare = ({ file, path }: FileToSend): boolean => file.size <= small && !/\.(zip|tar|tgz|tar\.\w+|gz|bz2|xz|zst)$/i.test(path);

/** Takes the next files that go in one request off the waiting ones. */
function nextBatch(waiting: FileToSend[]): FileToSend[] {
  const first = waiting.shift();
  if (first === undefined) return [];
  const batch = [first];
  let bytes = first.file.size;
  while (canShare(first) && batch.length < together.files) {
    const next = waiting[0];
    if (next === undefined || !canShare(next) || folderOf(next.path) !== folderOf(first.path) || bytes + next.file.size > together.bytes) break;
    batch.push(next);
    bytes += next.file.size;
    waiting.shift();
  }
  return batch;
}

/** Gives `undefined` when the files are stored, else why they are not. A lost line is tried again, a refusal is not. */
async function send(uploadId: string, job: Job, batch: FileToSend[]): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await put(uploadId, job, batch);
    if (answer.status >= 200 && answer.status < 300) {
      disconnected.set(false);
      return undefined;
    }
    if (!job.state.running) return 'Stopped.';
    if (answer.status === 401 && (await signInAgain())) continue;
    const lost = answer.status === 0 || answer.status === 503;
    if (!lost || attempt >= tries) return lost ? 'The server could not be reached.' : problemFrom(answer.status, parseJson(answer.text)).detail;
    if (answer.status === 0) disconnected.set(true);
    await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** attempt));
  }
}

function put(uploadId: string, job: Job, batch: FileToSend[]): Promise<{ status: number; text: string }> {
  const folder = folderOf(batch[0]?.path ?? '');
  const size = batch.reduce((sum, { file }) => sum + file.size, 0);
  const names = batch.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  const [file, name] = [batch[0]?.file, names[0]];
  // A body of no bytes means "no file" to the API; a part of a form can be empty.
  const alone = batch.length === 1 && size > 0 && name !== undefined;
  const url = `${apiUrl()}/uploads/${encodeURIComponent(uploadId)}/raw/${pathSegments(folder)}`;
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('PUT', alone ? `${url}?file_name=${encodeURIComponent(name)}` : url);
    request.setRequestHeader('Accept', 'application/json');
    job.active.set(request, 0);
    request.upload.onprogress = (event) => {
      job.active.set(request, Math.min(event.loaded, size));
      progress(job);
    };
    request.onloadend = () => {
      job.active.delete(request);
      resolve({ status: request.status, text: request.responseText });
    };
    if (alone) {
      request.setRequestHeader('Content-Type', 'application/octet-stream');
      request.send(file);
    } else {
      const form = new FormData();
      for (const [index, one] of batch.entries()) form.append('file', one.file, encodeURIComponent(names[index] ?? ''));
      request.send(form);
    }
  });
}

function progress(job: Job): void {
  const sent = job.settled + [...job.active.values()].reduce((sum, loaded) => sum + loaded, 0);
  const now = performance.now();
  const seconds = (now - job.sample.at) / 1000;
  if (seconds < 0.5) {
    change(job, { sent });
    return;
  }
  const rate = Math.max(0, sent - job.sample.sent) / seconds;
  job.sample = { at: now, sent };
  change(job, { sent, rate: job.state.rate === 0 ? rate : job.state.rate * (1 - smoothing) + rate * smoothing });
}

function change(job: Job, part: Partial<Transfer>): void {
  job.state = { ...job.state, ...part };
  announce();
}

function announce(): void {
  announcing ??= setTimeout(() => {
    announcing = undefined;
    for (const listener of listeners) listener();
  }, announceEvery);
}
