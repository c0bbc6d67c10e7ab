/** One box of the flowchart every request walks through, as told by a 401 or 403 answer. */
export interface DecisionStep {
  step: string;
  outcome: 'passed' | 'stopped' | 'not_reached';
  text: string;
}

/** Why a request was refused, as the server decided it. */
export interface Decision {
  steps: DecisionStep[];
  missing_scopes?: string[];
  help?: string;
}

/** One wrong value of a request (422). */
export interface FieldProblem {
  loc: (string | number)[];
  msg: string;
  type: string;
}

/** The server refused, or could not do, what was asked. Made from application/problem+json (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly fields: FieldProblem[] = [],
    readonly requestId?: string,
    readonly decision?: Decision,
    readonly retryAfter?: number,
  ) {
    super(detail);
  }
}

/** The server could not be reached at all. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function readFields(detail: unknown): FieldProblem[] {
  if (!Array.isArray(detail)) return [];
  return detail.filter(isRecord).map((field) => ({
    loc: Array.isArray(field.loc) ? field.loc.flat(2).filter((part): part is string | number => typeof part === 'string' || typeof part === 'number') : [],
    msg: text(field.msg) ?? 'This value is not valid.',
    type: text(field.type) ?? '',
  }));
}

function readDecision(value: unknown): Decision | undefined {
  if (!isRecord(value) || !Array.isArray(value.steps)) return undefined;
  const steps = value.steps.filter(isRecord).map((step): DecisionStep => ({
    step: text(step.step) ?? '',
    outcome: step.outcome === 'passed' || step.outcome === 'stopped' ? step.outcome : 'not_reached',
    text: text(step.text) ?? '',
  }));
  const missing = Array.isArray(value.missing_scopes) ? value.missing_scopes.filter((scope) => typeof scope === 'string') : [];
  return { steps, missing_scopes: missing, help: text(value.help) };
}

/** Makes a ProblemError of the body of an answer; a body that is no problem+json gives one with a plain sentence. */
export function problemFrom(status: number, body: unknown, retryAfter: string | null = null): ProblemError {
  const problem = isRecord(body) ? body : {};
  const fields = readFields(problem.detail);
  const detail = text(problem.detail) ?? fields.map((field) => field.msg).join(' ');
  const seconds = Number.parseInt(retryAfter ?? '', 10);
  return new ProblemError(
    status,
    text(problem.title) ?? fallbackTitle(status),
    detail === '' ? fallbackTitle(status) : detail,
    fields,
    text(problem.request_id),
    readDecision(problem.decision),
    Number.isNaN(seconds) ? undefined : seconds,
  );
}

function fallbackTitle(status: number): string {
  if (status >= 500) return `The server could not do this (${status}).`;
  return `The server did not accept this (${status}).`;
}

/** Parses a text that should be JSON; anything else is `undefined`. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
