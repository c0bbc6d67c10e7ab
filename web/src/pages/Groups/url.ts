import type { GroupsShow } from '../../api/queries/groups';
import { choiceParam, textParam } from '../../urlState';

export interface GroupsSearch {
  show?: Exclude<GroupsShow, 'mine'>;
  q?: string;
}

export function readGroupsSearch(values: Record<string, unknown>): GroupsSearch {
  return { show: choiceParam(values, 'show', ['all'] as const), q: textParam(values, 'q') };
}
