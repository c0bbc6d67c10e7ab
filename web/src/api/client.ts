import createClient, { type Client } from 'openapi-fetch';
import { apiUrl, pathSegments, serverUrl } from './address';
import { disconnected, signInAgain } from './connection';
import { ConnectionError, parseJson, problemFrom } from './problem';
import type { paths as pagePaths } from './page.gen';
import type { paths } from './schema.gen';

/** Sends one request; when the session has ended in the meantime, asks for sign-in over the page and sends it again. */
export async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await reach(request);
  if (response.status !== 401 || !(await signInAgain())) return response;
  return reach(again);
}

async function reach(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    disconnected.set(false);
    return response;
  } catch (error) {
    if (request.signal.aborted) throw error;
    disconnected.set(true);
    throw new ConnectionError('The server cannot be reached.', { cause: error });
  }
}

/** Turns a path parameter like `{path}` into segments, so that the slashes of a file's path stay slashes. */
function pathWithSlashes(template: string, values: Record<string, unknown>): string {
  return template.replace(/\{([^}]+)\}/g, (_whole, name: string) => {
    const value = values[name];
    return typeof value === 'string' ? pathSegments(value) : '';
  });
}

/** The typed client of the API. Only api/queries/ and its neighbours call it. */
export const client: Client<paths> = createClient<paths>({
  baseUrl: apiUrl(),
  credentials: 'same-origin',
  headers: { Accept: 'application/json' },
  fetch: send,
  pathSerializer: pathWithSlashes,
});

/** The client of what only our own pages call (sign-in, set-up); a 401 is an answer there and asks for nothing. */
export const pageClient: Client<pagePaths> = createClient<pagePaths>({
  baseUrl: serverUrl(),
  credentials: 'same-origin',
  headers: { Accept: 'application/json' },
  fetch: reach,
});

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Gives the data of an answer, or throws the ProblemError it carries. */
export async function dataOf<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await answer;
  if (!response.ok) {
    const body = typeof error === 'string' ? parseJson(error) : error;
    throw problemFrom(response.status, body, response.headers.get('Retry-After'));
  }
  return data as Data;
}
