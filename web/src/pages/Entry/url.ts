import { choiceParam, textParam } from '../../urlState';

export interface EntrySearch {
  tab?: 'overview' | 'archive' | 'files';
  /** The chosen place in the archive, e.g. data/steps/0. */
  path?: string;
}

export function readEntrySearch(values: Record<string, unknown>): EntrySearch {
  return { tab: choiceParam(values, 'tab', ['overview', 'archive', 'files'] as const), path: textParam(values, 'path') };
}
