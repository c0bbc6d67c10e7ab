import type { AuditFilter } from '../../api/types';
import { choiceParam, textParam } from '../../urlState';

export const outcomes = ['allowed', 'denied', 'failed'] as const;

export interface AuditSearch {
  who?: string;
  credential?: string;
  operation?: string;
  outcome?: (typeof outcomes)[number];
  kind?: string;
  /** Days such as 2026-11-21, both inside. */
  from?: string;
  to?: string;
}

const dayParam = (values: Record<string, unknown>, name: string): string | undefined => {
  const day = textParam(values, name);
  return day !== undefined && /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day)) ? day : undefined;
};

export function readAuditSearch(values: Record<string, unknown>): AuditSearch {
  return {
    who: textParam(values, 'who'),
    credential: textParam(values, 'credential'),
    operation: textParam(values, 'operation'),
    outcome: choiceParam(values, 'outcome', outcomes),
    kind: textParam(values, 'kind'),
    from: dayParam(values, 'from'),
    to: dayParam(values, 'to'),
  };
}

/** The start of a day in the zone of the browser, some days later. */
function startOf(day: string, later = 0): string {
  const start = new Date(`${day}T00:00:00`);
  start.setDate(start.getDate() + later);
  return start.toISOString();
}

/** The filter as the server takes it: from the first moment of a day to the last one of another. */
export function filterOf({ from, to, ...rest }: AuditSearch): AuditFilter {
  const filter = { ...rest, from: from === undefined ? undefined : startOf(from), to: to === undefined ? undefined : startOf(to, 1) };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
