import { waitFor } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { retryFailed, sendFiles, stopTransfer, transferOf } from './transfer';

// A small XMLHttpRequest: each PUT waits until the test answers it.
class FakeRequest {
  static all: FakeRequest[] = [];
  readonly upload: { onprogress: ((event: { loaded: number }) => void) | null } = { onprogress: null };
  onloadend: (() => void) | null = null;
  status = 0;
  responseText = '';
  url = '';
  body: unknown;
  open(_method: string, url: string): void {
    this.url = url;
  }
  setRequestHeader(): void {
    // Headers do not matter here.
  }
  send(body: unknown): void {
    this.body = body;
    FakeRequest.all.push(this);
  }
  abort(): void {
    this.answer(0);
  }
  answer(status: number, body: unknown = {}): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onloadend?.();
  }
}

const file = (path: string, text = '12345'): { file: File; path: string } => ({ path, file: new File([text], path.split('/').at(-1) ?? '') });
/** Too large to share a request. */
const large = (path: string): { file: File; path: string } => file(path, 'x'.repeat(70_000));
const sentNames = (request: FakeRequest | undefined): string[] => (request?.body instanceof FormData ? request.body.getAll('file').map((part) => (part instanceof File ? part.name : '')) : []);
let upload = '';
let number = 0;

beforeEach(() => {
  FakeRequest.all = [];
  number += 1;
  upload = `upload-${number}`;
  vi.stubGlobal('XMLHttpRequest', FakeRequest);
});

test('three files travel at once, the next when one has arrived', async () => {
  sendFiles(upload, ['a', 'b', 'c', 'd'].map(large));
  expect(FakeRequest.all).toHaveLength(3);
  FakeRequest.all[0]?.answer(200);
  await waitFor(() => {
    expect(FakeRequest.all).toHaveLength(4);
  });
  for (const request of FakeRequest.all) if (request.status === 0) request.answer(200);
  await waitFor(() => {
    expect(transferOf(upload)).toMatchObject({ files: 4, done: 4, failed: [], running: false, bytes: 280_000, sent: 280_000 });
  });
});

test('folders become the path, the last part the file name, each escaped', () => {
  sendFiles(upload, [file('day 1/run#2/a b.csv')]);
  expect(FakeRequest.all[0]?.url).toBe(`http://oasis.test/nomad-oasis/api/v1/uploads/${upload}/raw/day%201/run%232?file_name=a%20b.csv`);
  stopTransfer(upload);
});

test('an empty file is sent as a form, because an empty body means no file', () => {
  sendFiles(upload, [file('empty.txt', '')]);
  expect(FakeRequest.all[0]?.body).toBeInstanceOf(FormData);
  stopTransfer(upload);
});

test('small files of one folder share a request; archives, large files and other folders do not', async () => {
  sendFiles(upload, [file('d/a'), file('d/b c'), file('e/a'), file('e/x.zip'), large('e/l'), file('e/y')]);
  expect(FakeRequest.all.map(sentNames)).toEqual([['a', 'b%20c'], [], []]);
  expect(FakeRequest.all.map(({ url }) => url.split('/raw/')[1])).toEqual(['d', 'e?file_name=a', 'e?file_name=x.zip']);
  for (let answered = 0; answered < 5; answered += 1) {
    await waitFor(() => {
      expect(FakeRequest.all.length).toBeGreaterThan(answered);
    });
    FakeRequest.all[answered]?.answer(200);
  }
  await waitFor(() => {
    expect(transferOf(upload)).toMatchObject({ files: 6, done: 6, failed: [], running: false });
  });
});

test('files that are refused together are tried one by one, so that only the bad one fails', async () => {
  sendFiles(upload, [file('a'), file('b'), file('c')]);
  FakeRequest.all[0]?.answer(400, { detail: 'One of them is bad.' });
  for (const [index, status] of [200, 400, 200].entries()) {
    await waitFor(() => {
      expect(FakeRequest.all).toHaveLength(index + 2);
    });
    FakeRequest.all[index + 1]?.answer(status, { detail: 'This one.' });
  }
  await waitFor(() => {
    expect(transferOf(upload)).toMatchObject({ done: 2, running: false, failed: [{ path: 'b', message: 'This one.' }] });
  });
});

test('a refused file is named with the reason, the others go on, and it can be sent again', async () => {
  sendFiles(upload, [large('a'), large('b')]);
  FakeRequest.all[0]?.answer(507, { detail: 'There is no room left.' });
  FakeRequest.all[1]?.answer(200);
  await waitFor(() => {
    expect(transferOf(upload)).toMatchObject({ done: 1, running: false, failed: [{ path: 'a', message: 'There is no room left.' }] });
  });
  retryFailed(upload);
  expect(FakeRequest.all).toHaveLength(3);
  FakeRequest.all[2]?.answer(200);
  await waitFor(() => {
    expect(transferOf(upload)).toMatchObject({ files: 1, done: 1, failed: [], running: false });
  });
});

test('progress counts what is under way', () => {
  sendFiles(upload, [file('a', '1234567890')]);
  FakeRequest.all[0]?.upload.onprogress?.({ loaded: 4 });
  expect(transferOf(upload)).toMatchObject({ sent: 4, bytes: 10 });
  stopTransfer(upload);
});

test('stopping cuts what is under way and sends nothing more', async () => {
  sendFiles(upload, ['a', 'b', 'c', 'd'].map(large));
  stopTransfer(upload);
  await waitFor(() => {
    expect(transferOf(upload)).toMatchObject({ running: false, done: 0, failed: [] });
  });
  expect(FakeRequest.all).toHaveLength(3);
});
