import type { TokensShow } from '../../api/queries/tokens';
import { choiceParam } from '../../urlState';

export interface TokensSearch {
  show?: TokensShow;
}

export function readTokensSearch(values: Record<string, unknown>): TokensSearch {
  return { show: choiceParam(values, 'show', ['ended'] as const) };
}
