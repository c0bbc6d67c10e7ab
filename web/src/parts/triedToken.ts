import type { Scope, TokenPreview } from '../api/types';
import { becauseRights, tagWords, tryWords as words } from '../messages/tokenLimits';

export interface TriedGroup {
  title: string;
  /** What can be called, or not, in the words of the server. */
  things: string[];
}

/** What a token could do, by what it is about, and what it could not, by the reason. */
export function groupTried(preview: TokenPreview, chosen: string[], catalogue: Scope[]): { can: TriedGroup[]; cannot: TriedGroup[] } {
  const can = new Map<string, string[]>();
  const cannot = new Map<string, string[]>();
  const add = (to: Map<string, string[]>, title: string, thing: string): void => {
    to.set(title, [...(to.get(title) ?? []), thing]);
  };
  for (const one of preview.operations) {
    if (one.allowed) add(can, tagWords(one.tag), one.summary);
    else add(cannot, reason(one, chosen, catalogue), one.summary);
  }
  return { can: groups(can), cannot: groups(cannot) };
}

const groups = (all: Map<string, string[]>): TriedGroup[] => [...all].map(([title, things]) => ({ title, things }));

/** Missing rights are told by their names in words; every other refusal is the sentence that the bearer would read. */
function reason({ step, why, scopes }: TokenPreview['operations'][number], chosen: string[], catalogue: Scope[]): string {
  if (step !== 'scopes') return why ?? words.refused;
  const missing = scopes.filter((scope) => !chosen.includes(scope));
  if (missing.length === 0) return why ?? words.refused;
  if (missing.some((scope) => catalogue.some((known) => known.scope === scope && !known.pat_allowed))) return words.neverForTokens;
  return becauseRights(missing);
}
