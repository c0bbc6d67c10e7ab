import { expect, test } from 'vitest';
import { problemFrom } from './problem';

test('a problem keeps its sentence, request id and decision', () => {
  const problem = problemFrom(403, {
    title: 'Forbidden',
    status: 403,
    detail: "Missing scopes: ['uploads:write']",
    request_id: 'r-1',
    decision: { steps: [{ step: 'scopes', outcome: 'stopped', text: 'No uploads:write.' }], missing_scopes: ['uploads:write'], help: 'Make another.' },
  });
  expect(problem).toMatchObject({ status: 403, detail: "Missing scopes: ['uploads:write']", requestId: 'r-1' });
  expect(problem.decision).toEqual({ steps: [{ step: 'scopes', outcome: 'stopped', text: 'No uploads:write.' }], missing_scopes: ['uploads:write'], help: 'Make another.' });
});

test('the wrong values of a 422 are named, also in the nested form of searches', () => {
  const problem = problemFrom(422, { detail: [{ loc: [['pagination', 'order_by']], msg: 'foo is not a doc quantity', type: 'value' }] });
  expect(problem.fields).toEqual([{ loc: ['pagination', 'order_by'], msg: 'foo is not a doc quantity', type: 'value' }]);
  expect(problem.detail).toBe('foo is not a doc quantity');
});

test.each([
  [502, undefined, 'The server could not do this (502).'],
  [418, 'teapot', 'The server did not accept this (418).'],
  [500, { detail: { reason: 'x' } }, 'The server could not do this (500).'],
])('an answer %d that is no problem still has a sentence', (status, body, detail) => {
  expect(problemFrom(status, body).detail).toBe(detail);
});

test('the wait of a 429 is read in seconds, and nonsense is not', () => {
  expect(problemFrom(429, {}, '40').retryAfter).toBe(40);
  expect(problemFrom(429, {}, 'soon').retryAfter).toBeUndefined();
});
