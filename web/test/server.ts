import { vi } from 'vitest';
import type { Session } from '../src/api/signin';

/** What the server answers to one request: a body for 200, or a status with a body. */
export type Answer = { status: number; body?: unknown; headers?: Record<string, string> };
type Handler = Answer | ((request: Request) => Answer | Promise<Answer>);

export const ok = (body: unknown): Answer => ({ status: 200, body });

export const problem = (status: number, detail: unknown, more: Record<string, unknown> = {}): Answer => ({
  status,
  body: { type: 'about:blank', title: 'Refused', status, detail, request_id: 'r-7f3k2q', ...more },
});

/** Never answers: a page that waits for it shows how it looks while loading. */
export const never = (): Promise<Answer> => new Promise(() => undefined);

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

export const mara = { user_id: 'u-mara', username: 'mlindqvist', name: 'Mara Lindqvist', first_name: 'Mara', last_name: 'Lindqvist', email: 'mara@steinbach.example', is_admin: false, is_lab_manager: false, must_set_up_second_factor: false };

export const session: Session = {
  user: mara,
  lab_name: 'Steinbach Lab',
  set_up: true,
  require_authentication: true,
  contact: { name: 'Jana Novák', email: 'jana@steinbach.example' },
  methods: { password: true, passkey: false, provider: null },
  second_factor_required: false,
  second_factor: null,
  access: { allowed: true, detail: '' },
};

export const visitor: Session = { ...session, user: null, require_authentication: false };

/** What the server answers about the session of an administrator; spread it into `serve`. */
export const admin = { 'GET /auth/session': ok({ ...session, user: { ...mara, is_admin: true } }) };

/** Replaces fetch by answers keyed `METHOD /path below the base path`. A request nobody expected fails the test by its 599. */
export function serve(handlers: Record<string, Handler>): Asked[] {
  const asked: Asked[] = [];
  const all: Record<string, Handler> = { 'GET /auth/session': ok(session), 'GET /api/v1/users': ok({ data: [] }), ...handlers };
  vi.stubGlobal('fetch', async (input: Request | string) => {
    const request = new Request(input);
    const url = new URL(request.url);
    const path = decodeURIComponent(url.pathname.replace('/nomad-oasis', ''));
    const text = await request.clone().text();
    asked.push({ method: request.method, path, query: url.searchParams, body: text === '' ? undefined : (JSON.parse(text) as unknown) });
    const handler = all[`${request.method} ${path}`];
    if (handler === undefined) return answerOf(problem(599, `Nobody expected ${request.method} ${path}`));
    return answerOf(typeof handler === 'function' ? await handler(request) : handler);
  });
  return asked;
}

function answerOf({ status, body, headers = {} }: Answer): Response {
  const text = body === undefined ? null : JSON.stringify(body);
  return new Response(text, { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ...headers } });
}
