import type { UploadsShow } from '../../api/queries/uploads';
import { choiceParam, textParam } from '../../urlState';

export interface UploadsSearch {
  show?: UploadsShow;
  q?: string;
}

const shows = ['shared', 'published', 'attention'] as const;

export function readUploadsSearch(values: Record<string, unknown>): UploadsSearch {
  return { show: choiceParam(values, 'show', shows), q: textParam(values, 'q') };
}
