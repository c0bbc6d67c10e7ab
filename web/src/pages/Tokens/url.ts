import type { TokensShow } from '../../api/queries/tokens';
import { choiceParam, textParam } from '../../urlState';

export interface TokensSearch {
  show?: TokensShow;
  /** Id of the token whose details are open. */
  token?: string;
}

export function readTokensSearch(values: Record<string, unknown>): TokensSearch {
  return { show: choiceParam(values, 'show', ['ended'] as const), token: textParam(values, 'token') };
}
