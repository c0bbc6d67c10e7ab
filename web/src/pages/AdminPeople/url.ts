import type { PeopleShow } from '../../api/queries/people';
import { choiceParam, textParam } from '../../urlState';

export interface PeopleSearch {
  show?: Exclude<PeopleShow, 'all'>;
  q?: string;
}

export function readPeopleSearch(values: Record<string, unknown>): PeopleSearch {
  return { show: choiceParam(values, 'show', ['active', 'invited', 'disabled', 'admin'] as const), q: textParam(values, 'q') };
}
